"""How the members of a population are laid over the local devices.

Measured on 2 CPU cores (docs/choices.md): one device a core with members trained one after the other is the fastest, since each network
stays in its core's cache and no operation waits for the other core. An accelerator wants many members at once.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import PyTree

from byheart import checks

_MEMBER = "member"


@dataclasses.dataclass(frozen=True)
class Layout:
    """Members are dealt out to `n_devices` local devices; on each, `at_once` of them share every operation.

    Attributes:
        n_devices: None takes all local devices.
        at_once: members batched together by `vmap`; 1 runs them one after the other. None takes 1 on a CPU, and all of the device's
            members elsewhere.
    """

    n_devices: int | None = None
    at_once: int | None = None

    def __post_init__(self) -> None:
        checks.fields(self, n_devices=checks.optional(checks.count), at_once=checks.optional(checks.count))
        if self.n_devices is not None and self.n_devices > jax.local_device_count():
            raise checks.BadInput(
                f"`n_devices` must be at most the number of local devices, {jax.local_device_count()}; got {self.n_devices}."
            )

    @property
    def devices(self) -> Sequence[jax.Device]:
        """The devices in use."""
        return jax.local_devices()[: self.n_devices]

    def padded(self, n_members: int) -> int:
        """`n_members`, rounded up so that every device gets as many."""
        n_devices = len(self.devices)
        return -(-n_members // n_devices) * n_devices

    def members_at_once(self, n_here: int) -> int:
        """How many of `n_here` members on one device share every operation."""
        on_cpu = jax.default_backend() == "cpu"
        return min(n_here, self.at_once or (1 if on_cpu else n_here))

    def replicated(self, tree: PyTree) -> PyTree:
        """`tree` with a copy on each device, so that no call moves it again."""
        return jax.device_put(tree, NamedSharding(self._mesh(), PartitionSpec()))

    def spread(self, tree: PyTree) -> PyTree:
        """`tree`, stacked on a first axis, with an equal part of it on each device."""
        return jax.device_put(tree, NamedSharding(self._mesh(), PartitionSpec(_MEMBER)))

    def over_members(
        self, function: Callable[..., Any], donate: tuple[int, ...] = (), is_called_once: bool = False
    ) -> Callable[..., Any]:
        """The compiled `function(*member, shared)` of one member, made to run on stacked members and shared arrays.

        Args:
            function: takes one member's pytrees and, last, the shared pytree; knows nothing of populations.
            donate: positions of stacked pytrees whose memory may be reused for the result.
            is_called_once: compile with less effort, for a program that may then be slower.

        Returns:
            a function of (*members stacked on a new first axis of `padded` size, shared), with results stacked likewise.
        """

        def on_one_device(members: tuple[PyTree, ...], shared: PyTree) -> PyTree:
            def one(member: tuple[PyTree, ...]) -> PyTree:
                return function(*member, shared)

            at_once = self.members_at_once(jax.tree.leaves(members)[0].shape[0])
            return jax.lax.map(one, members, batch_size=None if at_once == 1 else at_once)

        def spread(*arguments: PyTree) -> PyTree:
            *members, shared = arguments
            return on_devices(tuple(members), shared)

        on_devices = jax.shard_map(
            on_one_device,
            mesh=self._mesh(),
            in_specs=(PartitionSpec(_MEMBER), PartitionSpec()),
            out_specs=PartitionSpec(_MEMBER),
            check_vma=False,
        )
        options = {"xla_backend_optimization_level": 1} if is_called_once else None
        return jax.jit(spread, donate_argnums=donate, compiler_options=options)

    def _mesh(self) -> Mesh:
        return Mesh(np.array(self.devices), (_MEMBER,))


def layout_for(n_members: int) -> Layout:
    """All local devices, but no more than there are members."""
    return Layout(n_devices=min(n_members, jax.local_device_count()))
