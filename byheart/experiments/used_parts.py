"""How much of the data an experiment uses, in words: what is left out is said wherever its numbers are."""

import dataclasses
import sys
from typing import Any

ALL = sys.maxsize
"""As a setting that limits data: all there is. A run has the number in its place, and so does what is stored of it."""


def with_all(value: Any, everything: int) -> Any:
    """A setting, a number or several, with `everything` in place of `ALL`.

    >>> with_all((100, ALL), 600), with_all(100, 600)
    ((100, 600), 100)
    """
    if isinstance(value, tuple):
        return tuple(everything if one == ALL else one for one in value)
    return everything if value == ALL else value


def with_at_most(value: Any, most: int) -> Any:
    """Return a setting, a number or several, without what exceeds `most`.

    >>> with_at_most((100, ALL), 600), with_at_most(100, 60)
    ((100, 600), 60)
    """
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(min(one, most) for one in value))
    return min(value, most)


@dataclasses.dataclass(frozen=True)
class UsedPart:
    """How much a setting lets an experiment use.

    Attributes:
        setting: such as "n_training".
        used: so many.
        available: of so many.
        what: what of the data, and what is done with it.
        how: they are chosen.

    >>> UsedPart("n_training", 600, 2000, "training examples are used", "the first").left_out
    '600 of 2,000 training examples are used, the first; `--n-training all` takes all.'
    """

    setting: str
    used: int
    available: int
    what: str
    how: str

    @property
    def left_out(self) -> str:
        """A sentence where not all is used; empty otherwise."""
        if self.used >= self.available:
            return ""
        option = f"--{self.setting.replace('_', '-')} all"
        return f"{self.used:,} of {self.available:,} {self.what}, {self.how}; `{option}` takes all."
