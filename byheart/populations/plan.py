"""Estimated memory and time of a population's chunks, on this machine and on an H100."""

from collections.abc import Sequence

from byheart.inputs import InputShape
from byheart.populations.chunk_size import MEMBERS_ON_AN_ACCELERATOR, SHARE_OF_MEMORY
from byheart.sweeps.layout import Layout
from byheart.sweeps.plan import PlannedPopulation, short_repr
from byheart.training.cost import H100, Cost, seconds_here
from byheart.training.memory import bytes_for
from byheart.training.recipe import Recipe

SECONDS_TO_COMPILE = 5.0
"""Of the programs of a population on one core, measured for MLPs; several programs are compiled at the same time."""
Shapes = tuple[InputShape, int]
"""(shape of inputs, number of classes)."""


def planned_population(
    recipe: Recipe, n_training: int, shapes: Shapes, cost: Cost, chunks: Sequence[int], layout: Layout
) -> PlannedPopulation:
    """Return the estimated memory and time of networks of one recipe.

    Args:
        recipe: the recipe of all networks.
        n_training: number of training examples.
        shapes: (shape of inputs, number of classes).
        cost: cost of training and measuring one network.
        chunks: number of networks in each chunk.
        layout: distribution of a chunk over local devices.
    """
    n_devices = len(layout.devices)
    return PlannedPopulation(
        _in_words(recipe, n_training),
        tuple(chunks),
        n_devices * bytes_for(recipe, *shapes, layout, layout.padded(max(chunks)) // n_devices),
        seconds_here(cost, [layout.padded(n) // n_devices for n in chunks]),
        sum(chunks) * cost.seconds(H100, at_once=min(sum(chunks), _fitting_on_h100(recipe, *shapes))),
        SECONDS_TO_COMPILE / n_devices,
        sum(chunks) * cost.operations,
    )


def _fitting_on_h100(recipe: Recipe, input_shape: InputShape, n_classes: int) -> int:
    """Return the number of networks that train at once on an H100."""
    each = bytes_for(recipe, input_shape, n_classes, Layout(1, at_once=1), 1)
    return max(1, min(MEMBERS_ON_AN_ACCELERATOR, int(SHARE_OF_MEMORY * H100.memory_bytes / each)))


def _in_words(recipe: Recipe, n_training: int) -> tuple[str, ...]:
    return (
        " with ".join([short_repr(recipe.architecture), *(type(one).__name__ for one in recipe.regularizers)]),
        short_repr(recipe.optimizer),
        f"batches of {recipe.batch_size}",
        f"{recipe.epochs:,} epochs" if recipe.epochs > 1 else "1 epoch",
        f"{n_training:,} examples",
    )
