"""Maps with examples last, (channel, *place, example), as a CPU computes convolutions and what follows them.

Slices, maxima and sums then run over contiguous memory, and the result of a matrix product is in the layout of the next
convolution (`byheart.networks.convolution`). XLA does not choose such a layout by itself: on a CPU it lays out every
array in the order of its axes. So a value of a graph may be `ExamplesLast`, from a convolution on. Operations that are
entered here, by `on_maps` or `by_number`, keep it; all others see the order of torch.
"""

import dataclasses
import operator
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart.torch_bridge.operations.table import Function, operation

ON_MAPS: dict[str, Function] = {"getitem": operator.getitem}
"""Forms of operations for maps with examples last, by their names in the table."""
FIRST = "convolution"
"""The operation that puts examples last. Its form takes maps in the order of torch, too."""
BY_NUMBER: set[str] = set()
"""Names of operations that act number by number, so that the order of axes does not matter."""
_F = TypeVar("_F", bound=Function)


@dataclasses.dataclass(frozen=True)
class ExamplesLast:
    """Maps (channel, *place, example) that stand for torch's (example, channel, *place)."""

    maps: Array

    @property
    def in_order(self) -> Array:
        """The maps as torch has them."""
        return jnp.moveaxis(self.maps, -1, 0)


def in_order(given: Any) -> Any:
    """Return a value, or a tuple of values, in the order of torch."""
    return jax.tree.map(lambda one: one.in_order if isinstance(one, ExamplesLast) else one, given)


def maps_of(x: Array | ExamplesLast) -> Array:
    """Return maps with examples last.

    A transposition alone XLA would repeat in every shift of `windows`. Two transposed parts that are joined are
    computed once.
    """
    if isinstance(x, ExamplesLast):
        return x.maps
    parts = jnp.split(x, [x.shape[2] // 2], axis=2)
    return jnp.concatenate([jnp.moveaxis(part, 0, -1) for part in parts], axis=1)


def axis_of_maps(axis: int, n_axes: int) -> int:
    """Return where an axis of torch's maps stands among those with examples last."""
    return (axis - 1) % n_axes


def on_maps(*names: str) -> Callable[[_F], _F]:
    """Enter the form of an operation for maps with examples last. Use as a decorator."""

    def enter(function: _F) -> _F:
        ON_MAPS.update(dict.fromkeys(names, function))
        return function

    return enter


def by_number(*names: str) -> Callable[[_F], _F]:
    """Enter a function into the table that acts number by number. Use as a decorator."""
    BY_NUMBER.update(names)
    return operation(*names)


def in_either_order(name: str, function: Function) -> Function:
    """Return an operation that takes maps in both layouts, and keeps examples last if it can.

    Args:
        name: of the operation.
        function: the operation in the order of torch.
    """
    general = name.partition(".")[0]
    form = ON_MAPS.get(name) or ON_MAPS.get(general)
    if form is None and {name, general} & BY_NUMBER:
        form = _in_any_order(function)

    def applied(*given: Any) -> Any:
        has_maps = any(isinstance(one, ExamplesLast) for one in jax.tree.leaves(given))
        if form is not None and (has_maps or general == FIRST):
            return form(*given)
        return function(*in_order(given)) if has_maps else function(*given)

    return applied


def _in_any_order(function: Function) -> Function:
    """Return a function that acts number by number as one of maps, and of what is broadcast to them."""

    def of_maps(*given: Any) -> Any:
        n_axes = max(one.maps.ndim for one in given if isinstance(one, ExamplesLast))
        if any(jnp.ndim(one) > n_axes for one in given if isinstance(one, jax.Array)):
            return function(*in_order(given))
        return jax.tree.map(ExamplesLast, function(*(_aligned(one, n_axes) for one in given)))

    return of_maps


def _aligned(one: Any, n_axes: int) -> Any:
    """Return an argument with its examples last; numbers stay."""
    if isinstance(one, ExamplesLast):
        return one.maps
    if not isinstance(one, jax.Array) or one.ndim == 0:
        return one
    return jnp.moveaxis(one.reshape(*[1] * (n_axes - one.ndim), *one.shape), 0, -1)
