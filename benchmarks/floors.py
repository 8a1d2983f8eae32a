"""Floors of `byheart reproduce --scale laptop`: operations of each experiment, divided by the machine's measured peak.

    BYHEART_DATA=folder python -m benchmarks.floors [DIRECTORY]

Operations are those of matrix products and convolutions, for training and measuring, as in the plan. Networks that stop
when they fit their data (`convergence`) count to the last epoch they may train, so their floor is too high. DIRECTORY
holds a finished run of the same settings on the same machine; the time of each experiment then stands beside its floor.
"""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import common
from byheart.paper.scales import Scale
from byheart.reproduction.reproduction import reproduction, stored_runs


def main() -> None:
    """Plan, measure the peak, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=Path)
    directory = parser.parse_args().directory
    peaks = common.matrix_peak()
    taken = {} if directory is None else seconds_of(directory)
    rows = rows_of(planned_operations(), max(peaks.values()), taken)
    common.report("floors", {common.PEAK: peaks}, {"Floors": rows})


def planned_operations(scale: Scale = "laptop", seeds: int | None = None) -> dict[tuple[str, str], tuple[int, float]]:
    """Return the networks and the operations of each experiment, by data and name; None takes the usual seeds."""
    data_dir = os.environ.get("BYHEART_DATA")
    with tempfile.TemporaryDirectory() as empty:
        planned = reproduction(Path(empty) / "run", scale, data_dir=data_dir, seeds=seeds, will_run=False)
    return {
        (run.record.facts.name, one.experiment.name): (
            sum(population.networks for population in one.populations),
            sum(population.operations for population in one.populations),
        )
        for run, plan in zip(planned.runs, planned.plans, strict=True)
        for one in plan
    }


def seconds_of(directory: Path) -> dict[tuple[str, str], float]:
    """Return the seconds of each stored experiment, by data and name."""
    return {
        (run.record.facts.name, chapter.part.experiment.name): float(chapter.results.attrs["seconds"])
        for run in stored_runs(directory)
        for chapter in run.chapters
    }


def rows_of(
    planned: dict[tuple[str, str], tuple[int, float]], peak: float, taken: dict[tuple[str, str], float]
) -> list[dict[str, object]]:
    """Return one row for each experiment, and one for all: the floor at `peak` GFLOP/s, and the time taken."""
    rows = []
    for (data, name), (networks, operations) in sorted(planned.items(), key=lambda item: -item[1][1]):
        rows.append(_row(f"{name}, {data}", networks, operations, peak, taken.get((data, name))))
    whole = sum(taken.values()) if taken.keys() >= planned.keys() else None
    n, operations = (sum(column) for column in zip(*planned.values(), strict=True))
    return [*rows, _row("all", int(n), operations, peak, whole)]


def _row(name: str, networks: int, operations: float, peak: float, seconds: float | None) -> dict[str, object]:
    floor = operations / peak / 1e9
    row: dict[str, object] = {"experiment": name, "networks": networks, "TFLOP": operations / 1e12, "floor, s": floor}
    return row if seconds is None else {**row, "s": seconds, "times the floor": seconds / floor}


if __name__ == "__main__":
    main()
