"""W7: how training time grows with members, examples, width and epochs, against the estimate of `training_cost`.

    python -m benchmarks.w7_cost              measures; writes results/w7_cost.json and docs/figures/cost.png
    python -m benchmarks.w7_cost --scaling    prints the tables of docs/scaling.md; measures nothing

Each size is varied alone over a factor of 16. The time covers initialization and training of populations of MLPs,
compiled before; the fastest of several interleaved rounds counts. The claim: time grows no faster than the work, which
is the operations that `training_cost` counts. A slope is that of a straight line through the logarithms, with its 95 %
interval (Student's t). Time grows faster than the work if the whole interval of its slope against operations lies above
1. Estimated seconds are `training_cost(...).seconds(CPU_CORE)` divided by the number of cores.
"""

import argparse
import dataclasses
import heapq
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import jax
import matplotlib.pyplot as plt
import numpy as np
import scipy.stats

import byheart as bh
from benchmarks import common
from byheart.drawing.style import PANEL_SIZE, styled
from byheart.experiments.data_summary import DataSummary
from byheart.paper.capacity.experiment import Capacity
from byheart.paper.convergence.experiment import Convergence
from byheart.populations.chunk_size import MEMBERS_ON_AN_ACCELERATOR, SHARE_OF_MEMORY
from byheart.training.cost import CPU_CORE, H100, Cost, training_cost
from byheart.training.memory import bytes_for

IMAGE_SHAPE, N_CLASSES = (28, 28, 1), 10
FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "cost.png"


@dataclasses.dataclass(frozen=True)
class Size:
    """A population of MLPs 784-width-width-10 that trains with minibatches of 50."""

    members: int = 8
    examples: int = 2000
    width: int = 64
    epochs: int = 2

    @property
    def recipe(self) -> bh.Recipe:
        """The recipe of its members."""
        return bh.Recipe(bh.MLP((self.width, self.width)), bh.SGD(0.1), batch_size=50, epochs=self.epochs)

    @property
    def cost(self) -> Cost:
        """The cost of all members."""
        return training_cost(self.recipe, self.examples, IMAGE_SHAPE, N_CLASSES) * self.members


VARIED = {
    "members": (8, 16, 32, 64, 128),
    "examples": (2000, 4000, 8000, 16_000, 32_000),
    "width": (32, 64, 128, 256, 512),
    "epochs": (2, 4, 8, 16, 32),
}
SIZES = {(what, n): dataclasses.replace(Size(), **{what: n}) for what, values in VARIED.items() for n in values}


def training(size: Size) -> Callable[[int], object]:
    """Train the population, after a first call that compiles."""
    split = common.images("mnist", training=size.examples, validation=10)
    sweep = bh.PopulationSweep(size.recipe, tuple(bh.grid(seed=range(size.members))))
    population = bh.Population(sweep, split)

    def method(number: int) -> None:
        jax.block_until_ready(population.train(sweep.members).networks)

    method(0)
    return method


def slope(x: Sequence[float], seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return the slope of the line through the logarithms, by least squares, and its 95 % interval."""
    line = scipy.stats.linregress(np.log(x), np.log(seconds))
    half = scipy.stats.t.ppf(0.975, len(x) - 2) * line.stderr
    return line.slope, line.slope - half, line.slope + half


def slopes(seconds: dict[Size, float]) -> list[dict[str, object]]:
    """Return rows: how seconds grow with each size and with operations."""
    rows: list[dict[str, object]] = []
    for what, values in VARIED.items():
        sizes = [SIZES[what, n] for n in values]
        times, work = [seconds[size] for size in sizes], [size.cost.operations for size in sizes]
        of_work, low, high = slope(work, times)
        rows.append(
            {
                "varied": f"{what}, {values[0]:,} to {values[-1]:,}",
                "s": f"{times[0]:.3f} to {times[-1]:.3f}",
                "slope": f"{slope(values, times)[0]:.2f}",
                "slope against operations": f"{of_work:.2f} [{low:.2f}, {high:.2f}]",
                "of the last doubling, against operations": f"{slope(work[-2:], times[-2:])[0]:.2f}",
                "faster than its work": "yes" if low > 1 else "no",
            }
        )
    return rows


def estimates(seconds: dict[Size, float]) -> list[dict[str, object]]:
    """Return rows: measured and estimated seconds."""
    return [
        {
            "varied": f"{what} {n:,}",
            "GFLOP": SIZES[what, n].cost.operations / 1e9,
            "measured, s": seconds[SIZES[what, n]],
            "estimated, s": estimated(SIZES[what, n]),
            "measured over estimated": seconds[SIZES[what, n]] / estimated(SIZES[what, n]),
        }
        for what, n in SIZES
    ]


def estimated(size: Size) -> float:
    """Return the estimated seconds on all cores."""
    return size.cost.seconds(CPU_CORE) / jax.local_device_count()


def draw(seconds: dict[Size, float]) -> None:
    """Write the figure of both tables."""
    width, height = PANEL_SIZE
    with styled("cost"):
        figure, (growth, match) = plt.subplots(1, 2, figsize=(2 * width, height), layout="constrained")
        for what, values in VARIED.items():
            sizes = [SIZES[what, n] for n in values]
            times = [seconds[size] for size in sizes]
            growth.loglog([size.cost.operations / 1e9 for size in sizes], times, "o-", markersize=4, label=what)
            match.loglog([estimated(size) for size in sizes], times, "o", markersize=4, label=what)
        work = {size: size.cost.operations / 1e9 for size in seconds}
        ends = np.array([min(work.values()), max(work.values())])
        growth.loglog(ends, seconds[Size()] / work[Size()] * ends, ":", color="gray", zorder=0, label="in proportion")
        ends = np.array([min(map(estimated, seconds)), max(map(estimated, seconds))])
        match.loglog(ends, ends, ":", color="gray", zorder=0, label="as estimated")
        growth.set(title="Time and work", xlabel="operations, GFLOP", ylabel="measured, s")
        match.set(title="Time and estimate", xlabel="estimated, s", ylabel="measured, s")
        for axis in (growth, match):
            axis.legend()
        figure.savefig(FIGURE, dpi=200)
        plt.close(figure)


def measure(rounds: int) -> None:
    """Measure, print, store and draw."""
    bh.use_all_cores()
    sizes = list(dict.fromkeys(SIZES.values()))
    times = common.interleaved({str(size): training(size) for size in sizes}, rounds)
    seconds = {size: times[str(size)].least for size in sizes}
    settings = {
        "data": common.images("mnist", training=100, validation=10).name,
        "rounds": rounds,
        "batch_size": Size().recipe.batch_size,
        "where nothing is varied": dataclasses.asdict(Size()),
        "a core": dataclasses.asdict(CPU_CORE),
    }
    common.report("w7_cost", settings, {"Growth": slopes(seconds), "Estimates": estimates(seconds)})
    draw(seconds)


def grids() -> dict[str, Sequence[bh.PopulationSweep]]:
    """Return the grids of Figures 5 and 6 at paper scale, by recipe and part of the data."""
    facts = DataSummary("mnist", IMAGE_SHAPE, n_training=60_000, n_validation=10_000)
    return {kind.name: kind.for_scale("paper", facts).sweep().parts for kind in (Capacity, Convergence)}


def cost_of(part: bh.PopulationSweep) -> Cost:
    """Return the cost of one member that trains to the last epoch."""
    n_training = part.subset.size
    asked = 0 if part.stop_when is None else n_training
    return training_cost(part.recipe, n_training, IMAGE_SHAPE, N_CLASSES, classified_each_epoch=asked)


def bytes_on_gpu(part: bh.PopulationSweep) -> int:
    """Return the bytes reserved for each member that trains on a GPU."""
    return bytes_for(part.recipe, IMAGE_SHAPE, N_CLASSES, bh.Layout(n_devices=1, at_once=1), 1)


def fit(part: bh.PopulationSweep) -> int:
    """Return how many members train on one GPU at once."""
    return min(MEMBERS_ON_AN_ACCELERATOR, int(SHARE_OF_MEMORY * H100.memory_bytes // bytes_on_gpu(part)))


def sizes_of_chunks(part: bh.PopulationSweep, at_most: int) -> list[int]:
    """Return the members of each chunk, as by `chunk_size`: equal except the last."""
    n = len(part.members)
    size = -(-n // -(-n // at_most))
    return [size] * (n // size) + [n % size] * (n % size > 0)


def seconds_on_gpu(part: bh.PopulationSweep, members: int) -> float:
    """Return a GPU's seconds for so many members at once."""
    return members * cost_of(part).seconds(H100, at_once=members)


def days_on_machine(parts: Sequence[bh.PopulationSweep], n_gpus: int) -> float:
    """Return the days on one machine, which spreads each chunk over its GPUs, one chunk after another."""
    seconds = [
        seconds_on_gpu(part, -(-size // n_gpus)) for part in parts for size in sizes_of_chunks(part, n_gpus * fit(part))
    ]
    return sum(seconds) / 86_400


def days_on_cluster(parts: Sequence[bh.PopulationSweep], n_gpus: int, at_most: int) -> float:
    """Return the days on a cluster where each chunk is a task for one GPU.

    The longest chunks come first, each on the first free GPU.
    """
    chunks = [(part, size) for part in parts for size in sizes_of_chunks(part, min(at_most, fit(part)))]
    busy = [0.0] * n_gpus
    for seconds in sorted((seconds_on_gpu(*chunk) for chunk in chunks), reverse=True):
        heapq.heapreplace(busy, busy[0] + seconds)
    return max(busy) / 86_400


def one_network() -> list[dict[str, object]]:
    """Return rows: the cost of one network of each width, with all 50,000 examples."""
    rows: list[dict[str, object]] = []
    for part in grids()[Convergence.name]:
        if part.subset.size == 50_000:
            cost = cost_of(part)
            rows.append(
                {
                    "units a layer": part.recipe.architecture.width,
                    "PFLOP": cost.operations / 1e15,
                    "TB moved": cost.bytes_moved / 1e12,
                    "state, MB": cost.state_bytes / 1e6,
                    "memory, MB": bytes_on_gpu(part) / 1e6,
                    "fit on a GPU": fit(part),
                    "GPU-hours, alone": cost.seconds(H100) / 3600,
                    "GPU-hours, as many as fit": cost.seconds(H100, fit(part)) / 3600,
                    "core-hours": cost.seconds(CPU_CORE) / 3600,
                }
            )
    return rows


def whole_grids() -> list[dict[str, object]]:
    """Return rows: the cost of each experiment, and of both."""
    found = grids()
    rows: list[dict[str, object]] = []
    for name, parts in {**found, "both": [part for one in found.values() for part in one]}.items():
        costs = [cost_of(part) * len(part.members) for part in parts]
        rows.append(
            {
                "experiment": name,
                "networks": sum(len(part.members) for part in parts),
                "EFLOP": sum(cost.operations for cost in costs) / 1e18,
                "GPU-hours": 24 * days_on_machine(parts, 1),
                "days on 1 GPU": days_on_machine(parts, 1),
                "on a machine of 8": days_on_machine(parts, 8),
                "on 64, a chunk a task": days_on_cluster(parts, 64, MEMBERS_ON_AN_ACCELERATOR),
                "on 64, a network a task": days_on_cluster(parts, 64, 1),
                "years on 2 CPU cores": sum(cost.seconds(CPU_CORE) for cost in costs) / 2 / 86_400 / 365,
            }
        )
    return rows


def beside_others() -> list[dict[str, object]]:
    """Return rows: seconds in the stored results of other benchmarks, and the estimates for two cores."""

    def stored(name: str, table: str, row: str, column: str) -> float:
        tables = json.loads((common.RESULTS / f"{name}.json").read_text())["tables"]
        rows = next(rows for title, rows in tables.items() if title.startswith(table))
        return next(one[column] for one in rows if row in one.values())

    def case(title: str, measured: float, cost: Cost) -> dict[str, object]:
        estimate = cost.seconds(CPU_CORE) / 2
        ratio = measured / estimate
        return {"benchmark": title, "measured, s": measured, "estimated, s": estimate, "measured over estimated": ratio}

    def mlp(width: int, batch: int, examples: int, classified: int) -> Cost:
        recipe = bh.Recipe(bh.MLP((width, width)), batch_size=batch, epochs=1)
        return training_cost(recipe, examples, IMAGE_SHAPE, N_CLASSES, classified_each_epoch=classified)

    def cnn(channels: int, batch: int) -> Cost:
        optimizer = bh.SGD(0.01, momentum=0.9)
        recipe = bh.Recipe(bh.CNN((channels, channels)), optimizer, batch_size=batch, epochs=1)
        return training_cost(recipe, batch, (32, 32, 3), N_CLASSES)

    column = "ms a member and step"
    mlps = [
        case(
            f"W3: 100 x 784-{width}-{width}-10, an epoch of 5,000, minibatches of 32",
            100 * 156 * stored("w3_populations", f"100 x 784-{width}-{width}-10, batch 32", "byheart", column) / 1000,
            mlp(width, 32, 5000, 0) * 100,
        )
        for width in (256, 64)
    ]
    wide = [
        case(
            f"W6: two 784-4096-4096-10, an epoch of 10,000 and their classification, minibatches of {batch}",
            stored("w6_easy_examples", "An epoch", f"one on each core, batch {batch}", "s"),
            mlp(4096, batch, 10_000, 10_000) * 2,
        )
        for batch in (32, 128)
    ]
    column = "ms a network and step"
    cnns = [
        case(
            f"W4: a step of six CNNs with {channels} channels, minibatches of {batch}",
            6 * stored("w4_cnn_step", f"{channels} channels, batch {batch}, 6 networks", "byheart", column) / 1000,
            cnn(channels, batch) * 6,
        )
        for channels, batch in ((200, 128), (32, 128), (32, 64))
    ]
    return [*mlps, *wide, *cnns]


def main() -> None:
    """Measure, or print the tables of docs/scaling.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scaling", action="store_true", help="print the tables of docs/scaling.md")
    arguments = parser.parse_args()
    if not arguments.scaling:
        measure(arguments.rounds)
        return
    for rows in (one_network(), whole_grids(), beside_others()):
        print(f"\n{common.table(rows)}")


if __name__ == "__main__":
    main()
