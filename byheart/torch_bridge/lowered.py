"""A lowered graph: operations of JAX in order, and the interpreter that applies them. Nothing here imports torch."""

import collections
import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import canonicalize_dtype
from jaxtyping import Array

from byheart.networks.network import Hidden, HiddenLayer
from byheart.torch_bridge.operations.examples_last import ExamplesLast, in_either_order, in_order
from byheart.torch_bridge.operations.once import once


@dataclasses.dataclass(frozen=True)
class Ref:
    """A reference to a value of the graph by its name."""

    name: str


@dataclasses.dataclass(frozen=True)
class NumberType:
    """A type of numbers by its NumPy name."""

    name: str

    def here(self, is_wide: bool) -> np.dtype[Any]:
        """Return the type as JAX has it under its present settings; `is_wide` makes float32 float64."""
        return np.dtype(canonicalize_dtype("float64" if is_wide and self.name == "float32" else self.name))


@dataclasses.dataclass(frozen=True)
class Step:
    """One operation.

    Attributes:
        name: of its result.
        operation: name of torch's operation.
        function: the operation in JAX.
        arguments: of the function, with references to earlier results.
        hidden: number of the hidden layer whose activations the result is; None for other results.
    """

    name: str
    operation: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    hidden: int | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Graph:
    """The lowered forward pass of a module in one mode. Graphs are compared by identity.

    Attributes:
        steps: the operations in order.
        inputs: name in the graph -> name of the parameter or buffer in the module.
        user_inputs: names in the graph of what the module is called with.
        outputs: references to the results.
        updates: name of a buffer -> name in the graph of its value after the pass.
    """

    steps: tuple[Step, ...]
    inputs: Mapping[str, str]
    user_inputs: tuple[str, ...]
    outputs: tuple[Any, ...]
    updates: Mapping[str, str]

    def __call__(
        self, arrays: Mapping[str, Array], given: tuple[Any, ...], hidden: Hidden | None = None, is_wide: bool = False
    ) -> tuple[tuple[Any, ...], dict[str, Array]]:
        """Return the results, and the buffers that changed.

        Args:
            arrays: parameters and buffers by their names in the module.
            given: what the module is called with.
            hidden: applied to the activations of hidden layers; None leaves them.
            is_wide: compute in float64 where the module has float32.
        """
        values = self.values(arrays, given, hidden, is_wide)
        changed = {target: in_order(values[name]) for target, name in self.updates.items()}
        return tuple(in_order(values[one.name]) if isinstance(one, Ref) else one for one in self.outputs), changed

    def values(
        self, arrays: Mapping[str, Array], given: tuple[Any, ...], hidden: Hidden | None = None, is_wide: bool = False
    ) -> dict[str, Any]:
        """Return the result of each operation by its name, with examples last or not; arguments are those of a call."""
        values: dict[str, Any] = {name: arrays[target] for name, target in self.inputs.items()}
        values.update(zip(self.user_inputs, given, strict=True))

        def resolved(argument: Any) -> Any:
            if isinstance(argument, Ref):
                return values[argument.name]
            if isinstance(argument, NumberType):
                return argument.here(is_wide)
            if isinstance(argument, tuple):
                return tuple(map(resolved, argument))
            return argument

        is_on_cpu = jax.default_backend() == "cpu"
        for step in self.steps:
            function = in_either_order(step.operation, step.function) if is_on_cpu else step.function
            result = function(*map(resolved, step.arguments))
            if hidden is not None and step.hidden is not None:
                result = _with_hidden(result, hidden, step.hidden)
            values[step.name] = _computed_once(result) if is_on_cpu and step.name in self._used_by_several else result
        return values

    @functools.cached_property
    def _used_by_several(self) -> frozenset[str]:
        """The names of results that several steps use, such as those that skip connections add."""
        uses = collections.Counter(name for step in self.steps for name in _names_in(step.arguments))
        return frozenset(name for name, n in uses.items() if n > 1)


def _names_in(argument: Any) -> set[str]:
    """Return the names to which an argument refers."""
    if isinstance(argument, tuple):
        return set().union(*map(_names_in, argument))
    return {argument.name} if isinstance(argument, Ref) else set()


def _computed_once(result: Any) -> Any:
    """Return a result that XLA computes once; integers, and several results in one, are left."""
    if isinstance(result, ExamplesLast):
        return ExamplesLast(_computed_once(result.maps))
    if isinstance(result, jax.Array) and jnp.issubdtype(result.dtype, jnp.floating):
        return once(result)
    return result


def _with_hidden(result: Any, hidden: Hidden, index: int) -> Any:
    """Return a result after `hidden`; of several results the first one holds the activations."""
    if isinstance(result, tuple):
        return (_with_hidden(result[0], hidden, index), *result[1:])
    if isinstance(result, ExamplesLast):
        return ExamplesLast(jnp.moveaxis(_with_hidden(result.in_order, hidden, index), 0, -1))
    return hidden(result, HiddenLayer(index, is_dense=result.ndim == 2))
