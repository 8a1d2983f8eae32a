"""Start-up: processor seconds until help, the list of experiments or an error is printed, and of `import byheart`.

    python -m benchmarks.start_up [--before FOLDER] [--rounds 5]

Each row is a new process. The seconds are those of the processor, user and system; rounds are interleaved. The ratio is
to `import numpy` in the same rounds; the goal is at most 2 for all rows but the help of an experiment, which should
take at most half of what it took before. FOLDER is a checkout of another version, run in turn.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

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


def seconds_of(words: list[str], folder: Path) -> float:
    """Return the processor seconds of a new Python process with the byheart in `folder`."""
    process = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,  # Python looks there first.
    )
    _, _, used = os.wait4(process.pid, 0)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="folder of another version")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds")
    arguments = parser.parse_args()
    folders = ({"before": arguments.before} if arguments.before else {}) | {"now": Path(__file__).parents[1]}
    times = {(version, name): common.Seconds() for version in folders for name in COMMANDS}
    for number in range(arguments.rounds + 1):
        for (version, name), seconds in times.items():
            used = seconds_of(COMMANDS[name], folders[version])
            if number:  # The first round fills the file system's cache.
                seconds.append(used)
    base = times["now", BASE].median
    rows = [
        {
            "command": name,
            **{f"{version}, s": times[version, name].median for version in folders},
            **{f"{version}, times `import numpy`": times[version, name].median / base for version in folders},
        }
        for name in COMMANDS
    ]
    common.report("start_up", {"rounds": arguments.rounds}, {"Start-up": rows})


if __name__ == "__main__":
    main()
