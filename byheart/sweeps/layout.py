"""The distribution of a population's members over the local devices.

Measured on 2 CPU cores (docs/choices.md): one device per core, which trains its members one after another, is fastest.
Each network stays in its core's cache, and no operation waits for the other core. An accelerator is faster with many
members at once.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import PyTree

from byheart import checks

_MEMBER = "member"


@dataclasses.dataclass(frozen=True)
class Layout:
    """Members distributed over `n_devices` local devices, and batched `at_once` on each.

    Attributes:
        n_devices: number of local devices; None uses all.
        at_once: members batched together by `vmap`; 1 runs them one after another. None means 1 on a CPU, and all of
            the device's members elsewhere.
    """

    n_devices: int | None = None
    at_once: int | None = None

    def __post_init__(self) -> None:
        checks.fields(self, n_devices=checks.optional(checks.count), at_once=checks.optional(checks.count))
        if self.n_devices is not None and self.n_devices > jax.local_device_count():
            raise checks.BadInput(
                f"`n_devices` must be at most the number of local devices, {jax.local_device_count()}; "
                f"got {self.n_devices}."
            )

    @property
    def devices(self) -> Sequence[jax.Device]:
        """The devices in use."""
        return jax.local_devices()[: self.n_devices]

    def padded(self, n_members: int) -> int:
        """Return `n_members` rounded up to a multiple of the number of devices."""
        n_devices = len(self.devices)
        return -(-n_members // n_devices) * n_devices

    def members_at_once(self, n_here: int) -> int:
        """Return how many of `n_here` members on one device are batched together."""
        on_cpu = jax.default_backend() == "cpu"
        return min(n_here, self.at_once or (1 if on_cpu else n_here))

    def replicated(self, tree: PyTree) -> PyTree:
        """Return `tree` on each device, so that no call transfers it again. Devices on a CPU share its memory."""
        if len(self.devices) > 1 and all(device.platform == "cpu" for device in self.devices):
            tree = jax.tree.map(_on_host, tree)
        return jax.device_put(tree, NamedSharding(self._mesh(), PartitionSpec()))

    def spread(self, tree: PyTree) -> PyTree:
        """Return `tree`, whose first axis is members, with an equal part on each device."""
        return jax.device_put(tree, NamedSharding(self._mesh(), PartitionSpec(_MEMBER)))

    def shapes(self, tree: PyTree) -> PyTree:
        """Return the shapes of `tree`, whose first axis is members, as stacked results of `over_members` have them."""
        here = NamedSharding(self._mesh(), PartitionSpec(_MEMBER))
        return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=here), tree)

    def over_members(self, function: Callable[..., Any], donate: tuple[int, ...] = ()) -> jax.stages.Wrapped:
        """Compile `function(*member, shared)`, written for one member, to run on stacked members.

        Args:
            function: a function of one member's pytrees and, last, the shared pytree.
            donate: positions of stacked pytrees whose memory may be reused for the result.

        Returns:
            a function of (*members stacked on a new first axis of `padded` size, shared) with stacked results.
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
        return jax.jit(spread, donate_argnums=donate, compiler_options=compiler_options())

    def _mesh(self) -> Mesh:
        return Mesh(np.array(self.devices), (_MEMBER,))


def _on_host(leaf: Any) -> Any:
    """Return an array on a CPU as one of NumPy, in the same memory; keys, which NumPy does not know, as they are."""
    return leaf if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else np.asarray(leaf)


def filled(members: Sequence[Any], n_members: int) -> list[Any]:
    """Return members, filled up to `n_members` by repeating the last one."""
    return [*members, *[members[-1]] * (n_members - len(members))]


def compiler_options() -> dict[str, int] | None:
    """Return options for the compiler of programs that run on a CPU; None elsewhere.

    Level 1 of LLVM compiles faster than level 3, and what it makes runs about as fast (docs/choices.md).
    """
    return {"xla_backend_optimization_level": 1} if jax.default_backend() == "cpu" else None


def layout_for(n_members: int) -> Layout:
    """Return a layout on all local devices, or on `n_members` of them if there are more."""
    return Layout(n_devices=min(n_members, jax.local_device_count()))
