"""A claim: a statement of the paper as one statistic a seed, an interval over seeds, and a rule fixed beforehand."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.intervals import Interval, interval_over_seeds
from byheart.results.rules import Rule, rule_in_words


def of_any_data(name: str) -> bool:
    """True."""
    del name
    return True


@dataclasses.dataclass(frozen=True)
class Claim:
    """A statement that an experiment can hold against its results.

    Attributes:
        name: for example "F78c".
        figure: of the paper.
        statement: what the paper says, in one sentence.
        statistic: how its number is made, in one sentence.
        per_seed: the number of each seed (seed,), from the experiment's results; NaN where a seed has none.
        rule: when the claim holds.
        said_of: whether it is said of data of a name, such as "mnist"; reports leave it out for others.
    """

    name: str
    figure: str
    statement: str
    statistic: str
    per_seed: Callable[[xr.Dataset], Float[np.ndarray, " seed"]]
    rule: Rule
    said_of: Callable[[str], bool] = of_any_data

    def judged(self, results: xr.Dataset) -> "Judgment":
        """The claim held against `results`."""
        values = np.asarray(self.per_seed(results), float)
        interval = interval_over_seeds(values)
        return Judgment(self, interval, self.rule.verdict(interval), values)


@dataclasses.dataclass(frozen=True)
class Judgment:
    """A claim with what was seen.

    Attributes:
        claim: what was claimed.
        interval: over the seeds that gave a number.
        verdict: "holds", "fails" or "undecided".
        values: (seed,), the number of each seed.
    """

    claim: Claim
    interval: Interval
    verdict: str
    values: Float[np.ndarray, " seed"]

    def as_json(self, data: str, scale: str) -> dict[str, Any]:
        """The object that stands in claims.json; infinite bounds (a single seed) are null."""
        return {
            "claim": self.claim.name,
            "figure": self.claim.figure,
            "statement": self.claim.statement,
            "statistic": self.claim.statistic,
            "estimate": _finite(self.interval.estimate),
            "interval": [_finite(self.interval.low), _finite(self.interval.high)],
            "rule": rule_in_words(self.claim.rule),
            "verdict": self.verdict,
            "seeds": self.interval.n,
            "seeds_without_value": len(self.values) - self.interval.n,
            "per_seed": [_finite(value) for value in self.values],
            "data": data,
            "scale": scale,
        }


def slope(values: xr.DataArray, axis: str) -> xr.DataArray:
    """Least-squares slope of `values` along `axis`: the change from 0 to 1 of its coordinate if the relation were a line.

    Exactly 0 for values that are all the same, which no rounding may turn into a trend; NaN where there are not two coordinates.
    """
    at = values[axis] - values[axis].mean()
    rise = values - values.isel({axis: 0}, drop=True)
    spread = (at**2).sum()
    return (rise * at).sum(axis, skipna=False) / spread.where(spread > 0)


def peak_of_other_seeds(curves: xr.DataArray, axis: str = "epoch") -> xr.DataArray:
    """For each seed, the place on `axis` at which the mean of the other seeds' `curves` is highest.

    A maximum of a noisy curve always lies above its neighbors; a place chosen by other seeds shows a peak only if there is one.
    Seeds with a NaN (diverged) place no peak. A seed that is the only one left has its own.
    """
    is_whole = curves.notnull().all(axis)
    whole = curves.where(is_whole, 0)
    n_others = is_whole.sum("seed") - is_whole
    others = (whole.sum("seed") - whole) / n_others.where(n_others > 0)
    return others.where(n_others > 0, curves).fillna(-np.inf).idxmax(axis)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
