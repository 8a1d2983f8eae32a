"""One voice for what the user gave wrong: what was expected, what came, what to do.

Every message is one clear sentence (a second one may say what to do), and is raised before anything compiles or trains.

>>> fraction("level", 40)
Traceback (most recent call last):
    ...
byheart.checks.BadInput: `level` must be between 0 and 1; got 40. Is that a percentage? Pass 0.4.
"""

import contextlib
import difflib
import math
import numbers
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

Kind = Literal["numbers", "whole numbers", "truth values", "numbers of any kind", "values of any kind"]
"""What an array holds."""


class BadInput(ValueError):
    """What the user gave cannot be used; the message is written for the user. The command line exits with status 2."""


class Caution(UserWarning):
    """Something can be used, but its numbers may not mean what they seem to; the message says why, and what to do."""


def fraction(name: str, value: float) -> float:
    """`value`, if it lies in [0, 1]."""
    if not _is_number(value) or not 0 <= value <= 1:
        hint = f" Is that a percentage? Pass {value / 100:g}." if _is_number(value) and 1 < value <= 100 else ""
        raise BadInput(f"`{name}` must be between 0 and 1; got {value!r}.{hint}")
    return value


def positive(name: str, value: float) -> float:
    """`value`, if it is finite and above 0."""
    if not _is_number(value) or not value > 0:
        raise BadInput(f"`{name}` must be a finite number above 0; got {value!r}.")
    return value


def not_negative(name: str, value: float) -> float:
    """`value`, if it is finite and at least 0."""
    if not _is_number(value) or value < 0:
        raise BadInput(f"`{name}` must be a finite number of at least 0; got {value!r}.")
    return value


def count(name: str, value: int, at_least: int = 1) -> int:
    """`value`, if it is a whole number of at least `at_least`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < at_least:
        raise BadInput(f"`{name}` must be a whole number of at least {at_least}; got {value!r}.")
    return int(value)


def counts(name: str, values: Iterable[int], at_least: int = 1) -> tuple[int, ...]:
    """`values` as a tuple, if they are a sequence of whole numbers of at least `at_least`; it may be empty."""
    return tuple(count(name, value, at_least) for value in several(name, values, object, "whole numbers"))


def image_shape(value: Sequence[int]) -> tuple[int, int, int]:
    """`value` as (height, width, channels), if it is that."""
    shape = counts("image_shape", value)
    if len(shape) != 3:
        raise BadInput(f"`image_shape` must be (height, width, channels); got {shape}.")
    return shape[0], shape[1], shape[2]


def ascending(name: str, values: Sequence[int]) -> None:
    """Raises unless `values` are whole numbers of at least 1, each larger than the one before, and there is one."""
    for value in values:
        count(name, value)
    if not values or list(values) != sorted(set(values)):
        raise BadInput(f"`{name}` must ascend, and be at least one; got {tuple(values)}.")


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
        shown = "no axis, a single number" if not wanted else f"the axes ({', '.join(wanted)})"
        raise BadInput(f"`{name}` must have {shown}; got the shape {tuple(shape)}.")
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
        raise BadInput(f"`{name}` must be an array of {of}; got {value!r}.")
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


def several(name: str, values: Iterable[Any], kind: Any, what: str) -> tuple[Any, ...]:
    """`values` as a tuple, if they can be gone through and each is of a kind.

    Args:
        name: of the argument, for messages.
        values: what the user gave, such as a list.
        kind: of each, as `isinstance` takes it.
        what: the word for them, such as "members".

    Raises:
        BadInput: a single value, a string, or one of another kind.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise BadInput(f"`{name}` must be a sequence of {what}; got {values!r}.")
    listed = tuple(values)
    for value in listed:
        if not isinstance(value, kind):
            raise BadInput(f"`{name}` must be a sequence of {what}; got {value!r} in it.")
    return listed


def instance(name: str, value: Any, kind: Any, what: str) -> Any:
    """`value`, if it is of a kind; `what` says which, with what makes one, such as "a Split (see `byheart.load`)"."""
    if not isinstance(value, kind):
        raise BadInput(f"`{name}` must be {what}; got {_short(value)}.")
    return value


def _short(value: object) -> str:
    """The `repr` where it is short, the type otherwise."""
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else f"an object of type {type(value).__name__}"


def known(kind: str, value: str, choices: Iterable[str]) -> str:
    """`value`, if it is one of `choices`; otherwise an error that names the nearest ones."""
    names = sorted(choices)
    if value in names:
        return value
    near = difflib.get_close_matches(value, names, n=3, cutoff=0.5)
    what_to_do = f"Did you mean {' or '.join(near)}?" if near else f"Choose from: {', '.join(names)}."
    raise BadInput(f"There is no {kind} named {value!r}. {what_to_do}")


class Fault(RuntimeError):
    """A fault of byheart itself, which nothing the user gives could cause; it is shown with its traceback."""


@contextlib.contextmanager
def our_own(what: str) -> Iterator[None]:
    """Turns a `BadInput` into a `Fault`, where all that comes in was checked or made by byheart.

    >>> with our_own("claims"):
    ...     fraction("level", -1)
    Traceback (most recent call last):
        ...
    byheart.checks.Fault: byheart cannot make its claims, a fault of its own: `level` must be between 0 and 1; got -1.
    """
    try:
        yield
    except BadInput as problem:
        raise Fault(f"byheart cannot make its {what}, a fault of its own: {problem}") from problem


class Problems:
    """Collects every problem of one input, so that all are told at once.

    >>> problems = Problems("The experiment cannot start")
    >>> with problems.noted():
    ...     fraction("level", -1)
    >>> with problems.noted():
    ...     count("seeds", 0)
    >>> problems.raise_if_any()
    Traceback (most recent call last):
        ...
    byheart.checks.BadInput: The experiment cannot start:
      - `level` must be between 0 and 1; got -1.
      - `seeds` must be a whole number of at least 1; got 0.
    """

    def __init__(self, heading: str) -> None:
        self.heading = heading
        self.messages: list[str] = []

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Notes a `BadInput` raised inside the block, if it is not noted yet, and goes on."""
        try:
            yield
        except BadInput as problem:
            if str(problem) not in self.messages:
                self.messages.append(str(problem))

    def raise_if_any(self) -> None:
        """Raises one `BadInput` with all that was noted: the sentence itself when there is only one."""
        if len(self.messages) == 1:
            raise BadInput(self.messages[0])
        if self.messages:
            raise BadInput("\n  - ".join([f"{self.heading}:", *self.messages]))


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
