"""Checks of arrays and array-likes that users give."""

from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from byheart.checks import BadInput, shown

Kind = Literal["numbers", "whole numbers", "truth values", "numbers of any kind", "values of any kind"]
"""The values that an array may hold."""


def array(
    name: str, value: npt.ArrayLike, axes: str = "...", of: Kind = "numbers", may_be_nan: bool = False
) -> npt.NDArray[Any]:
    """Return `value` as a NumPy array, if it is an array or nested sequences with these `axes` and kind of values.

    Args:
        name: name of the argument, for messages.
        value: the array or nested sequences.
        axes: names of the axes, such as "seed example"; "... epoch" allows any axes before the last, "..." any axes.
        of: kind of the values. Integers become float64 as "numbers"; 0 and 1 become booleans as "truth values"; values
            of any kind keep their type. An empty array has every kind.
        may_be_nan: accept NaN among numbers.

    Raises:
        BadInput: another kind of values or other axes, lists of different lengths, or masked values.

    >>> array("errors", [[0, 1], [1, 1]], "seed example", "truth values").tolist()
    [[False, True], [True, True]]
    >>> array("values", [[1.0], [1.0, 2.0]])
    Traceback (most recent call last):
        ...
    byheart.checks.BadInput: `values` must be an array of numbers; got lists of different lengths.
    """
    values = _as_array(name, value, of)
    check_array(name, values.shape, values.dtype, axes, of)
    if of == "truth values":
        wrong = values[(values != 0) & (values != 1)]
        if wrong.size:
            raise BadInput(f"`{name}` must be an array of truth values or of 0 and 1; one element is {wrong[0]}.")
        return values.astype(bool, copy=False)
    if of == "whole numbers":
        return values if values.dtype.kind in "iu" else values.astype(int)
    if of == "numbers":
        values = values if np.issubdtype(values.dtype, np.floating) else values.astype(np.float64)
        if not may_be_nan and np.isnan(values).any():
            raise BadInput(
                f"`{name}` must have no NaN; {int(np.isnan(values).sum())} of {values.size} elements are NaN."
            )
    return values


def jax_array(
    name: str, value: npt.ArrayLike | jax.Array, axes: str = "...", of: Kind = "numbers of any kind"
) -> jax.Array:
    """Return `value` as a JAX array, checked as by `array`.

    JAX arrays, also traced ones, are returned unchanged; only their shape and type are checked.
    """
    if not isinstance(value, jax.Array):
        return jnp.asarray(array(name, value, axes, of, may_be_nan=True))
    check_array(name, value.shape, value.dtype, axes, of)
    return value


def check_array(name: str, shape: tuple[int, ...], dtype: npt.DTypeLike, axes: str, of: Kind) -> None:
    """Raise `BadInput` unless the shape and type fit `axes` and `of`, as in `array`.

    No value is read, so traced arrays can be checked.
    """
    wanted = axes.split()
    n_named = len(wanted) - (wanted[:1] == ["..."])
    if len(shape) < n_named or (n_named == len(wanted) and len(shape) > n_named):
        expected = f"the axes ({', '.join(wanted)})" if wanted else "no axis: a single number"
        raise BadInput(f"`{name}` must have {expected}; got the shape {tuple(shape)}.")
    if of == "values of any kind":
        return
    allowed = {"numbers": "iuf", "whole numbers": "iu", "truth values": "biu", "numbers of any kind": "biuf"}[of]
    kind = np.dtype(dtype).kind
    is_reduced_float = kind == "V" and np.can_cast(dtype, np.float64)  # Such as bfloat16, unknown to NumPy itself.
    if kind not in allowed and not (is_reduced_float and "f" in allowed) and 0 not in shape:
        hint = {"f": f" If they are whole, pass `{name}.astype(int)`.", "b": f" Pass `{name}.astype(float)`."}
        may_be_cast = of == "whole numbers" if kind == "f" else of == "numbers"
        what_to_do = hint.get(kind, "") if may_be_cast else ""
        raise BadInput(f"`{name}` must be an array of {of}; got {np.dtype(dtype)}.{what_to_do}")


def _as_array(name: str, value: npt.ArrayLike, of: Kind) -> npt.NDArray[Any]:
    if value is None or isinstance(value, str | bytes | dict | set):
        raise BadInput(f"`{name}` must be an array of {of}; got {shown(value)}.")
    if np.ma.is_masked(value):
        raise BadInput(f"`{name}` must have no masked values. Fill or drop them.")
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as problem:
        ragged = "inhomogeneous" in str(problem)
        came = "lists of different lengths" if ragged else f"{type(value).__name__} ({problem})"
        raise BadInput(f"`{name}` must be an array of {of}; got {came}.") from None
