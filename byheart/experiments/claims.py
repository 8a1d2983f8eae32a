"""A claim: a statement of the paper as one statistic a seed, an interval over seeds, and a rule fixed beforehand (docs/verdicts.md)."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.intervals import Interval, interval_to_judge_by
from byheart.results.rules import ERROR, Rule, rule_in_words
from byheart.results.together import adjusted


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
        """The claim held against `results`, by itself; `judged_together` asks it together with others."""
        values = np.asarray(self.per_seed(results), float)
        interval = interval_to_judge_by(values)
        p_values = self.rule.p_value(interval), self.rule.p_value_against(interval)
        return Judgment(self, interval, self.rule.verdict(interval), values, *p_values)


@dataclasses.dataclass(frozen=True)
class Judgment:
    """A claim with what was seen.

    Attributes:
        claim: what was claimed.
        interval: over the seeds that gave a number.
        verdict: "holds", "fails" or "undecided", of this claim by itself.
        values: (seed,), the number of each seed.
        adjusted_p_value: the rule's p-value, adjusted to the claims that are asked together; NaN without an interval that has a width.
        adjusted_p_value_against: the same against the claim being true.
    """

    claim: Claim
    interval: Interval
    verdict: str
    values: Float[np.ndarray, " seed"]
    adjusted_p_value: float
    adjusted_p_value_against: float

    @property
    def p_value(self) -> float:
        """Of this claim by itself, against its being false; NaN without an interval that has a width."""
        return self.claim.rule.p_value(self.interval)

    @property
    def verdict_together(self) -> str:
        """The verdict when all claims are asked together: of all that hold, any is false with a chance of at most 2.5 %, and so for all that fail."""
        if self.adjusted_p_value < ERROR:
            return "holds"
        return "fails" if self.adjusted_p_value_against < ERROR else "undecided"

    def as_json(self, data: str, scale: str) -> dict[str, Any]:
        """The object that stands in claims.json; null for infinite bounds (a single seed) and p-values that there are none of."""
        return {
            "claim": self.claim.name,
            "figure": self.claim.figure,
            "statement": self.claim.statement,
            "statistic": self.claim.statistic,
            "estimate": _finite(self.interval.estimate),
            "interval": [_finite(self.interval.low), _finite(self.interval.high)],
            "rule": rule_in_words(self.claim.rule),
            "verdict": self.verdict,
            "p_value": _finite(self.p_value),
            "adjusted_p_value": _finite(self.adjusted_p_value),
            "verdict_together": self.verdict_together,
            "seeds": self.interval.n,
            "seeds_without_value": len(self.values) - self.interval.n,
            "per_seed": [_finite(value) for value in self.values],
            "data": data,
            "scale": scale,
        }


def judged_together(judgments: Sequence[Judgment]) -> tuple[Judgment, ...]:
    """The same judgments with p-values adjusted to all of them (Holm): once for what holds, and once for what fails."""
    in_favor = adjusted(np.array([one.p_value for one in judgments]))
    against = adjusted(np.array([one.claim.rule.p_value_against(one.interval) for one in judgments]))
    return tuple(
        dataclasses.replace(one, adjusted_p_value=float(p), adjusted_p_value_against=float(q))
        for one, p, q in zip(judgments, in_favor, against, strict=True)
    )


def slope(values: xr.DataArray, axis: str) -> xr.DataArray:
    """Least-squares slope of `values` along `axis`: the change from 0 to 1 of its coordinate if the relation were a line.

    Exactly 0 for values that are all the same, which no rounding may turn into a trend; NaN where there are not two coordinates.
    """
    at = values[axis] - values[axis].mean()
    rise = values - values.isel({axis: 0}, drop=True)
    spread = (at**2).sum()
    return (rise * at).sum(axis, skipna=False) / spread.where(spread > 0)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
