"""W11: where the time of the slowest experiments goes: compiling, training, measuring.

    python -m benchmarks.w11_where_time_goes

Two networks of a population of each experiment, one per device, at laptop scale: the whole training with its measures;
with measures that see `MOST_AT_ONCE` images at a time, whatever the cache; and without measures. Programs are compiled
before. A share is that of the time of a whole chunk of networks, which compiles once.
"""

import argparse
import dataclasses
import sys
from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr

import byheart as bh
from benchmarks import common
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.networks import blocks
from byheart.paper.capacity.experiment import Capacity
from byheart.paper.convergence.experiment import Convergence
from byheart.paper.patterns_first.experiment import PatternsFirst
from byheart.paper.regularization.experiment import Regularization
from byheart.populations.grid import GridSweep
from byheart.populations.sweep import PopulationSweep

SLOWEST: tuple[tuple[str, type[Experiment], Callable[[PopulationSweep], bool]], ...] = (
    ("cifar10", Regularization, lambda sweep: len(sweep.recipe.regularizers) == 1),
    ("cifar10", Regularization, lambda sweep: len(sweep.recipe.regularizers) == 2),
    ("cifar10", PatternsFirst, lambda sweep: True),
    ("cifar10", Capacity, lambda sweep: sweep.recipe.architecture.width == 2048),
    ("mnist", Convergence, lambda sweep: sweep.recipe.architecture.width == 2048),
)
"""Data, experiment, and index of its population."""


def populations() -> Iterator[tuple[str, str, PopulationSweep, bh.Split]]:
    """Return (experiment, data, one of its populations, the data it uses)."""
    for data, kind, is_wanted in SLOWEST:
        split = bh.load(data)
        experiment = kind.for_scale("laptop", DataSummary.of(split))
        sweep = experiment.sweep()
        parts = sweep.parts if isinstance(sweep, GridSweep) else (sweep,)
        part = next(part for part in parts if is_wanted(part))
        yield experiment.name, data, part, experiment.select(split)


def two_networks(sweep: PopulationSweep, split: bh.Split, cache_bytes: int) -> Callable[[int], xr.Dataset]:
    """Train the sweep's first two networks in a separate process, and return the measurements.

    A process of its own, since JAX would otherwise reuse what it traced for another `cache_bytes`.
    """
    bh.use_all_cores()
    blocks.CACHE_BYTES = cache_bytes
    members = sweep.members[:2]
    population = bh.Population(dataclasses.replace(sweep, members=members), split)
    return lambda number: population.train(members).trace


def row(sweep: PopulationSweep, split: bh.Split, rounds: int) -> dict[str, object]:
    """Return the row of one population."""
    (chunk, *_) = sweep.chunk_sizes(split)
    bare = dataclasses.replace(sweep, measures=(), final_measures=(), measured_epochs=None)
    methods = {
        "whole": common.Worker(two_networks, sweep, split, blocks.CACHE_BYTES),
        "at most": common.Worker(two_networks, sweep, split, sys.maxsize),
        "training": common.Worker(two_networks, bare, split, blocks.CACHE_BYTES),
    }
    with_compiling = {name: common.timed(method, 0) for name, method in methods.items()}
    traces = [methods[name](0) for name in ("whole", "at most")]
    seconds = {name: taken.least for name, taken in common.interleaved(methods, rounds).items()}
    for method in methods.values():
        method.close()
    compiling = with_compiling["whole"] - seconds["whole"]
    of_chunk = compiling + seconds["whole"] * chunk / 2
    return {
        "chunk": chunk,
        "compiling, s": compiling,
        "two networks, s": seconds["whole"],
        f"with {blocks.MOST_AT_ONCE} images at a time, s": seconds["at most"],
        "without measures, s": seconds["training"],
        "compiling, share": compiling / of_chunk,
        "training, share": seconds["training"] * chunk / 2 / of_chunk,
        "measuring, share": (seconds["whole"] - seconds["training"]) * chunk / 2 / of_chunk,
        "numbers measured": sum(one.size for one in traces[0].values()),
        f"other with {blocks.MOST_AT_ONCE}": n_other(*traces),
    }


def n_other(one: xr.Dataset, other: xr.Dataset) -> int:
    """Return how many numbers differ."""
    return sum(int((~np.isclose(one[name], other[name], rtol=0, atol=0, equal_nan=True)).sum()) for name in one)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    bh.use_all_cores()  # Chunks are cut as in a run.
    rows = []
    for experiment, data, sweep, split in populations():
        named = " + ".join(type(one).__name__ for one in sweep.recipe.regularizers)
        which = {"experiment": f"{experiment}, {data}", "population": f"{sweep.recipe.architecture} {named}"}
        rows.append(which | row(sweep, split, arguments.rounds))
        common.say(str(rows[-1]))
    common.report("w11_where_time_goes", {"scale": "laptop", "networks": 2}, {"Where time goes": rows})


if __name__ == "__main__":
    main()
