"""How far a population has come: all that is needed to go on, as arrays that can be put away and taken up again."""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import PyTree

from byheart.populations.trace import Measured
from byheart.sweeps.layout import Layout
from byheart.training.epoch import EpochInfo
from byheart.training.probes import Probe


class PopulationState:
    """The members on their way, and what was seen of them.

    Args:
        carry: all members before the first epoch, stacked, and what fills them up; a new one takes its place after each epoch.
        measures: probes that are called at the measured epochs.
        measured_epochs: ascending.
        layout: where members lie.
        n_members: how many there are, without what fills them up.
    """

    def __init__(
        self,
        carry: PyTree,
        measures: Sequence[Probe],
        measured_epochs: Sequence[int],
        layout: Layout,
        n_members: int,
    ) -> None:
        self.carry, self.history, self.measured = carry, list[EpochInfo](), list[Measured]()
        self._names = [name for measure in measures for name in measure.variables]
        self._measured_epochs, self._layout, self._n_members = measured_epochs, layout, n_members
        self.next_epoch = 0

    @property
    def all_have_ended(self) -> bool:
        """Whether further epochs change nothing."""
        return bool(self.history) and bool(np.all(self.history[-1].has_ended))

    def record_idle_epoch(self) -> None:
        """Counts an epoch in which nothing is trained."""
        last = self.history[-1]
        self.history.append(eqx.tree_at(lambda info: info.batch_loss, last, np.full_like(last.batch_loss, np.nan)))

    def snapshot(self) -> list[npt.NDArray[Any]]:
        """All of it after a finished epoch: the number of epochs done, then the leaves of the tree, of the members alone, so that any layout can go on."""
        tree = jax.device_get((self.carry, self.history, self.measured))
        leaves = [np.asarray(leaf)[: self._n_members] for leaf in jax.tree.leaves(tree)]
        return [np.array(len(self.history)), *leaves]

    def restore(self, arrays: Sequence[npt.NDArray[Any]] | None) -> None:
        """Goes on from what was `left`; from the beginning where that is None."""
        if arrays is None:
            return
        epoch = int(arrays[0])
        n_measured = sum(at <= epoch for at in self._measured_epochs)
        an_epoch = EpochInfo(jnp.zeros(()), jnp.zeros((), bool), jnp.zeros((), bool))
        like = (self.carry, [an_epoch] * epoch, [dict.fromkeys(self._names, 0)] * n_measured)
        carry, *seen = jax.tree.unflatten(jax.tree.structure(like), arrays[1:])
        fresh = jax.device_get(self.carry)
        self.carry = self._layout.spread(jax.tree.map(self._filled_up, carry, fresh))
        n_filled = len(jax.tree.leaves(fresh)[0])
        repeated = jax.tree.map(lambda leaf: np.resize(leaf, (n_filled, *leaf.shape[1:])), seen)
        self.history, self.measured = repeated
        self.next_epoch = epoch + 1

    def _filled_up(self, leaf: npt.NDArray[Any], fresh: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The members taken up, and what filled them up at the start."""
        return np.concatenate([leaf, fresh[self._n_members :]])
