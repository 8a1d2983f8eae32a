"""How far a population has come: all that is needed to go on, as arrays that can be put away and taken up again."""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import PyTree

from byheart.layout import Layout
from byheart.training.probes import Probe
from byheart.training.run import EpochInfo
from byheart.training.trace import Measured


class Way:
    """The members on their way, and what was seen of them.

    Args:
        carry: all members before the first epoch, stacked; a new one takes its place after each epoch.
        measures: probes that are called at the measured epochs.
        measured_epochs: ascending.
        layout: where members lie.
    """

    def __init__(
        self, carry: PyTree, measures: Sequence[Probe], measured_epochs: Sequence[int], layout: Layout
    ) -> None:
        self.carry, self.history, self.measured = carry, list[EpochInfo](), list[Measured]()
        self._names = [name for measure in measures for name in measure.variables]
        self._measured_epochs, self._layout = measured_epochs, layout
        self.next_epoch = 0

    @property
    def all_have_ended(self) -> bool:
        """Whether further epochs change nothing."""
        return bool(self.history) and bool(np.all(self.history[-1].has_ended))

    def stand_still(self) -> None:
        """Counts an epoch in which nothing is trained."""
        last = self.history[-1]
        self.history.append(eqx.tree_at(lambda info: info.batch_loss, last, np.full_like(last.batch_loss, np.nan)))

    def left(self) -> list[npt.NDArray[Any]]:
        """All of it after a finished epoch: the number of epochs done, then the leaves of the tree."""
        tree = jax.device_get((self.carry, self.history, self.measured))
        return [np.array(len(self.history)), *map(np.asarray, jax.tree.leaves(tree))]

    def take_up(self, arrays: Sequence[npt.NDArray[Any]] | None) -> None:
        """Goes on from what was `left`; from the beginning where that is None."""
        if arrays is None:
            return
        epoch = int(arrays[0])
        n_measured = sum(at <= epoch for at in self._measured_epochs)
        an_epoch = EpochInfo(jnp.zeros(()), jnp.zeros((), bool), jnp.zeros((), bool))
        like = (self.carry, [an_epoch] * epoch, [dict.fromkeys(self._names, 0)] * n_measured)
        carry, self.history, self.measured = jax.tree.unflatten(jax.tree.structure(like), arrays[1:])
        self.carry = self._layout.spread(carry)
        self.next_epoch = epoch + 1
