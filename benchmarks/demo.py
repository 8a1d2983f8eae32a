"""The demo: seconds of `byheart reproduce --scale tiny`, with no compiled programs kept, and with all kept.

    python -m benchmarks.demo [--before FOLDER] [--rounds 1]

Each run is a new process. Versions run in turn; FOLDER is a checkout of another version. `expected` is the time that
the command announces before it starts; `programs` counts those that JAX compiled, or loaded where they were kept. The
goal is at most 0.4 of the time before.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import common

COMMAND = [sys.executable, "-m", "byheart", "reproduce", "--scale", "tiny"]
UNITS = {"h": 3600, "min": 60, "s": 1}
_COMPILED = re.compile(r"Finished XLA compilation of")
_EXPECTED = re.compile(r"expect about ((?:\d+ (?:h|min|s) ?)+)")


def run(folder: Path, kept: Path) -> dict[str, float]:
    """Run the demo with the byheart in `folder`; return seconds on the clock and of the processor, and as announced."""
    with tempfile.TemporaryDirectory() as out:
        begun = time.monotonic()
        process = subprocess.Popen(
            [*COMMAND, "--out", out],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,  # Python looks there first.
            env=os.environ | {"BYHEART_CACHE": str(kept), "JAX_LOG_COMPILES": "1"},
        )
        assert process.stderr is not None
        said = process.stderr.read()
        _, _, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
    found = _EXPECTED.search(said)
    expected = found and sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+) (h|min|s)", found[1]))
    return {
        "s": seconds,
        "processor s": used.ru_utime + used.ru_stime,
        "expected, s": expected or float("nan"),
        "programs": len(_COMPILED.findall(said)),
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="folder of another version")
    parser.add_argument("--rounds", type=int, default=1, help="rounds in turn")
    arguments = parser.parse_args()
    folders = ({"before": arguments.before} if arguments.before else {}) | {"now": Path(__file__).parents[1]}
    rows = []
    for _ in range(arguments.rounds):
        for version, folder in folders.items():
            with tempfile.TemporaryDirectory() as kept:
                for kept_before in ("none", "all"):
                    rows.append({"version": version, "kept before": kept_before, **run(folder, Path(kept))})
                    common.say(str(rows[-1]))
    common.report("demo", {"rounds": arguments.rounds}, {"Demo": rows})


if __name__ == "__main__":
    main()
