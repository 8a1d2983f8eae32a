"""Looks: tests of the same numbers again and again, as seeds are added, with one error for all tests together.

Suppose that a claim is tested after 5, 10, 20, 40 and 80 seeds, each time at a level of 2.5 %, until a test decides.
Then a false claim is said to hold in 8.9 % of cases. So each test is stricter, all alike (Pocock, Group sequential
methods in the design and analysis of clinical trials, Biometrika, 1977): five looks have a level of 0.6 % each.

The errors of all looks together come from a simulation of Student's t on samples of normal numbers that double
(`benchmarks/looks.py`). They are those of 5 numbers at the first look; for larger samples they are slightly smaller.
"""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from byheart import checks

PLANNED = 5
"""Number of looks: the first, and one after each of four doublings of the seeds."""
LEVELS = (1e-5, 1e-4, 1e-3, 3e-3, 6e-3, 0.01, 0.025, 0.1, 0.3, 1.0)
"""p-values of a single look."""
_TIMES = (5.0, 4.85, 4.51, 4.27, 4.08, 3.92, 3.55, 2.81, 2.05, 1.0)
"""How many times more probable it is that any look has such a p-value than that a single one has."""


@dataclasses.dataclass(frozen=True)
class Looks:
    """The planned looks at the numbers of a claim.

    Attributes:
        first: number of seeds at the first look; each later look has twice the seeds of the look before.

    Raises:
        BadInput: `first` is not a whole number of at least 1.

    >>> Looks(5).seeds, round(Looks(5).level(0.025), 4)
    ((5, 10, 20, 40, 80), 0.0061)
    """

    first: int

    def __post_init__(self) -> None:
        checks.fields(self, first=checks.count)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Number of seeds at each look."""
        return tuple(self.first * 2**number for number in range(PLANNED))

    def after(self, seeds: int) -> int:
        """Return the number of seeds at the next look after `seeds`; `seeds` if there is none."""
        return next((n for n in self.seeds if n > seeds), seeds)

    def together(self, p_value: float) -> float:
        """Return the probability that any look has a p-value of at most `p_value`, if the number is the threshold.

        >>> round(Looks(5).together(0.025), 3)
        0.089
        """
        if not 0 < p_value < 1:
            return p_value  # NaN stays NaN.
        if p_value < LEVELS[0]:
            return PLANNED * p_value
        return min(1.0, p_value * float(np.interp(math.log(p_value), np.log(LEVELS), _TIMES)))

    def level(self, error: float) -> float:
        """Return the level of each look with which all looks together have an error of `error`."""
        low, high = error / PLANNED, error
        while high - low > 1e-9:
            middle = (low + high) / 2
            low, high = (middle, high) if self.together(middle) <= error else (low, middle)
        return low

    def so_far(self, p_values: Sequence[tuple[float, float]], error: float) -> tuple[float, float]:
        """Return the p-values for and against a claim over the looks taken so far.

        Each is the smallest p-value so far, as the error of all planned looks (`together`). Once one side is below
        `error`, the claim is decided, and the other side falls no further.

        Args:
            p_values: at each look taken: for and against the claim; NaN where there is none.
            error: of all looks together.

        >>> [round(p_value, 2) for p_value in Looks(5).so_far([(0.2, 0.99), (0.03, 0.97)], 0.025)]
        [0.1, 1.0]
        """
        found = [math.nan, math.nan]
        for pair in p_values:
            is_decided = [one < error for one in found]
            for side in (0, 1):
                if is_decided[side] or not is_decided[1 - side]:
                    found[side] = float(np.fmin(found[side], self.together(pair[side])))
        return found[0], found[1]
