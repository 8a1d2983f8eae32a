"""The state of a population in training, which can be saved as arrays and restored."""

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
from byheart.training.probes import AnyProbe


class PopulationState:
    """Members in training, with the history of their epochs and measures.

    Args:
        carry: all members before the first epoch, stacked and followed by padding. Training replaces it after each
            epoch.
        measures: probes that are called at the measured epochs.
        measured_epochs: strictly increasing epochs.
        layout: distribution of members over devices.
        n_members: number of members without padding.
    """

    def __init__(
        self,
        carry: PyTree,
        measures: Sequence[AnyProbe],
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
        """True if the training of all members has ended, so that further epochs change nothing."""
        return bool(self.history) and bool(np.all(self.history[-1].has_ended))

    def record_idle_epoch(self) -> None:
        """Append an epoch without training to the history."""
        last = self.history[-1]
        self.history.append(eqx.tree_at(lambda info: info.batch_loss, last, np.full_like(last.batch_loss, np.nan)))

    def snapshot(self) -> list[npt.NDArray[Any]]:
        """Flatten the state after a finished epoch to [epochs done, *leaves].

        Leaves are without padding members, so that training can be resumed with any layout.
        """
        tree = jax.device_get((self.carry, self.history, self.measured))
        leaves = [np.asarray(leaf)[: self._n_members] for leaf in jax.tree.leaves(tree)]
        return [np.array(len(self.history)), *leaves]

    def restore(self, arrays: Sequence[npt.NDArray[Any]] | None) -> None:
        """Restore the state from a `snapshot`; None keeps the initial state."""
        if arrays is None:
            return
        epoch = int(arrays[0])
        n_measured = sum(at <= epoch for at in self._measured_epochs)
        an_epoch = EpochInfo(jnp.zeros(()), jnp.zeros((), bool), jnp.zeros((), bool))
        like = (self.carry, [an_epoch] * epoch, [dict.fromkeys(self._names, 0)] * n_measured)
        carry, *seen = jax.tree.unflatten(jax.tree.structure(like), arrays[1:])
        fresh = jax.device_get(self.carry)
        self.carry = self._layout.spread(jax.tree.map(self._padded, carry, fresh))
        n_filled = len(jax.tree.leaves(fresh)[0])
        repeated = jax.tree.map(lambda leaf: np.resize(leaf, (n_filled, *leaf.shape[1:])), seen)
        self.history, self.measured = repeated
        self.next_epoch = epoch + 1

    def _padded(self, leaf: npt.NDArray[Any], fresh: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the restored members, followed by the initial padding."""
        return np.concatenate([leaf, fresh[self._n_members :]])
