"""A plan: which populations a run trains, in what chunks, with how much memory, and for how long at least. Nothing is trained for it."""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any

import jax

from byheart.data.dataset import Split
from byheart.experiments.experiment import Experiment
from byheart.populations.chunk_size import MEMBERS_ON_AN_ACCELERATOR, SHARE_OF_MEMORY
from byheart.populations.grid import Sweeps
from byheart.populations.population import Sweep
from byheart.runs.record import Part
from byheart.runs.run import PreparedRun
from byheart.sweeps.layout import Layout, layout_for
from byheart.sweeps.protocol import Work
from byheart.training.cost import CPU_CORE, H100, Cost, training_cost
from byheart.training.memory import bytes_for
from byheart.training.recipe import Recipe
from byheart.unrolling.sweep import UnrolledProgram, UnrolledSweep


@dataclasses.dataclass(frozen=True)
class PlannedPopulation:
    """Networks that share a compiled program.

    Attributes:
        recipe: what they share: parts that can be read alone.
        chunks: networks in each chunk.
        chunk_bytes: memory of the largest chunk, by estimate, without the data, on all devices together.
        seconds: to train and measure them on this machine, by estimate; compiling comes on top, and of a search, whose length is unknown, all steps but one.
        seconds_on_h100: the same on one NVIDIA H100.
    """

    recipe: tuple[str, ...]
    chunks: tuple[int, ...]
    chunk_bytes: int
    seconds: float
    seconds_on_h100: float

    @property
    def networks(self) -> int:
        """How many there are."""
        return sum(self.chunks)


@dataclasses.dataclass(frozen=True)
class PlannedExperiment:
    """An experiment, and its populations."""

    experiment: Experiment
    populations: tuple[PlannedPopulation, ...]


@dataclasses.dataclass(frozen=True)
class Totals:
    """Of several populations.

    Attributes:
        networks, chunks: how many there are.
        chunk_bytes: memory of the largest chunk.
        seconds, seconds_on_h100: added up.
    """

    networks: int
    chunks: int
    chunk_bytes: int
    seconds: float
    seconds_on_h100: float

    @classmethod
    def of(cls, populations: Iterable[PlannedPopulation]) -> "Totals":
        """Those of `populations`."""
        listed = list(populations)
        return cls(
            networks=sum(one.networks for one in listed),
            chunks=sum(len(one.chunks) for one in listed),
            chunk_bytes=max((one.chunk_bytes for one in listed), default=0),
            seconds=math.fsum(one.seconds for one in listed),
            seconds_on_h100=math.fsum(one.seconds_on_h100 for one in listed),
        )


def plan_of(run: PreparedRun) -> tuple[PlannedExperiment, ...]:
    """The plan of a run, experiment after experiment."""
    return tuple(
        PlannedExperiment(part.experiment, _populations(part, split))
        for part, split in zip(run.record.parts, run.splits, strict=True)
    )


def _populations(part: Part, split: Split) -> tuple[PlannedPopulation, ...]:
    sweep = part.experiment.sweep()
    layout = layout_for(max(part.chunk_sizes))
    if isinstance(sweep, UnrolledSweep):
        return _unrolled(sweep, split, layout, part.chunk_sizes)
    if not isinstance(sweep, Sweep | Sweeps):
        raise TypeError(f"No plan can be made of {type(sweep).__name__}.")
    parts = sweep.parts if isinstance(sweep, Sweeps) else (sweep,)
    return tuple(_trained(one, split, layout, size) for one, size in zip(parts, part.chunk_sizes, strict=True))


def _trained(sweep: Sweep, split: Split, layout: Layout, size: int) -> PlannedPopulation:
    """Of one recipe."""
    recipe, shapes, cost = sweep.recipe, (split.image_shape, split.n_classes), sweep.cost(split)
    chunks, n_devices = _sizes(sweep.chunks([size])), len(layout.devices)
    on_gpu = _fitting_on_h100(recipe, *shapes)
    return PlannedPopulation(
        _recipe(recipe, sweep.n_training(split)),
        chunks,
        n_devices * bytes_for(recipe, *shapes, layout, layout.padded(max(chunks)) // n_devices),
        _seconds_here(cost, chunks, layout),
        sum(chunks) * cost.seconds(H100, at_once=min(sum(chunks), on_gpu)),
    )


def _unrolled(
    sweep: UnrolledSweep, split: Split, layout: Layout, sizes: Sequence[int]
) -> tuple[PlannedPopulation, ...]:
    """Of runs that are differentiated through.

    An adjoint that goes back through an update counts as an update with twice the operations; on a GPU those of a block share every operation.
    """
    program = UnrolledProgram(sweep, split, layout)
    found = []
    for unique in sorted({member.unique_classes for member in sweep.members}):
        chunks = _sizes(chunk for chunk in sweep.chunks(sizes) if chunk.members[0].unique_classes == unique)
        n_classes = len(split.training) if unique else split.n_classes
        recipe = Recipe(sweep.architecture, sweep.optimizer, sweep.batch_size, epochs=1)
        update = training_cost(recipe, sweep.batch_size, split.image_shape, n_classes)
        back = dataclasses.replace(update, operations=2 * update.operations) * program.adjoint_updates(unique)
        n_devices = len(layout.devices)
        found.append(
            PlannedPopulation(
                (
                    _short(sweep.architecture),
                    _short(sweep.optimizer),
                    f"batches of {sweep.batch_size}",
                    f"{sweep.horizon:,} updates, differentiated through",
                    f"{len(split.training):,} examples",
                    "one class an example" if unique else "true classes",
                ),
                chunks,
                n_devices * program.bytes_for(unique) * (layout.padded(max(chunks)) // n_devices),
                _seconds_here(back, chunks, layout),
                sum(chunks) * back.seconds(H100, at_once=program.adjoints_at_once(unique)),
            )
        )
    return tuple(found)


def _seconds_here(cost: Cost, chunks: Sequence[int], layout: Layout) -> float:
    """On this machine's devices, chunk after chunk: CPU cores as fast as `CPU_CORE`, others as fast as `H100`."""
    on_a_device = [layout.padded(n) // len(layout.devices) for n in chunks]
    if jax.default_backend() == "cpu":
        return sum(on_a_device) * cost.seconds(CPU_CORE)
    return math.fsum(n * cost.seconds(H100, at_once=n) for n in on_a_device)


def _fitting_on_h100(recipe: Recipe, image_shape: tuple[int, int, int], n_classes: int) -> int:
    """Networks that train at once on an H100."""
    each = bytes_for(recipe, image_shape, n_classes, Layout(1, at_once=1), 1)
    return max(1, min(MEMBERS_ON_AN_ACCELERATOR, int(SHARE_OF_MEMORY * H100.memory_bytes / each)))


def _sizes(chunks: Iterable[Work]) -> tuple[int, ...]:
    return tuple(len(chunk.members) for chunk in chunks)


def _recipe(recipe: Recipe, n_training: int) -> tuple[str, ...]:
    return (
        " with ".join([_short(recipe.architecture), *(type(one).__name__ for one in recipe.regularizers)]),
        _short(recipe.optimizer),
        f"batches of {recipe.batch_size}",
        f"{recipe.epochs:,} epochs" if recipe.epochs > 1 else "1 epoch",
        f"{n_training:,} examples",
    )


def _short(value: Any) -> str:
    """The `repr` of a setting without the fields that are as they are by default.

    >>> from byheart.training.recipe import SGD
    >>> _short(SGD(0.01, momentum=0.9))
    'SGD(0.01, momentum=0.9)'
    """
    first, *others = dataclasses.fields(value)
    changed = [one.name for one in others if getattr(value, one.name) != one.default]
    words = [repr(getattr(value, first.name)), *(f"{name}={getattr(value, name)!r}" for name in changed)]
    return f"{type(value).__name__}({', '.join(words)})"
