"""A converted graph as steps that bound their outputs, if it is affine maps, ReLUs and max poolings in a row."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from byheart import checks
from byheart.networks import affine
from byheart.networks.steps import MaxPool, ReLU
from byheart.networks.steps import Step as BoundedStep
from byheart.torch_bridge.lowered import Graph, NumberType, Ref, Step

Activations = jax.ShapeDtypeStruct
"""Stands for the activations among the arguments of an operation: (1, ...) numbers."""
Made = BoundedStep | None
"""A step, or None if byheart does not know its bounds."""

MOVES = frozenset(
    (
        *("view", "_unsafe_view", "reshape", "flatten", "squeeze", "unsqueeze", "permute", "transpose", "t", "slice"),
        *("clone", "alias", "detach", "dropout"),
    )
)
"""Operations that only move or drop numbers, in evaluation mode."""


def steps_of(graph: Graph, arrays: Mapping[str, Array], shape: tuple[int, ...], name: str) -> tuple[BoundedStep, ...]:
    """Return the steps of a module's forward pass in evaluation mode.

    Args:
        graph: of the module.
        arrays: parameters and buffers by their names in the module.
        shape: of one input, as the module takes it.
        name: of the module, for messages.

    Raises:
        BadInput: an operation whose bounds byheart does not know, or a result that two operations use.
    """
    values: dict[str, Any] = {given: arrays[target] for given, target in graph.inputs.items()}
    (current,), steps = graph.user_inputs, list[BoundedStep]()
    blank: Any = Activations((1, *shape), jnp.float32)
    seen = {current}
    for step in graph.steps:
        asked = {one.name for one in jax.tree.leaves(step.arguments) if isinstance(one, Ref)}
        arguments = _resolved(step.arguments, {**values, current: blank})
        if step.operation.startswith("sym_size") and asked & seen:
            values[step.name] = arguments[0].shape[arguments[1]]
        elif not asked & seen:
            values[step.name] = step.function(*arguments)
        elif asked & seen != {current}:
            raise _refused(name, step, "it uses an earlier result once more, as a residual connection does")
        else:
            made, blank = _made(step.operation.partition(".")[0], step.function, arguments)
            if made is None:
                raise _refused(name, step, "byheart knows no bounds of it")
            if jax.tree.leaves(blank)[0].shape[0] != 1:
                raise _refused(name, step, "it mixes the inputs of a batch")
            steps.append(made)
            current = step.name
            seen.add(current)
    if graph.outputs != (Ref(current),):
        raise checks.BadInput(f"Bounds of {name} need the last of its operations to give the logits, and nothing else.")
    return tuple(steps)


def _resolved(argument: Any, values: Mapping[str, Any]) -> Any:
    """Return an argument with its references replaced; those to earlier activations are left."""
    if isinstance(argument, Ref):
        return values.get(argument.name, argument)
    if isinstance(argument, NumberType):
        return argument.here(is_wide=False)
    return tuple(_resolved(one, values) for one in argument) if isinstance(argument, tuple) else argument


def _made(kind: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Made, Any]:
    """Return an operation on the activations as a step, and the shape of its results."""

    def called(x: Array) -> Any:
        return function(*(x if isinstance(one, Activations) else one for one in arguments))

    is_pad = kind == "constant_pad_nd" and not any(arguments[2:])
    if kind == "getitem":  # The activations are the first of several results.
        return (None if arguments[1] else affine.moved(lambda x: x)), arguments[0]
    (place,) = (index for index, one in enumerate(arguments) if isinstance(one, Activations))
    after = jax.tree.leaves(jax.eval_shape(called, arguments[place]))[0]
    if kind in MOVES or is_pad:
        return affine.moved(lambda x: called(x[None])[0]), after
    maker, expected = MAKERS.get(kind, (None, 0))
    return (maker(function, *arguments) if maker is not None and place == expected else None), after


def _product(function: Any, x: Activations, weight: Array) -> Made:
    del function, x
    return affine.dense(weight, jnp.zeros(weight.shape[1], weight.dtype)) if weight.ndim == 2 else None


def _sum(function: Any, bias: Array, x: Activations, weight: Array, beta: float = 1, alpha: float = 1) -> Made:
    del function, x
    return affine.dense(weight, bias) if beta == alpha == 1 and bias.ndim == 1 else None


def _linear(function: Any, x: Activations, weight: Array, bias: Array | None = None) -> Made:
    del function, x
    return affine.dense(weight.T, jnp.zeros(len(weight), weight.dtype) if bias is None else bias)


def _convolution(function: Any, x: Activations, weight: Array, bias: Array | None, *how: Any) -> Made:
    del x
    is_transposed = how[3]
    shift = jnp.zeros((), weight.dtype) if bias is None else bias.reshape(-1, *[1] * (weight.ndim - 2))

    def linear(weight: Array, x: Array) -> Array:
        return function(x[None], weight, None, *how)[0]

    return None if is_transposed else affine.Affine(weight, shift, jnp.abs(shift), linear, weight[0].size + 2)


def _batch_norm(function: Any, x: Activations, weight: Any, bias: Any, mean: Array, variance: Array, *how: Any) -> Made:
    del function
    _, epsilon = how
    factor = jax.lax.rsqrt(variance + epsilon) * (1 if weight is None else weight)
    shift = jnp.zeros_like(mean) if bias is None else bias
    offset, terms = shift - mean * factor, jnp.abs(shift) + jnp.abs(mean * factor)
    per_channel = (-1, *[1] * (x.ndim - 2))
    return affine.scaled(factor.reshape(per_channel), offset.reshape(per_channel), terms.reshape(per_channel))


def _max_pool(
    function: Any,
    x: Activations,
    kernel: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil: bool = False,
) -> Made:
    del function, x
    sides, strides = {*_several(kernel)}, {*_several(stride)} or {*_several(kernel)}
    is_plain = {*_several(padding)} == {0} and {*_several(dilation)} == {1} and not ceil
    return MaxPool(sides.pop(), strides.pop()) if is_plain and len(sides) == len(strides) == 1 else None


def _several(sizes: Any) -> tuple[int, ...]:
    return (sizes,) if isinstance(sizes, int) else tuple(sizes)


MAKERS: Mapping[str, tuple[Callable[..., Made], int]] = {
    "relu": (lambda function, x: ReLU(), 0),
    "mm": (_product, 0),
    "matmul": (_product, 0),
    "addmm": (_sum, 1),
    "linear": (_linear, 0),
    "convolution": (_convolution, 0),
    "_native_batch_norm_legit_no_training": (_batch_norm, 0),
    "max_pool2d": (_max_pool, 0),
    "max_pool2d_with_indices": (_max_pool, 0),
}
"""For each operation its step, and the place of the activations among its arguments."""


def _refused(name: str, step: Step, why: str) -> checks.BadInput:
    return checks.BadInput(
        f"Bounds of {name} need affine maps, ReLUs and max poolings without padding in a row; "
        f"got {step.operation} ({step.name}): {why}."
    )
