"""Seconds of each experiment of the paper, another version and this one in turn, beside the floor.

    BYHEART_DATA=folder python -m benchmarks.experiments --before FOLDER [--scale laptop] [--seeds 1] [--only NAME ...]

FOLDER is a checkout of the other version. Each run is a new process, `byheart run NAME --data DATA --scale SCALE
--seeds N`, with no programs kept; its seconds include start, compiling, drawing and the report. Floors are those of
`benchmarks.floors` for as many seeds: operations, divided by the speed of one large matrix product. Networks of
`convergence` stop when they fit their data, so it has no floor. Experiments with the most operations come first, and
the table is written after each.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import common
from benchmarks.floors import planned_operations

STOPS_EARLY = "convergence"


def main() -> None:
    """Measure in turn, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True, help="folder of another version")
    parser.add_argument("--scale", choices=("tiny", "laptop"), default="laptop")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=None, metavar="NAME", help="names of experiments")
    chosen = parser.parse_args()
    peaks = common.matrix_peak()
    folders = {"before": chosen.before, "now": Path(__file__).parents[1]}
    planned = planned_operations(chosen.scale, chosen.seeds)
    rows = []
    for (data, name), (networks, operations) in sorted(planned.items(), key=lambda one: -one[1][1]):
        if chosen.only is not None and name not in chosen.only:
            continue
        floor = math.nan if name == STOPS_EARLY else operations / max(peaks.values()) / 1e9
        row = {"data": data, "experiment": name, "networks": networks, "TFLOP": operations / 1e12, "floor, s": floor}
        for version, folder in folders.items():
            seconds, used = run(folder, name, data, chosen.scale, chosen.seeds)
            row |= {f"{version}, s": seconds, f"{version}, processor s": used}
        rows.append(row | {"now / before": row["now, s"] / row["before, s"]})
        settings = {common.PEAK: peaks, "seeds": chosen.seeds}
        common.report(f"experiments_{chosen.scale}", settings, {"Experiments": rows})


def run(folder: Path, name: str, data: str, scale: str, seeds: int) -> tuple[float, float]:
    """Run an experiment with the byheart in `folder`; return its seconds, on the clock and of the processor."""
    with tempfile.TemporaryDirectory() as out:
        words = ["run", name, "--data", data, "--scale", scale, "--seeds", str(seeds)]
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "byheart", *words, "--out", f"{out}/run"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,  # Python looks there first.
            env=os.environ | {"BYHEART_CACHE": "off"},
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
    if status:
        raise RuntimeError(f"`byheart {' '.join(words)}` of {folder} failed.")
    return seconds, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
