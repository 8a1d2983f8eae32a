"""Two versions of byheart in turn: its own methods of W1 to W8 and W10, without peers.

    BYHEART_DATA=folder python -m benchmarks.versions BEFORE [--only W3 W4] [--rounds 7]

BEFORE is a folder with a checkout of the other version. Each version runs each workload in a process of its own
(`version_workloads.py`), which stays for all rounds. The first round compiles and does not count. Rounds alternate, and
so does the version that begins. The goal is a ratio of medians of at most 1.05.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import common
from benchmarks.version_workloads import WORKLOADS

HERE = Path(__file__).parent


class Version:
    """A checkout, and the process that runs a workload with it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, str(HERE / "version_workloads.py")]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(folder.resolve())},
        )

    def seconds(self, name: str, number: int) -> float:
        """Run a round of a workload; return its seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{name}\t{number}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def row_of(name: str, folders: dict[str, Path], rounds: int) -> dict[str, object]:
    """Return the row of a workload."""
    versions = {version: Version(folder) for version, folder in folders.items()}
    times = {version: common.Seconds() for version in versions}
    for number in range(rounds + 1):
        for version in list(versions)[:: 1 if number % 2 else -1]:
            seconds = versions[version].seconds(name, number)
            if number:
                times[version].append(seconds)
    for one in versions.values():
        one.close()
    pairs = sorted(now / before for before, now in zip(times["before"], times["now"], strict=True))
    return {
        "workload": name,
        "before, s": times["before"].median,
        "now, s": times["now"].median,
        "ratio of medians": times["now"].median / times["before"].median,
        "pairs": f"{pairs[0]:.2f} to {pairs[-1]:.2f}",
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="folder of the other version")
    parser.add_argument("--only", nargs="+", default=[""], help="beginnings of the names of workloads")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    folders = {"before": arguments.before, "now": HERE.parent}
    commits = {
        version: subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
        ).stdout.strip()
        for version, folder in folders.items()
    }
    rows = []
    for name in WORKLOADS:
        if name.startswith(tuple(arguments.only)):
            rows.append(row_of(name, folders, arguments.rounds))
            common.say(str(rows[-1]))
    common.report("versions", {"rounds": arguments.rounds, "commits": commits}, {"Before and now": rows})


if __name__ == "__main__":
    main()
