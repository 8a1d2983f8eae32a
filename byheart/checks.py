"""One voice for what the user gave wrong: what was expected, what came, what to do.

Every message is one clear sentence (a second one may say what to do), and is raised before anything compiles or trains.
Numbers are checked alike whether they are Python's, NumPy's, or arrays without axes, and come out as Python's.

>>> fraction("level", 40)
Traceback (most recent call last):
    ...
byheart.checks.BadInput: `level` must be between 0 and 1; got 40. Is that a percentage? Pass 0.4.
"""

import contextlib
import difflib
import functools
import math
import numbers
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax

Check = Callable[[str, Any], Any]
"""A check of one argument: from its name and its value to the value that is used from then on."""

MOST_SHOWN = 200
"""Characters of a value that a message shows."""
LARGEST_SEED = 2**31 - 1
"""Seeds are traced as int32."""


class BadInput(ValueError):
    """Raised where input cannot be used; the message is written for the user. The command line exits with status 2."""


class Caution(UserWarning):
    """Something can be used, but its numbers may not mean what they seem to; the message says why, and what to do."""


def fraction(name: str, value: Any) -> float:
    """`value`, if it lies in [0, 1]."""
    number = python_number(value)
    if number is None or not 0 <= number <= 1:
        hint = f" Is that a percentage? Pass {number / 100:g}." if number is not None and 1 < number <= 100 else ""
        raise BadInput(f"`{name}` must be between 0 and 1; got {shown(value)}.{hint}")
    return number


def positive(name: str, value: Any) -> float:
    """`value`, if it is finite and above 0."""
    number = python_number(value)
    if number is None or not (math.isfinite(number) and number > 0):
        raise BadInput(f"`{name}` must be a finite number above 0; got {shown(value)}.")
    return number


def not_negative(name: str, value: Any) -> float:
    """`value`, if it is finite and at least 0."""
    number = python_number(value)
    if number is None or not (math.isfinite(number) and number >= 0):
        raise BadInput(f"`{name}` must be a finite number of at least 0; got {shown(value)}.")
    return number


def finite(name: str, value: Any) -> float:
    """`value`, if it is a finite number."""
    number = python_number(value)
    if number is None or not math.isfinite(number):
        raise BadInput(f"`{name}` must be a finite number; got {shown(value)}.")
    return number


def count(name: str, value: Any, at_least: int = 1) -> int:
    """`value`, if it is a whole number of at least `at_least`."""
    number = python_number(value)
    if not isinstance(number, int) or number < at_least:
        raise BadInput(f"`{name}` must be a whole number of at least {at_least}; got {shown(value)}.")
    return number


count_from_0 = functools.partial(count, at_least=0)
"""A `count` that may be 0."""


def whole(name: str, value: Any) -> int:
    """`value`, if it is a whole number."""
    number = python_number(value)
    if not isinstance(number, int):
        raise BadInput(f"`{name}` must be a whole number; got {shown(value)}.")
    return number


def seed(name: str, value: Any) -> int:
    """`value`, if it is a whole number from 0 to `LARGEST_SEED`."""
    number = count(name, value, at_least=0)
    if number > LARGEST_SEED:
        raise BadInput(f"`{name}` must be at most {LARGEST_SEED}; got {number}.")
    return number


def optional(check: Check) -> Check:
    """`check`, which lets None pass."""
    return lambda name, value: None if value is None else check(name, value)


def each(check: Check) -> Check:
    """`check` of every element; what comes out is a tuple."""

    def all_of_them(name: str, values: Any) -> tuple[Any, ...]:
        return tuple(check(name, value) for value in _elements(name, values))

    return all_of_them


def ascending(name: str, values: Any, check: Check = count) -> tuple[Any, ...]:
    """`values` as a tuple, if there is one, each passes `check`, and each is larger than the one before."""
    checked = each(check)(name, values)
    if not checked or list(checked) != sorted(set(checked)):
        raise BadInput(f"`{name}` must ascend, and be at least one; got {checked}.")
    return checked


def image_shape(value: Any) -> tuple[int, int, int]:
    """`value` as (height, width, channels), if it is that."""
    shape = each(count)("image_shape", value)
    if len(shape) != 3:
        raise BadInput(f"`image_shape` must be (height, width, channels); got {shape}.")
    return shape[0], shape[1], shape[2]


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
    listed = tuple(_elements(name, values, what))
    for value in listed:
        if not isinstance(value, kind):
            raise BadInput(f"`{name}` must be a sequence of {what}; got {shown(value)} in it.")
    return listed


def instance(name: str, value: Any, kind: Any, what: str) -> Any:
    """`value`, if it is of a kind; `what` says which, with what makes one, such as "a Split (see `byheart.load`)"."""
    if not isinstance(value, kind):
        raise BadInput(f"`{name}` must be {what}; got {shown(value)}.")
    return value


def fields(record: object, **tests: Check) -> None:
    """Checks fields of a frozen dataclass, each by its own check, and keeps what comes out of it.

    So equal values are written alike, whichever types they had: stored results are found again by what is written.
    """
    for name, check in tests.items():
        object.__setattr__(
            record, name, check(name, getattr(record, name))
        )  # How a frozen dataclass sets its own fields.


def known(kind: str, value: Any, choices: Iterable[str]) -> str:
    """`value`, if it is one of `choices`; otherwise an error that names the nearest ones."""
    names = sorted(choices)
    if isinstance(value, str) and value in names:
        return value
    near = difflib.get_close_matches(value, names, n=3, cutoff=0.5) if isinstance(value, str) else []
    what_to_do = f"Did you mean {' or '.join(near)}?" if near else f"Choose from: {', '.join(names)}."
    raise BadInput(f"There is no {kind} named {shown(value)}. {what_to_do}")


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


def python_number(value: Any) -> int | float | None:
    """`value`, a number of Python or NumPy or an array without axes, as a Python number; None for anything else.

    >>> import numpy as np
    >>> python_number(np.float32(0.5)), python_number(np.array(3)), python_number(True), python_number(np.zeros(2))
    (0.5, 3, None, None)
    """
    if type(value) in (int, float):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if getattr(value, "shape", None) != () or not hasattr(value, "item") or isinstance(value, jax.core.Tracer):
        return None
    item = value.item()
    return item if type(item) in (int, float) else None


def plain(value: Any) -> Any:
    """`value` with Python's numbers in the places of others, also in tuples and lists, which become tuples.

    >>> import numpy as np
    >>> plain((np.float32(0.5), [np.int64(3)], "a"))
    (0.5, (3,), 'a')
    """
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return tuple(plain(element) for element in value)
    number = python_number(value)
    return value if number is None else number


def shown(value: object) -> str:
    """`value` as messages show it: numbers as numbers, arrays by their type and shape, and long texts cut.

    >>> shown(jax.numpy.array(-0.5)), shown(jax.numpy.zeros(3))
    ('-0.5', 'an array of float32 of the shape (3,)')
    """
    number = python_number(value)
    if number is not None:
        return repr(number)
    if isinstance(value, jax.core.Tracer):
        return "a traced value, which is not known before the program runs"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"an array of {value.dtype} of the shape {value.shape}"
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def some_of(is_one: Iterable[Any], noun: str) -> str:
    """Return how many of them there are, with the first places, for a message.

    >>> some_of([True, False, True], "samples")
    '2 of 3 samples (0, 2)'
    """
    marks = list(is_one)
    places = [str(place) for place, mark in enumerate(marks) if mark]
    return f"{len(places)} of {len(marks)} {noun} ({', '.join([*places[:5], *['...'] * (len(places) > 5)])})"


def _elements(name: str, values: Any, what: str = "") -> list[Any]:
    """The elements of a sequence; `what` is the word for them."""
    try:
        if isinstance(values, str | bytes):
            raise TypeError
        return list(values)
    except TypeError:
        raise BadInput(f"`{name}` must be a sequence{f' of {what}' * bool(what)}; got {shown(values)}.") from None
