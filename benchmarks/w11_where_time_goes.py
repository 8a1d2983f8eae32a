"""W11: where the time of the slowest experiments goes: compiling, training, measuring.

    python -m benchmarks.w11_where_time_goes

Two networks of a population of each, one a device, at laptop scale: the whole training, with its measures, with measures that look at `MOST_AT_ONCE` images at a time whatever the
cache, and without any. Each is compiled before. A share is of the time of a whole chunk of networks, which compiles once.
"""

import argparse
import dataclasses
import gc
import sys
from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr

import byheart as bh
from benchmarks import common
from byheart.experiments.capacity import Capacity
from byheart.experiments.convergence import Convergence
from byheart.experiments.experiment import DataFacts, Experiment
from byheart.experiments.patterns_first import PatternsFirst
from byheart.experiments.regularization import Regularization
from byheart.layout import layout_for
from byheart.measures import blocks
from byheart.training.population import Sweep
from byheart.training.sweeps import Sweeps

SLOWEST: tuple[tuple[str, type[Experiment], Callable[[Sweep], bool]], ...] = (
    ("cifar10", Regularization, lambda sweep: len(sweep.recipe.regularizers) == 1),
    ("cifar10", Regularization, lambda sweep: len(sweep.recipe.regularizers) == 2),
    ("cifar10", PatternsFirst, lambda sweep: True),
    ("cifar10", Capacity, lambda sweep: sweep.recipe.architecture.width == 2048),
    ("mnist", Convergence, lambda sweep: sweep.recipe.architecture.width == 2048),
)
"""Data, experiment, and which of its populations."""


def populations() -> Iterator[tuple[str, str, Sweep, bh.Split]]:
    """(experiment, data, one of its populations, the data it uses)."""
    for data, kind, is_wanted in SLOWEST:
        split = bh.load(data)
        experiment = kind.at("laptop", DataFacts.of(split))
        sweep = experiment.sweep()
        parts = sweep.parts if isinstance(sweep, Sweeps) else (sweep,)
        part = next(part for part in parts if is_wanted(part))
        yield experiment.name, data, part, experiment.used(split)


class TwoNetworks:
    """Trains and measures the first two members of a sweep, again and again.

    Attributes:
        compiling: seconds by which the first call, which compiles, took longer than the second.
        trace: of the last call.
    """

    def __init__(self, sweep: Sweep, split: bh.Split, cache_bytes: int = blocks.CACHE_BYTES) -> None:
        self._members = sweep.members[:2]
        self._population = bh.Population(dataclasses.replace(sweep, members=self._members), split)
        self.trace = xr.Dataset()
        declared, blocks.CACHE_BYTES = blocks.CACHE_BYTES, cache_bytes  # Read when the program is traced.
        first = common.timed(self, 0)
        blocks.CACHE_BYTES = declared
        self.compiling = first - common.timed(self, 0)

    def __call__(self, number: int) -> None:
        """Once more."""
        del number
        self.trace = self._population.train(self._members).trace


def row(sweep: Sweep, split: bh.Split, rounds: int) -> dict[str, object]:
    """Of one population."""
    (chunk, *_) = sweep.chunk_sizes(split, layout_for(len(sweep.members)))
    bare = dataclasses.replace(sweep, measures=(), final_measures=(), measured_epochs=None)
    whole, at_most = TwoNetworks(sweep, split), TwoNetworks(sweep, split, sys.maxsize)
    methods = {"whole": whole, "at most": at_most, "training": TwoNetworks(bare, split)}
    seconds = {name: taken.least for name, taken in common.interleaved(methods, rounds).items()}
    of_chunk = whole.compiling + seconds["whole"] * chunk / 2
    return {
        "chunk": chunk,
        "compiling, s": whole.compiling,
        "two networks, s": seconds["whole"],
        f"with {blocks.MOST_AT_ONCE} images at a time, s": seconds["at most"],
        "without measures, s": seconds["training"],
        "compiling, share": whole.compiling / of_chunk,
        "training, share": seconds["training"] * chunk / 2 / of_chunk,
        "measuring, share": (seconds["whole"] - seconds["training"]) * chunk / 2 / of_chunk,
        "numbers measured": sum(one.size for one in whole.trace.values()),
        f"other with {blocks.MOST_AT_ONCE}": n_other(whole.trace, at_most.trace),
    }


def n_other(one: xr.Dataset, other: xr.Dataset) -> int:
    """How many numbers differ."""
    return sum(int((~np.isclose(one[name], other[name], rtol=0, atol=0, equal_nan=True)).sum()) for name in one)


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    bh.use_all_cores()
    rows = []
    for experiment, data, sweep, split in populations():
        named = " + ".join(type(one).__name__ for one in sweep.recipe.regularizers)
        which = {"experiment": f"{experiment}, {data}", "population": f"{sweep.recipe.architecture} {named}"}
        rows.append(which | row(sweep, split, arguments.rounds))
        common.say(str(rows[-1]))
        gc.collect()
    common.report("w11_where_time_goes", {"scale": "laptop", "networks": 2}, {"Where time goes": rows})


if __name__ == "__main__":
    main()
