"""Checks of arguments. A message says what was expected, what came, and what to do.

A message is one sentence; a second one may say what to do. Checks run before anything compiles or trains. Python
numbers, NumPy numbers and arrays without axes are checked alike and returned as Python numbers.

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
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Check = Callable[[str, Any], Any]
"""A check of one argument: takes its name and value, and returns the value to use."""

MOST_SHOWN = 200
"""Longest part of a value that a message shows, in characters."""
LARGEST_SEED = 2**31 - 1
"""Seeds are traced as int32."""


class BadInput(ValueError):
    """Raised for input that cannot be used. The message is for the user; the command line exits with status 2."""


class Caution(UserWarning):
    """Warns of input whose results may be misleading. The message says why and what to do."""


def fraction(name: str, value: Any) -> float:
    """Return `value` if it lies in [0, 1]."""
    number = python_number(value)
    if number is None or not 0 <= number <= 1:
        hint = f" Is that a percentage? Pass {number / 100:g}." if number is not None and 1 < number <= 100 else ""
        raise BadInput(f"`{name}` must be between 0 and 1; got {shown(value)}.{hint}")
    return number


def positive(name: str, value: Any) -> float:
    """Return `value` if it is finite and above 0."""
    number = python_number(value)
    if number is None or not (math.isfinite(number) and number > 0):
        raise BadInput(f"`{name}` must be a finite number above 0; got {shown(value)}.")
    return number


def not_negative(name: str, value: Any) -> float:
    """Return `value` if it is finite and at least 0."""
    number = python_number(value)
    if number is None or not (math.isfinite(number) and number >= 0):
        raise BadInput(f"`{name}` must be a finite number of at least 0; got {shown(value)}.")
    return number


def finite(name: str, value: Any) -> float:
    """Return `value` if it is a finite number."""
    number = python_number(value)
    if number is None or not math.isfinite(number):
        raise BadInput(f"`{name}` must be a finite number; got {shown(value)}.")
    return number


def count(name: str, value: Any, at_least: int = 1) -> int:
    """Return `value` if it is a whole number of at least `at_least`."""
    number = python_number(value)
    if not isinstance(number, int) or number < at_least:
        raise BadInput(f"`{name}` must be a whole number of at least {at_least}; got {shown(value)}.")
    return number


count_from_0 = functools.partial(count, at_least=0)
"""The check `count`, with 0 allowed."""


def whole(name: str, value: Any) -> int:
    """Return `value` if it is a whole number."""
    number = python_number(value)
    if not isinstance(number, int):
        raise BadInput(f"`{name}` must be a whole number; got {shown(value)}.")
    return number


def seed(name: str, value: Any) -> int:
    """Return `value` if it is a whole number from 0 to `LARGEST_SEED`."""
    number = count(name, value, at_least=0)
    if number > LARGEST_SEED:
        raise BadInput(f"`{name}` must be at most {LARGEST_SEED}; got {number}.")
    return number


def optional(check: Check) -> Check:
    """Return a check that accepts None, and otherwise applies `check`."""
    return lambda name, value: None if value is None else check(name, value)


def each(check: Check) -> Check:
    """Return a check that applies `check` to every element and returns a tuple."""
    return functools.partial(_each, check)


def _each(check: Check, name: str, values: Any) -> tuple[Any, ...]:
    return tuple(check(name, value) for value in _elements(name, values))


def ascending(name: str, values: Any, check: Check = count) -> tuple[Any, ...]:
    """Return `values` as a tuple if it is non-empty and strictly increasing, and every element passes `check`."""
    checked = each(check)(name, values)
    if not checked or list(checked) != sorted(set(checked)):
        raise BadInput(f"`{name}` must be a non-empty, strictly increasing sequence; got {checked}.")
    return checked


def several(name: str, values: Iterable[Any], kind: Any, what: str) -> tuple[Any, ...]:
    """Return `values` as a tuple if it is a sequence of instances of `kind`.

    Args:
        name: name of the argument, for messages.
        values: the sequence, such as a list.
        kind: type of the elements, as for `isinstance`.
        what: word for the elements, such as "members".

    Raises:
        BadInput: `values` is a string or no sequence, or has an element of another type.
    """
    elements = tuple(_elements(name, values, what))
    for element in elements:
        if not isinstance(element, kind):
            raise BadInput(f"`{name}` must be a sequence of {what}; one element is {shown(element)}.")
    return elements


def instance(name: str, value: Any, kind: Any, what: str) -> Any:
    """Return `value` if it is an instance of `kind`, which `what` describes, such as "a Split (see `byheart.load`)"."""
    if not isinstance(value, kind):
        raise BadInput(f"`{name}` must be {what}; got {shown(value)}.")
    return value


def fields(record: object, **tests: Check) -> None:
    """Check fields of a frozen dataclass, and set each to the value that its check returns.

    So equal settings have equal text whatever their types were: stored results are found by that text.
    """
    for name, check in tests.items():
        object.__setattr__(record, name, check(name, getattr(record, name)))  # `record` is frozen.


def known(kind: str, value: Any, choices: Iterable[str]) -> str:
    """Return `value` if it is one of `choices`; otherwise raise a `BadInput` that names the nearest ones."""
    names = sorted(choices)
    if isinstance(value, str) and value in names:
        return value
    near = difflib.get_close_matches(value, names, n=3, cutoff=0.5) if isinstance(value, str) else []
    what_to_do = f"Did you mean {' or '.join(near)}?" if near else f"Choose from: {', '.join(names)}."
    raise BadInput(f"There is no {kind} named {shown(value)}. {what_to_do}")


class Failure(Exception):
    """Raised if a run fails for a reason outside its input, such as a full disk.

    The command line exits with status 1.
    """


class Fault(RuntimeError):
    """A bug in byheart, which no input of the user can cause. It is printed with its traceback."""


@contextlib.contextmanager
def our_own(what: str) -> Iterator[None]:
    """Turn a `BadInput` into a `Fault` where all inputs were checked or made by byheart.

    >>> with our_own("claims"):
    ...     fraction("level", -1)
    Traceback (most recent call last):
        ...
    byheart.checks.Fault: byheart cannot make its claims, which is a bug: `level` must be between 0 and 1; got -1.
    """
    try:
        yield
    except BadInput as problem:
        raise Fault(f"byheart cannot make its {what}, which is a bug: {problem}") from problem


class Problems:
    """Collects the problems of one input, so that one error reports all of them.

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
        """Collect a `BadInput` raised inside the block instead of raising it; duplicates are dropped."""
        try:
            yield
        except BadInput as problem:
            if str(problem) not in self.messages:
                self.messages.append(str(problem))

    def raise_if_any(self) -> None:
        """Raise one `BadInput` with all collected problems; a single problem is raised without the heading."""
        if len(self.messages) == 1:
            raise BadInput(self.messages[0])
        if self.messages:
            raise BadInput("\n  - ".join([f"{self.heading}:", *self.messages]))


def python_number(value: Any) -> int | float | None:
    """Return a Python number for a number of Python or NumPy or an array without axes; None for anything else.

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
    if getattr(value, "shape", None) != () or not hasattr(value, "item") or _is_traced(value):
        return None
    item = value.item()
    return item if type(item) in (int, float) else None


def _is_traced(value: object) -> bool:
    """Return whether JAX traces `value`; this module does not import JAX, which takes a second."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.core.Tracer)


def plain(value: Any) -> Any:
    """Return `value` with all numbers as Python numbers, also inside lists and tuples, which become tuples.

    >>> import numpy as np
    >>> plain((np.float32(0.5), [np.int64(3)], "a"))
    (0.5, (3,), 'a')
    """
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return tuple(plain(element) for element in value)
    number = python_number(value)
    return value if number is None else number


def shown(value: object) -> str:
    """Return the text of `value` for a message: arrays by type and shape, long texts cut.

    >>> import jax
    >>> shown(jax.numpy.array(-0.5)), shown(jax.numpy.zeros(3))
    ('-0.5', 'an array of float32 with shape (3,)')
    """
    number = python_number(value)
    if number is not None:
        return repr(number)
    if _is_traced(value):
        return "a traced value, which is unknown before the program runs"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"an array of {value.dtype} with shape {value.shape}"
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def some_of(is_one: Iterable[Any], noun: str) -> str:
    """Return, for a message, how many of `is_one` are true and the first positions where they are.

    >>> some_of([True, False, True], "samples")
    '2 of 3 samples (0, 2)'
    """
    marks = list(is_one)
    places = [str(place) for place, mark in enumerate(marks) if mark]
    return f"{len(places)} of {len(marks)} {noun} ({', '.join([*places[:5], *['...'] * (len(places) > 5)])})"


def _elements(name: str, values: Any, what: str = "") -> list[Any]:
    """Return the elements of a sequence as a list; `what` is the word for them in the message."""
    try:
        if isinstance(values, str | bytes):
            raise TypeError
        return list(values)
    except TypeError:
        raise BadInput(f"`{name}` must be a sequence{f' of {what}' * bool(what)}; got {shown(values)}.") from None
