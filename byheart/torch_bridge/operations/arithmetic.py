"""Operations that act number by number: arithmetic, comparisons, choices, conversions of types."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array

from byheart.torch_bridge.operations.table import TABLE, operation


def _of_one(function: Any) -> Any:
    return lambda x, *rest: function(x)


def _of_two(function: Any) -> Any:
    return lambda x, y, *rest: function(x, y)


TABLE.update(
    {
        name: _of_one(getattr(jnp, name))
        for name in (
            *("abs", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan", "sinh"),
            *("cosh", "tanh", "floor", "ceil", "trunc", "round", "sign", "isnan", "isinf", "logical_not"),
            *("bitwise_not", "square", "isfinite"),
        )
    }
)
TABLE.update(
    {
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
)


@operation("pow")
def power(x: ArrayLike, exponent: ArrayLike) -> Array:
    """Return x ** exponent; a whole exponent is a product, which has derivatives at 0."""
    if isinstance(exponent, int | float) and float(exponent).is_integer() and not isinstance(x, int | float):
        return jax.lax.integer_pow(x, int(exponent))
    return jnp.power(x, exponent)


@operation("add")
def add(x: ArrayLike, y: ArrayLike, alpha: float = 1) -> Array:
    """Return x + alpha y."""
    return jnp.add(x, y if alpha == 1 else jnp.multiply(alpha, y))


@operation("sub")
def sub(x: ArrayLike, y: ArrayLike, alpha: float = 1) -> Array:
    """Return x - alpha y."""
    return jnp.subtract(x, y if alpha == 1 else jnp.multiply(alpha, y))


@operation("rsub")
def rsub(x: ArrayLike, y: ArrayLike, alpha: float = 1) -> Array:
    """Return y - alpha x."""
    return sub(y, x, alpha)


@operation("div")
def div(x: ArrayLike, y: ArrayLike, rounding_mode: str | None = None) -> Array:
    """Return x / y, rounded as asked."""
    if rounding_mode == "floor":
        return jnp.floor_divide(x, y)
    exact = jnp.true_divide(x, y)
    return exact if rounding_mode is None else jnp.trunc(exact).astype(jnp.result_type(x, y))


@operation("addcmul")
def addcmul(x: Array, one: Array, other: Array, value: float = 1) -> Array:
    """Return x + value * one * other."""
    return x + value * one * other


@operation("addcdiv")
def addcdiv(x: Array, one: Array, other: Array, value: float = 1) -> Array:
    """Return x + value * one / other."""
    return x + value * one / other


@operation("lerp")
def lerp(x: Array, y: Array, weight: ArrayLike) -> Array:
    """Return x + weight (y - x)."""
    return x + weight * (y - x)


@operation("where")
def where(condition: Array, x: ArrayLike, y: ArrayLike) -> Array:
    """Return x where the condition holds, and y elsewhere."""
    return jnp.where(condition, x, y)


@operation("masked_fill")
def masked_fill(x: Array, mask: Array, value: ArrayLike) -> Array:
    """Return x with `value` where the mask is true."""
    return jnp.where(mask, jnp.asarray(value, x.dtype), x)


@operation("clamp")
def clamp(x: Array, low: ArrayLike | None = None, high: ArrayLike | None = None) -> Array:
    """Return x kept between the bounds."""
    if low is not None:
        x = jnp.maximum(x, low)
    return x if high is None else jnp.minimum(x, high)


@operation("_to_copy", "to.dtype", "convert_element_type")
def to_copy(x: Array, dtype: Any = None) -> Array:
    """Return x in another type."""
    return x if dtype is None else x.astype(dtype)


@operation("copy")
def copy(x: Array, source: Array, non_blocking: bool = False) -> Array:
    """Return the numbers of another array, with the shape and type of x."""
    del non_blocking
    return jnp.broadcast_to(source, x.shape).astype(x.dtype)


@operation("relu")
def relu(x: Array) -> Array:
    """Return max(x, 0), with the derivative 0 at 0, as torch has it."""
    return jax.nn.relu(x)


@operation("relu6")
def relu6(x: Array) -> Array:
    """Return x kept between 0 and 6."""
    return jax.nn.relu6(x)


@operation("hardtanh.default")
def hardtanh(x: Array, low: float = -1, high: float = 1) -> Array:
    """Return x kept between the bounds, with the derivative 0 at them, as torch has it."""
    return jnp.where((x > low) & (x < high), x, jnp.clip(jax.lax.stop_gradient(x), low, high))


@operation("gelu")
def gelu(x: Array, approximate: str = "none") -> Array:
    """Return x times the normal distribution function at x."""
    return jax.nn.gelu(x, approximate=approximate == "tanh")


@operation("sigmoid")
def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x))."""
    return jax.nn.sigmoid(x)


@operation("log_sigmoid")
def log_sigmoid(x: Array) -> Array:
    """Return the logarithm of the sigmoid."""
    return jax.nn.log_sigmoid(x)


@operation("silu")
def silu(x: Array) -> Array:
    """Return x sigmoid(x)."""
    return jax.nn.silu(x)


@operation("mish")
def mish(x: Array) -> Array:
    """Return x tanh(softplus(x))."""
    return x * jnp.tanh(jax.nn.softplus(x))


@operation("leaky_relu")
def leaky_relu(x: Array, slope: float = 0.01) -> Array:
    """Return x where positive, and slope x elsewhere."""
    return jnp.where(x > 0, x, slope * x)


@operation("_prelu_kernel")
def prelu(x: Array, slope: Array) -> Array:
    """Return x where positive, and slope x elsewhere, with a slope for each channel."""
    return jnp.where(x > 0, x, slope * x)


@operation("elu")
def elu(x: Array, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Array:
    """Return scale x where positive, and scale alpha (exp(input_scale x) - 1) elsewhere."""
    below = alpha * jnp.expm1(input_scale * jnp.minimum(x, 0))
    return scale * jnp.where(x > 0, x, below)


@operation("softplus")
def softplus(x: Array, beta: float = 1, threshold: float = 20) -> Array:
    """Return log(1 + exp(beta x)) / beta, and x beyond the threshold."""
    scaled = beta * x
    return jnp.where(scaled > threshold, x, jax.nn.softplus(jnp.minimum(scaled, threshold)) / beta)


@operation("hardsigmoid")
def hardsigmoid(x: Array) -> Array:
    """Return (x + 3) / 6 kept between 0 and 1."""
    return hardtanh((x + 3) / 6, 0, 1)


@operation("hardswish")
def hardswish(x: Array) -> Array:
    """Return x hardsigmoid(x)."""
    return x * hardsigmoid(x)


@operation("scalar_tensor", "_local_scalar_dense")
def scalar_tensor(value: ArrayLike, dtype: Any = None) -> Array:
    """Return one number as an array without axes."""
    return jnp.asarray(value, dtype)


@operation("bernoulli.p")
def bernoulli_of(x: Array, share: float = 0.5) -> Array:
    """Return the mean of a random mask: a network holds nothing random, so a dropped share counts as kept."""
    return jnp.full_like(x, share)


@operation("bernoulli.default")
def bernoulli(share: Array) -> Array:
    """Return the mean of a random mask, as `bernoulli_of`."""
    return share


@operation("native_dropout")
def native_dropout(x: Array, rate: float, train: bool | None = None) -> tuple[Array, Array]:
    """Return x: the module's own dropout is off. The lowering calls `hidden` on the result."""
    del rate, train
    return x, jnp.ones(x.shape, bool)


@operation("dropout")
def dropout(x: Array, rate: float, train: bool) -> Array:
    """Return x: the module's own dropout is off. The lowering calls `hidden` on the result."""
    del rate, train
    return x


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
