"""A claim: a statement as one number for each seed, an interval over seeds, and a rule fixed beforehand."""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.statistics.holm import adjusted
from byheart.statistics.intervals import Interval, interval_to_judge_by
from byheart.statistics.rules import ERROR, Rule, rule_in_words
from byheart.statistics.scales import AsItIs, Scale

PerSeed = Callable[[xr.Dataset], Float[np.ndarray, " seed"] | xr.DataArray]
"""A claim's number of each seed (seed,), from the results; or, where it has parts, an array over (seed, part) whose second coordinate names them."""


def of_any_data(name: str) -> bool:
    """True."""
    del name
    return True


@dataclasses.dataclass(frozen=True)
class Claim:
    """A statement that an experiment can hold against its results.

    A claim that says something of each of several parts ("for all three kinds of data") has one number a seed for each of them. It holds where
    every part holds, and fails where one fails, corrected for their number (intersection-union test; Berger 1982). The smallest of the parts' numbers
    would not do: where parts are alike it lies far below each of them, so a claim that is true would be said to fail.

    Attributes:
        name: for example "F78c".
        statement: what is claimed, in one sentence.
        statistic: how its number is made, in one sentence.
        per_seed: the number of each seed (seed,), or of each seed and part, from the experiment's results; NaN where there is none.
        rule: when the claim holds.
        applies_to: whether it is about data of a name, such as "mnist"; reports leave it out for others.
        scale: on which the number is judged, where its spread depends on its size.
        family: the claims of one family and one data set are corrected together (Holm). By default those of an
            experiment are one.
    """

    name: str
    statement: str
    statistic: str
    per_seed: PerSeed
    rule: Rule
    applies_to: Callable[[str], bool] = of_any_data
    scale: Scale = AsItIs()
    family: str = ""

    def details(self) -> dict[str, str]:
        """Return what else claims.json says of the claim, by name; nothing by default."""
        return {}

    def with_family(self, family: str) -> Self:
        """Return the claim with a `family`, unless it names its own."""
        return self if self.family else dataclasses.replace(self, family=family)

    def judge(self, results: xr.Dataset) -> "Judgment":
        """The claim held against `results`, by itself; `judged_together` asks it together with others."""
        numbers = self.per_seed(results)
        if isinstance(numbers, xr.DataArray):
            axis = next(str(name) for name in numbers.dims if name != "seed")
            by_part = {
                str(part): numbers.sel({axis: part}).transpose("seed").values for part in numbers[axis].values.tolist()
            }
        else:
            by_part = {"": numbers}
        return self.judged_by(by_part)

    def judged_by(self, numbers: Mapping[str, Float[np.ndarray, " seed"]]) -> "Judgment":
        """The claim held against the numbers of its parts; of its only part, whose name is empty, where it has one."""
        parts = tuple(self._judged_part(name, np.asarray(values, float)) for name, values in numbers.items())
        alone = Adjusted(*_p_values(parts))
        return Judgment(self, parts, alone, alone)

    def _judged_part(self, name: str, values: Float[np.ndarray, " seed"]) -> "JudgedPart":
        rule, interval = self.rule.on(self.scale), interval_to_judge_by(self.scale.forward(values))
        estimate, low, high = self.scale.back(np.array([interval.estimate, interval.low, interval.high])).tolist()
        shown = Interval(estimate, low, high, interval.n) if interval.n > 1 else interval_to_judge_by(values)
        return JudgedPart(
            name,
            values,
            shown,
            rule.verdict(interval),
            rule.p_value(interval),
            rule.p_value_against(interval),
        )


@dataclasses.dataclass(frozen=True)
class JudgedPart:
    """One part of a claim with what was seen.

    Attributes:
        name: of the part; empty where a claim has only one.
        values: (seed,), the number of each seed.
        interval: over the seeds that gave a number, in the number's own units.
        verdict: "holds", "fails" or "undecided".
        p_value: against the part being false; NaN without an interval that has a width.
        p_value_against: against its being true.
    """

    name: str
    values: Float[np.ndarray, " seed"]
    interval: Interval
    verdict: str
    p_value: float
    p_value_against: float

    def as_json(self) -> dict[str, Any]:
        """The part's numbers; null for infinite bounds (a single seed)."""
        return {
            "estimate": _finite(self.interval.estimate),
            "interval": [_finite(self.interval.low), _finite(self.interval.high)],
            "seeds": self.interval.n,
            "seeds_without_value": len(self.values) - self.interval.n,
            "per_seed": [_finite(value) for value in self.values],
        }


@dataclasses.dataclass(frozen=True)
class Adjusted:
    """p-values adjusted to the claims that are asked together.

    Attributes:
        p_value: against the claim being false; NaN without an interval that has a width.
        p_value_against: against its being true.
    """

    p_value: float
    p_value_against: float

    @property
    def verdict(self) -> str:
        """The verdict when these claims are asked together: of all that hold, any is false with a chance of at most 2.5 %, and so for all that fail."""
        if self.p_value < ERROR:
            return "holds"
        return "fails" if self.p_value_against < ERROR else "undecided"


@dataclasses.dataclass(frozen=True)
class Judgment:
    """A claim with what was seen.

    Attributes:
        claim: what was claimed.
        parts: what was seen of each part; one where the claim has no parts.
        in_family: p-values adjusted to the claims of the same family.
        among_all: p-values adjusted to all claims of a report.
    """

    claim: Claim
    parts: tuple[JudgedPart, ...]
    in_family: Adjusted
    among_all: Adjusted

    @property
    def weakest(self) -> JudgedPart:
        """The part that speaks least for the claim: it decides whether the claim holds."""
        return max(self.parts, key=lambda part: math.inf if math.isnan(part.p_value) else part.p_value)

    @property
    def interval(self) -> Interval:
        """Of the weakest part, over the seeds that gave a number."""
        return self.weakest.interval

    @property
    def values(self) -> Float[np.ndarray, " seed"]:
        """(seed,), the number of each seed, of the weakest part."""
        return self.weakest.values

    @property
    def p_value(self) -> float:
        """Of this claim by itself, against its being false; NaN where a part has no interval with a width."""
        return _p_values(self.parts)[0]

    @property
    def p_value_against(self) -> float:
        """Of this claim by itself, against its being true."""
        return _p_values(self.parts)[1]

    @property
    def verdict(self) -> str:
        """Of this claim by itself: "holds", "fails" or "undecided"."""
        if len(self.parts) == 1:
            return self.parts[0].verdict
        if all(part.verdict == "holds" for part in self.parts):
            return "holds"
        fails_exactly = any(part.verdict == "fails" and not part.interval.has_width for part in self.parts)
        return "fails" if fails_exactly or self.p_value_against < ERROR else "undecided"

    def as_json(self, data: str, scale: str | None) -> dict[str, Any]:
        """The object that stands in claims.json; null for infinite bounds (a single seed) and p-values that there are none of."""
        own = {
            "claim": self.claim.name,
            **self.claim.details(),
            "family": self.claim.family,
            "statement": self.claim.statement,
            "statistic": self.claim.statistic,
            "judged": self.claim.scale.title,
            "rule": rule_in_words(self.claim.rule, len(self.parts)),
            "verdict": self.verdict,
            "p_value": _finite(self.p_value),
            "adjusted_p_value": _finite(self.in_family.p_value),
            "verdict_in_family": self.in_family.verdict,
            "verdict_together": self.among_all.verdict,
        }
        parts = {part.name: part.as_json() for part in self.parts} if len(self.parts) > 1 else {}
        weakest = {"weakest_part": self.weakest.name} if parts else {}
        return own | weakest | self.weakest.as_json() | {"parts": parts, "data": data, "scale": scale}


def judged_together(chapters: Sequence[Sequence[Judgment]]) -> tuple[tuple[Judgment, ...], ...]:
    """The same judgments with p-values adjusted to their families and to all of them (Holm): once for what holds, and once for what fails.

    Args:
        chapters: the judgments of each experiment on each data set; claims of one family in them are asked together.
    """
    among_all = iter(_adjusted_to_each_other([one for chapter in chapters for one in chapter]))
    found = []
    for chapter in chapters:
        families: dict[str, list[Judgment]] = {}
        for one in chapter:
            families.setdefault(one.claim.family, []).append(one)
        in_family = {name: iter(_adjusted_to_each_other(own)) for name, own in families.items()}
        found.append(
            tuple(
                dataclasses.replace(one, in_family=next(in_family[one.claim.family]), among_all=next(among_all))
                for one in chapter
            )
        )
    return tuple(found)


def _adjusted_to_each_other(judgments: Sequence[Judgment]) -> list[Adjusted]:
    in_favor = adjusted(np.array([one.p_value for one in judgments]))
    against = adjusted(np.array([one.p_value_against for one in judgments]))
    return [Adjusted(float(p), float(q)) for p, q in zip(in_favor, against, strict=True)]


def _p_values(parts: Sequence[JudgedPart]) -> tuple[float, float]:
    """Of a claim: the largest of its parts' in its favor; against it the smallest, times their number (Bonferroni)."""
    in_favor = float(np.max([part.p_value for part in parts]))
    against = [part.p_value_against for part in parts if not math.isnan(part.p_value_against)]
    return in_favor, min(1.0, len(parts) * min(against)) if against else math.nan


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
