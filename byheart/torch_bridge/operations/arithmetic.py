"""Operations that act number by number: arithmetic, comparisons, choices, conversions of types."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array

from byheart.torch_bridge.operations.examples_last import by_number


def _of_one(function: Any) -> Any:
    return lambda x, *rest: function(x)


def _of_two(function: Any) -> Any:
    return lambda x, y, *rest: function(x, y)


_FUNCTIONS = {
    name: _of_one(getattr(jnp, name))
    for name in (
        *("abs", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan", "sinh"),
        *("cosh", "tanh", "floor", "ceil", "trunc", "round", "sign", "isnan", "isinf", "logical_not"),
        *("bitwise_not", "square", "isfinite"),
    )
} | {
    "neg": _of_one(jnp.negative),
    "reciprocal": _of_one(jnp.reciprocal),
    "rsqrt": _of_one(jax.lax.rsqrt),
    "erf": _of_one(jax.lax.erf),
    "asin": _of_one(jnp.arcsin),
    "acos": _of_one(jnp.arccos),
    "atan": _of_one(jnp.arctan),
    "asinh": _of_one(jnp.arcsinh),
    "acosh": _of_one(jnp.arccosh),
    "atanh": _of_one(jnp.arctanh),
    "clone": _of_one(lambda x: x),
    "alias": _of_one(lambda x: x),
    "detach": _of_one(jax.lax.stop_gradient),
    "lift_fresh_copy": _of_one(lambda x: x),
    "contiguous": _of_one(lambda x: x),
    "eq": _of_two(jnp.equal),
    "ne": _of_two(jnp.not_equal),
    "lt": _of_two(jnp.less),
    "le": _of_two(jnp.less_equal),
    "gt": _of_two(jnp.greater),
    "ge": _of_two(jnp.greater_equal),
    "mul": _of_two(jnp.multiply),
    "maximum": _of_two(jnp.maximum),
    "minimum": _of_two(jnp.minimum),
    "remainder": _of_two(jnp.remainder),
    "fmod": _of_two(jnp.fmod),
    "floor_divide": _of_two(jnp.floor_divide),
    "atan2": _of_two(jnp.arctan2),
    "logical_and": _of_two(jnp.logical_and),
    "logical_or": _of_two(jnp.logical_or),
    "logical_xor": _of_two(jnp.logical_xor),
    "bitwise_and": _of_two(jnp.bitwise_and),
    "bitwise_or": _of_two(jnp.bitwise_or),
    "bitwise_xor": _of_two(jnp.bitwise_xor),
}
for _name, _function in _FUNCTIONS.items():
    by_number(_name)(_function)


@by_number("pow")
def power(x: ArrayLike, exponent: ArrayLike) -> Array:
    """Return x ** exponent; a whole exponent is a product, which has derivatives at 0."""
    if isinstance(exponent, int | float) and float(exponent).is_integer() and not isinstance(x, int | float):
        return jax.lax.integer_pow(x, int(exponent))
    return jnp.power(x, exponent)


@by_number("add")
def add(x: ArrayLike, y: ArrayLike, alpha: float = 1) -> Array:
    """Return x + alpha y."""
    return jnp.add(x, y if alpha == 1 else jnp.multiply(alpha, y))


@by_number("sub")
def sub(x: ArrayLike, y: ArrayLike, alpha: float = 1) -> Array:
    """Return x - alpha y."""
    return jnp.subtract(x, y if alpha == 1 else jnp.multiply(alpha, y))


@by_number("rsub")
def rsub(x: ArrayLike, y: ArrayLike, alpha: float = 1) -> Array:
    """Return y - alpha x."""
    return sub(y, x, alpha)


@by_number("div")
def div(x: ArrayLike, y: ArrayLike, rounding_mode: str | None = None) -> Array:
    """Return x / y, rounded as asked."""
    if rounding_mode == "floor":
        return jnp.floor_divide(x, y)
    exact = jnp.true_divide(x, y)
    return exact if rounding_mode is None else jnp.trunc(exact).astype(jnp.result_type(x, y))


@by_number("addcmul")
def addcmul(x: Array, one: Array, other: Array, value: float = 1) -> Array:
    """Return x + value * one * other."""
    return x + value * one * other


@by_number("addcdiv")
def addcdiv(x: Array, one: Array, other: Array, value: float = 1) -> Array:
    """Return x + value * one / other."""
    return x + value * one / other


@by_number("lerp")
def lerp(x: Array, y: Array, weight: ArrayLike) -> Array:
    """Return x + weight (y - x)."""
    return x + weight * (y - x)


@by_number("where")
def where(condition: Array, x: ArrayLike, y: ArrayLike) -> Array:
    """Return x where the condition holds, and y elsewhere."""
    return jnp.where(condition, x, y)


@by_number("masked_fill")
def masked_fill(x: Array, mask: Array, value: ArrayLike) -> Array:
    """Return x with `value` where the mask is true."""
    return jnp.where(mask, jnp.asarray(value, x.dtype), x)


@by_number("clamp")
def clamp(x: Array, low: ArrayLike | None = None, high: ArrayLike | None = None) -> Array:
    """Return x kept between the bounds."""
    if low is not None:
        x = jnp.maximum(x, low)
    return x if high is None else jnp.minimum(x, high)


@by_number("_to_copy", "to.dtype", "convert_element_type")
def to_copy(x: Array, dtype: Any = None) -> Array:
    """Return x in another type."""
    return x if dtype is None else x.astype(dtype)


@by_number("copy")
def copy(x: Array, source: Array, non_blocking: bool = False) -> Array:
    """Return the numbers of another array, with the shape and type of x."""
    del non_blocking
    return jnp.broadcast_to(source, x.shape).astype(x.dtype)


@by_number("scalar_tensor", "_local_scalar_dense")
def scalar_tensor(value: ArrayLike, dtype: Any = None) -> Array:
    """Return one number as an array without axes."""
    return jnp.asarray(value, dtype)


SCALARS = {
    "sym_float": float,
    "sym_int": int,
    "sym_max": max,
    "sym_min": min,
    "sym_sqrt": math.sqrt,
    "sym_not": lambda x: not x,
    "sym_ite": lambda condition, yes, no: yes if condition else no,
}
"""Functions of sizes, by the name that torch gives them."""
