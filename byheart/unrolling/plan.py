"""Estimated memory and time of chunks of differentiated runs, on this machine and on an H100."""

import dataclasses
from collections.abc import Sequence

from byheart.data.split import Split
from byheart.sweeps.layout import Layout
from byheart.sweeps.plan import PlannedPopulation, short_repr
from byheart.training.cost import H100, seconds_here, training_cost
from byheart.training.recipe import Recipe

SECONDS_TO_COMPILE = 10.0
"""Of the programs of runs on one core, for one measure; several programs are compiled at the same time."""


@dataclasses.dataclass(frozen=True)
class RunSizes:
    """Sizes of one differentiated run.

    Attributes:
        horizon: its updates.
        n_training: its training examples.
        adjoint_updates: adjoints times the updates that they go back through; other costs count as a few adjoints.
        adjoints_at_once: the most adjoints that go back together.
        n_bytes: its memory: kept states, and parameters and gradients of all examples for each adjoint of a block.
    """

    horizon: int
    n_training: int
    adjoint_updates: int
    adjoints_at_once: int
    n_bytes: int


def planned_runs(
    recipe: Recipe, run: RunSizes, split: Split, unique_classes: bool, chunks: Sequence[int], layout: Layout
) -> PlannedPopulation:
    """Return what runs take.

    An adjoint that goes back through an update counts as an update with twice the operations; on a GPU those of a block
    share every operation.

    Args:
        recipe: network, optimizer and size of minibatches.
        run: sizes of each.
        split: the data.
        unique_classes: whether each example is a class of its own.
        chunks: runs in each chunk.
        layout: of the chunks on local devices.
    """
    n_classes = run.n_training if unique_classes else split.n_classes
    update = training_cost(recipe, recipe.batch_size, split.input_shape, n_classes)
    back = dataclasses.replace(update, operations=2 * update.operations) * run.adjoint_updates
    n_devices = len(layout.devices)
    return PlannedPopulation(
        (
            short_repr(recipe.architecture),
            short_repr(recipe.optimizer),
            f"batches of {recipe.batch_size}",
            f"{run.horizon:,} updates, differentiated through",
            f"{run.n_training:,} examples",
            "one class an example" if unique_classes else "true classes",
        ),
        tuple(chunks),
        n_devices * run.n_bytes * (layout.padded(max(chunks)) // n_devices),
        seconds_here(back, [layout.padded(n) // n_devices for n in chunks]),
        sum(chunks) * back.seconds(H100, at_once=run.adjoints_at_once),
        SECONDS_TO_COMPILE / n_devices,
        sum(chunks) * back.operations,
    )
