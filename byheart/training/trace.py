"""A trace: what was measured of a population, as labelled arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Array

from byheart.training.recipe import Member, Recipe
from byheart.training.run import EpochInfo

NEVER = -1
"""What `diverged_epoch` holds for a member whose loss and parameters stayed finite."""


def trace_of(
    recipe: Recipe,
    members: Sequence[Member],
    measured_epochs: Sequence[int],
    measured: Sequence[Mapping[str, Array]],
    history: Sequence[EpochInfo],
    described: Mapping[str, str],
) -> xr.Dataset:
    """Numbers over (member, epoch), with each member's settings as coordinates.

    From the epoch in which a member diverged on, its numbers are NaN, and `diverged_epoch` says which epoch that was.

    Args:
        recipe: which all members share.
        members: the first of those in `measured` and `history`; what follows them is padding.
        measured_epochs: ascending, one for each of `measured`.
        measured: the numbers by name, each (member,).
        history: of epochs 1, 2, ...; each field (member,).
        described: a sentence for each name.
    """
    n, epochs = len(members), np.array(measured_epochs)
    diverged_epoch = _first_not_finite(np.array([info.is_finite[:n] for info in history]))
    is_valid = (diverged_epoch[:, None] == NEVER) | (epochs < diverged_epoch[:, None])
    untrained = np.full((1, n), np.nan, np.float32)
    values = {name: np.stack([numbers[name][:n] for numbers in measured], axis=1) for name in described}
    values["batch_loss"] = np.concatenate([untrained, [info.batch_loss[:n] for info in history]])[epochs].T
    described = {**described, "batch_loss": "mean loss of the epoch's minibatches, each before its update, in nats"}
    variables: dict[str, Any] = {
        name: (("member", "epoch"), np.where(is_valid, numbers, np.nan), {"long_name": described[name]})
        for name, numbers in values.items()
    }
    explained = {"long_name": f"first epoch with a loss or parameter that is not finite; {NEVER}: none"}
    variables["diverged_epoch"] = ("member", diverged_epoch, explained)
    return xr.Dataset(variables, {"epoch": epochs, **settings_of(recipe, members)})


def settings_of(recipe: Recipe, members: Sequence[Member]) -> dict[str, tuple[str, np.ndarray[Any, Any]]]:
    """The members' settings as coordinates along the axis `member`."""
    default = recipe.optimizer.learning_rate
    return {
        "seed": ("member", np.array([member.seed for member in members])),
        "rand_x": ("member", np.array([member.rand_x for member in members])),
        "rand_y": ("member", np.array([member.rand_y for member in members])),
        "learning_rate": ("member", np.array([member.learning_rate_or(default) for member in members])),
    }


def _first_not_finite(is_finite: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(is_finite.all(axis=0), NEVER, is_finite.argmin(axis=0) + 1)
