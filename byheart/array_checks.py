"""Arrays that users give, in whatever form: as arrays, or refused in the voice of `checks`."""

from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from byheart.checks import BadInput, shown

Kind = Literal["numbers", "whole numbers", "truth values", "numbers of any kind", "values of any kind"]
"""What an array holds."""


def array(
    name: str, value: npt.ArrayLike, axes: str = "...", of: Kind = "numbers", may_be_nan: bool = False
) -> npt.NDArray[Any]:
    """`value` as a NumPy array, if it is an array or nested sequences with the `axes`, and holds what it should.

    Args:
        name: of the argument, for messages.
        value: what the user gave.
        axes: names of the axes, such as "seed example"; "... epoch" has any axes before the last, "..." any at all.
        of: numbers (whole ones become float64, others stay as they are); whole numbers; truth values, also as 0 and 1;
            or numbers, or values, of any kind, which stay as they are. An empty array holds all of these.
        may_be_nan: whether numbers may be NaN.

    Raises:
        BadInput: anything else, lists of different lengths and masked values included.

    >>> array("errors", [[0, 1], [1, 1]], "seed example", "truth values").tolist()
    [[False, True], [True, True]]
    >>> array("values", [[1.0], [1.0, 2.0]])
    Traceback (most recent call last):
        ...
    byheart.checks.BadInput: `values` must be an array of numbers; got lists that are not all of one length.
    """
    values = _as_array(name, value, of)
    check_array(name, values.shape, values.dtype, axes, of)
    if of == "truth values":
        wrong = values[(values != 0) & (values != 1)]
        if wrong.size:
            raise BadInput(f"`{name}` must be an array of truth values, or of 0 and 1; got {wrong[0]}.")
        return values.astype(bool, copy=False)
    if of == "whole numbers":
        return values if values.dtype.kind in "iu" else values.astype(int)
    if of == "numbers":
        values = values if np.issubdtype(values.dtype, np.floating) else values.astype(np.float64)
        if not may_be_nan and np.isnan(values).any():
            raise BadInput(
                f"`{name}` must be numbers; got NaN at {int(np.isnan(values).sum())} of {values.size} places."
            )
    return values


def jax_array(
    name: str, value: npt.ArrayLike | jax.Array, axes: str = "...", of: Kind = "numbers of any kind"
) -> jax.Array:
    """`value` as an array of JAX, checked as by `array`.

    Arrays of JAX stay as they are and are looked at by shape and type alone, so it can be called on what JAX traces.
    """
    if not isinstance(value, jax.Array):
        return jnp.asarray(array(name, value, axes, of, may_be_nan=True))
    check_array(name, value.shape, value.dtype, axes, of)
    return value


def check_array(name: str, shape: tuple[int, ...], dtype: npt.DTypeLike, axes: str, of: Kind) -> None:
    """Raises unless an array of a shape and type can have the `axes` and hold what it should, as `array` says.

    It looks at no value, so that it can be asked of what JAX traces.
    """
    wanted = axes.split()
    n_named = len(wanted) - (wanted[:1] == ["..."])
    if len(shape) < n_named or (n_named == len(wanted) and len(shape) > n_named):
        expected = "no axis, a single number" if not wanted else f"the axes ({', '.join(wanted)})"
        raise BadInput(f"`{name}` must have {expected}; got the shape {tuple(shape)}.")
    if of == "values of any kind":
        return
    allowed = {"numbers": "iuf", "whole numbers": "iu", "truth values": "biu", "numbers of any kind": "biuf"}[of]
    kind = np.dtype(dtype).kind
    is_reduced_float = kind == "V" and np.can_cast(dtype, np.float64)  # As bfloat16, which NumPy does not know itself.
    if kind not in allowed and not (is_reduced_float and "f" in allowed) and 0 not in shape:
        hint = {"f": f" Where they are whole, pass `{name}.astype(int)`.", "b": f" Pass `{name}.astype(float)`."}
        may_be_cast = of == "whole numbers" if kind == "f" else of == "numbers"
        what_to_do = hint.get(kind, "") if may_be_cast else ""
        raise BadInput(f"`{name}` must be an array of {of}; got {np.dtype(dtype)}.{what_to_do}")


def _as_array(name: str, value: npt.ArrayLike, of: Kind) -> npt.NDArray[Any]:
    if value is None or isinstance(value, str | bytes | dict | set):
        raise BadInput(f"`{name}` must be an array of {of}; got {shown(value)}.")
    if np.ma.is_masked(value):
        raise BadInput(f"`{name}` must have no masked value; got some. Fill or drop them.")
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as problem:
        ragged = "inhomogeneous" in str(problem)
        came = (
            "lists that are not all of one length" if ragged else f"{type(value).__name__}, which is none ({problem})"
        )
        raise BadInput(f"`{name}` must be an array of {of}; got {came}.") from None
