"""W11: where the time of the slowest experiments goes: compiling, training, measuring.

    python -m benchmarks.w11_where_time_goes

Two networks of a population of each, one a device, at laptop scale: the whole training, first with its measures, then without. The first call of either compiles and
is timed too. A share is of the time of a whole chunk of networks, which compiles once.
"""

import dataclasses
import gc
from collections.abc import Callable, Iterator

import jax

import byheart as bh
from benchmarks import common
from byheart.experiments.capacity import Capacity
from byheart.experiments.convergence import Convergence
from byheart.experiments.experiment import DataFacts, Experiment
from byheart.experiments.patterns_first import PatternsFirst
from byheart.experiments.regularization import Regularization
from byheart.layout import layout_for
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


def seconds(sweep: Sweep, split: bh.Split) -> tuple[float, float]:
    """(the first call, which compiles; the second) of training two networks."""
    two = dataclasses.replace(sweep, members=sweep.members[:2])
    population = bh.Population(two, split)

    def train() -> None:
        jax.block_until_ready(population.train(two.members).networks)

    return common.timed(train), common.timed(train)


def main() -> None:
    """The table."""
    bh.use_all_cores()
    rows = []
    for experiment, data, sweep, split in populations():
        (chunk, *_) = sweep.chunk_sizes(split, layout_for(len(sweep.members)))
        first, whole = seconds(sweep, split)
        bare = dataclasses.replace(sweep, measures=(), final_measures=(), measured_epochs=None)
        _, training = seconds(bare, split)
        gc.collect()
        of_chunk = first - whole + whole * chunk / 2
        named = " + ".join(type(one).__name__ for one in sweep.recipe.regularizers)
        rows.append(
            {"experiment": f"{experiment}, {data}", "population": f"{sweep.recipe.architecture} {named}", "chunk": chunk,
             "compiling, s": first - whole, "two networks, s": whole, "of that training, s": training,
             "compiling, share": (first - whole) / of_chunk, "training, share": training * chunk / 2 / of_chunk,
             "measuring, share": (whole - training) * chunk / 2 / of_chunk}
        )  # fmt: skip
        common.say(str(rows[-1]))
    common.report("w11_where_time_goes", {"scale": "laptop", "networks": 2}, {"Where time goes": rows})


if __name__ == "__main__":
    main()
