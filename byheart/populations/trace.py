"""Traces: the measured numbers of a population as labelled arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from byheart.data.member_view import noise_attributes, noise_levels
from byheart.data.noise import Noise
from byheart.sweeps.parts import inclusion_column, with_is_included
from byheart.sweeps.protocol import Coordinate
from byheart.sweeps.results import NEVER, with_variable
from byheart.sweeps.variable import Variable
from byheart.training.epoch import EpochInfo
from byheart.training.member import Member
from byheart.training.optimizers import rate_of
from byheart.training.probes import AnyProbe
from byheart.training.recipe import Recipe

Measured = Mapping[str, npt.NDArray[Any]]
"""Numbers over (member, ...) by name."""

BATCH_LOSS = Variable("mean loss of the epoch's minibatches, each before its update, in nats")
DIVERGED_EPOCH = Variable(f"first epoch with a loss or parameter that is not finite; {NEVER}: none")
ENDED_EPOCH = Variable("epochs (may be fractional) until the stopping condition held; inf if it never did")


class Trace:
    """Builder of the data set of a population's numbers.

    A member's numbers are NaN from the epoch in which it diverged, which is stored as `diverged_epoch`.

    Args:
        recipe: the recipe of all members.
        members: the members. In measured arrays they come first, followed by padding.
        kinds: kinds of noise that have a column.
        history: facts about epochs 1, 2, ...; each field is of shape (member,).
    """

    def __init__(
        self, recipe: Recipe, members: Sequence[Member], kinds: Sequence[Noise], history: Sequence[EpochInfo]
    ) -> None:
        self._n, self._members, self._history = len(members), members, history
        is_finite = np.array([info.is_finite[: self._n] for info in history])
        self._diverged = np.where(is_finite.all(axis=0), NEVER, is_finite.argmin(axis=0) + 1)
        self.dataset = xr.Dataset(coords=settings_of(recipe, members, kinds), attrs=noise_attributes(kinds))
        self._add("diverged_epoch", DIVERGED_EPOCH, ("member",), self._diverged)

    def add_through_training(
        self, measures: Sequence[AnyProbe], epochs: Sequence[int], measured: Sequence[Measured]
    ) -> None:
        """Add numbers over (member, epoch, ...): for each of `epochs` a mapping of names to arrays (member, ...)."""
        self.dataset = self.dataset.assign_coords(epoch=np.array(epochs))
        is_valid = (self._diverged[:, None] == NEVER) | (np.array(epochs) < self._diverged[:, None])
        untrained = np.full((1, self._n), np.nan, np.float32)
        losses = np.concatenate([untrained, [info.batch_loss[: self._n] for info in self._history]])
        self._add("batch_loss", BATCH_LOSS, ("member", "epoch"), _known_if(is_valid, losses[list(epochs)].T))
        for name, variable in _variables(measures).items():
            numbers = np.stack([one[name][: self._n] for one in measured], axis=1)
            self._add(name, variable, ("member", "epoch"), _known_if(is_valid, numbers))

    def add_at_end(self, measures: Sequence[AnyProbe], numbers: Measured) -> None:
        """Add numbers over (member, ...) of the trained networks."""
        for name, variable in _variables(measures).items():
            values = _known_if(self._diverged == NEVER, np.asarray(numbers[name][: self._n]))
            self._add(name, variable, ("member",), values)

    def add_ended_epoch(self, ended_update: npt.NDArray[Any], updates_in_epoch: int) -> None:
        """Add the epoch at which each member's stopping condition held."""
        update = ended_update[: self._n]
        self._add("ended_epoch", ENDED_EPOCH, ("member",), np.where(update == NEVER, np.inf, update / updates_in_epoch))

    def describe_examples(self, examples: Mapping[str, npt.NDArray[Any]]) -> None:
        """Add facts (example,) of the training examples as coordinates, if any number is over examples.

        If members are trained on parts of the examples, also add `is_included` over (member, example).
        """
        if "example" not in self.dataset.dims:
            return
        self.dataset = self.dataset.assign_coords({name: ("example", facts) for name, facts in examples.items()})
        self.dataset = with_is_included(self.dataset, [member.inclusion for member in self._members])

    def _add(self, name: str, variable: Variable, axes: tuple[str, ...], values: npt.NDArray[Any]) -> None:
        self.dataset = with_variable(self.dataset, name, variable, axes, values)


def settings_of(recipe: Recipe, members: Sequence[Member], kinds: Sequence[Noise]) -> dict[str, Coordinate]:
    """Return the members' settings as coordinates along the axis `member`.

    They always include `rand_x` and `rand_y`; other kinds of noise only if they are among `kinds`; and `inclusion`, as
    text, only if members are trained on parts of the examples.
    """
    default = rate_of(recipe.optimizer)
    strengths = np.array([member.strengths_of(recipe.regularizers) for member in members], float)
    strengths = strengths.reshape(len(members), len(recipe.regularizers))
    settings = {"seed": np.array([member.seed for member in members])}
    settings |= noise_levels([member.noise for member in members], kinds)
    settings["learning_rate"] = np.array([member.learning_rate_or(default) for member in members])
    settings |= {regularizer.name: strengths[:, index] for index, regularizer in enumerate(recipe.regularizers)}
    settings |= inclusion_column([member.inclusion for member in members])
    return {name: ("member", values) for name, values in settings.items()}


def _variables(measures: Sequence[AnyProbe]) -> dict[str, Variable]:
    return {name: variable for measure in measures for name, variable in measure.variables.items()}


def _known_if(is_valid: npt.NDArray[Any], values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return `values` where valid, and NaN elsewhere. Booleans become int8, with `NEVER` elsewhere."""
    mask = is_valid.reshape(is_valid.shape + (1,) * (values.ndim - is_valid.ndim))
    if values.dtype == bool:
        return np.where(mask, values.astype(np.int8), np.int8(NEVER))
    return np.where(mask, values, np.nan)
