"""The parts of the data that an experiment uses, with a sentence for reports about those it omits."""

import dataclasses
import sys
from typing import Any

ALL = sys.maxsize
"""Value of a setting that limits data: all available examples. Runs and their records have the number in its place."""


def with_all(value: Any, everything: int) -> Any:
    """Return a setting, one number or several, with `everything` in place of `ALL`.

    >>> with_all((100, ALL), 600), with_all(100, 600)
    ((100, 600), 100)
    """
    if isinstance(value, tuple):
        return tuple(everything if one == ALL else one for one in value)
    return everything if value == ALL else value


def with_at_most(value: Any, most: int) -> Any:
    """Return a setting, one number or several, with numbers above `most` replaced by it.

    >>> with_at_most((100, ALL), 600), with_at_most(100, 60)
    ((100, 600), 60)
    """
    if isinstance(value, tuple):
        return tuple(dict.fromkeys(min(one, most) for one in value))
    return min(value, most)


@dataclasses.dataclass(frozen=True)
class UsedPart:
    """The part of the data that a setting lets an experiment use.

    Attributes:
        setting: name of the setting, such as "n_training".
        used: number of examples used.
        available: number of available examples.
        what: phrase for the examples and their use, such as "training examples are used".
        how: phrase for how they are chosen, such as "the first".

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
        """A sentence about unused examples; empty if all are used."""
        if self.used >= self.available:
            return ""
        option = f"--{self.setting.replace('_', '-')} all"
        return f"{self.used:,} of {self.available:,} {self.what}, {self.how}; `{option}` takes all."
