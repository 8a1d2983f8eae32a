"""Start-up: processor seconds until help, the list of experiments or an error is printed, and of `import byheart`.

    python -m benchmarks.start_up [--rounds 5]

Each row is a new process. The seconds are those of the processor, user and system; rounds are interleaved. The ratio is
to `import numpy` in the same rounds; the goal is at most 2 for all rows but the help of an experiment.
"""

import argparse
import os
import subprocess
import sys
import time

from benchmarks import common

BASE = "import numpy"
COMMANDS = {
    BASE: ["-c", "import numpy"],
    "import byheart": ["-c", "import byheart"],
    "byheart --version": ["-m", "byheart", "--version"],
    "byheart --help": ["-m", "byheart", "--help"],
    "byheart list": ["-m", "byheart", "list"],
    "byheart rum": ["-m", "byheart", "rum"],
    "byheart run capcity": ["-m", "byheart", "run", "capcity"],
    "byheart run capacity --data no.npz": ["-m", "byheart", "run", "capacity", "--data", "no.npz"],
    "byheart report no/such": ["-m", "byheart", "report", "no/such"],
    "byheart run --help": ["-m", "byheart", "run", "--help"],
    "byheart run capacity --help": ["-m", "byheart", "run", "capacity", "--help"],
}


def seconds_of(words: list[str]) -> tuple[float, float]:
    """Return processor seconds and wall seconds of a new Python process."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    return used.ru_utime + used.ru_stime, time.perf_counter() - start


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds")
    arguments = parser.parse_args()
    processor = {name: common.Seconds() for name in COMMANDS}
    wall = {name: common.Seconds() for name in COMMANDS}
    for number in range(arguments.rounds + 1):
        for name, words in COMMANDS.items():
            used, passed = seconds_of(words)
            if number:  # The first round fills the file system's cache.
                processor[name].append(used)
                wall[name].append(passed)
    rows = [
        {
            "command": name,
            "processor, s": used.median,
            "wall, s": wall[name].median,
            "times `import numpy`": used.median / processor[BASE].median,
        }
        for name, used in processor.items()
    ]
    common.report("start_up", {"rounds": arguments.rounds}, {"Start-up": rows})


if __name__ == "__main__":
    main()
