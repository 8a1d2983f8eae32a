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


class BadInput(ValueError):
    """What the user gave cannot be used; the message is written for the user. The command line exits with status 2."""


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


def ascending(name: str, values: Sequence[int]) -> None:
    """Raises unless `values` are whole numbers of at least 1, each larger than the one before, and there is one."""
    for value in values:
        count(name, value)
    if not values or list(values) != sorted(set(values)):
        raise BadInput(f"`{name}` must ascend, and be at least one; got {tuple(values)}.")


def known(kind: str, value: str, choices: Iterable[str]) -> str:
    """`value`, if it is one of `choices`; otherwise an error that names the nearest ones."""
    names = sorted(choices)
    if value in names:
        return value
    near = difflib.get_close_matches(value, names, n=3, cutoff=0.5)
    what_to_do = f"Did you mean {' or '.join(near)}?" if near else f"Choose from: {', '.join(names)}."
    raise BadInput(f"There is no {kind} named {value!r}. {what_to_do}")


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
