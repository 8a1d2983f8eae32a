"""The number of members in a chunk: enough to keep devices busy, and few enough for their memory."""

import jax
import psutil

from byheart import checks
from byheart.inputs import InputShape
from byheart.sweeps.layout import Layout
from byheart.training.memory import bytes_for
from byheart.training.recipe import Recipe

MEMBERS_ON_A_CPU = 8
"""Members per CPU device and chunk. More would not be faster, and an interruption loses at most one chunk."""
MEMBERS_ON_AN_ACCELERATOR = 64
SHARE_OF_MEMORY = 0.5
"""Share of a device's memory that members may take; data and measures need the rest."""


def chunk_size(recipe: Recipe, n_members: int, input_shape: InputShape, n_classes: int, layout: Layout) -> int:
    """Return the number of members of `recipe` in each chunk; chunks have equal sizes that fit into memory."""
    if n_members == 0:
        raise checks.BadInput("A population needs at least one member; got none.")
    n_devices = len(layout.devices)
    on_a_device = MEMBERS_ON_A_CPU if jax.default_backend() == "cpu" else MEMBERS_ON_AN_ACCELERATOR
    budget = memory_budget(layout)
    while on_a_device > 1 and bytes_for(recipe, input_shape, n_classes, layout, on_a_device) > budget:
        on_a_device -= 1
    n_chunks = -(-n_members // (on_a_device * n_devices))
    return layout.padded(-(-n_members // n_chunks))


def memory_budget(layout: Layout) -> int:
    """Return the bytes that members may take on one device."""
    statistics = layout.devices[0].memory_stats() or {}
    if "bytes_limit" in statistics:
        return int(SHARE_OF_MEMORY * statistics["bytes_limit"])
    return int(SHARE_OF_MEMORY * psutil.virtual_memory().total / len(layout.devices))
