"""Claims: a statement as one number for each seed, an interval over seeds, and a rule fixed beforehand."""

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
"""Computes a claim's number for each seed, (seed,), from the results.

For a claim with parts, it returns an array over (seed, part) whose second coordinate names the parts.
"""


def of_any_data(name: str) -> bool:
    """Return True: by default, a claim applies to data of any name."""
    del name
    return True


@dataclasses.dataclass(frozen=True)
class Claim:
    """A statement that is tested on the results of an experiment.

    A claim about several parts ("for all three kinds of data") has one number for each seed and part. It holds if
    every part holds. It fails if one part fails, corrected for the number of parts (intersection-union test; Berger
    1982). The smallest of the parts' numbers would not do: if parts are alike, it lies far below each of them, and a
    true claim would seem to fail.

    Attributes:
        name: for example "F78c".
        statement: what is claimed, in one sentence.
        statistic: how its number is computed, in one sentence.
        per_seed: computes the number of each seed, (seed,), or of each seed and part, from the results; NaN where
            there is none.
        rule: when the claim holds.
        applies_to: returns whether it is about data of a name, such as "mnist"; reports omit it for other data.
        scale: on which the number is judged, where its spread depends on its size.
        family: claims of one family on one data set are corrected together (Holm). By default, the claims of an
            experiment are one family.
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
        """Return further entries of the claim in claims.json, by name; none by default."""
        return {}

    def with_family(self, family: str) -> Self:
        """Return the claim with a `family`, unless it names its own."""
        return self if self.family else dataclasses.replace(self, family=family)

    def judge(self, results: xr.Dataset) -> "Judgment":
        """Return the judgment of this claim alone on `results`; `judged_together` corrects for several claims."""
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
        """Return the judgment by the numbers of each part; a claim without parts has one, with an empty name."""
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
    """One part of a claim with its result.

    Attributes:
        name: of the part; empty for a claim without parts.
        values: (seed,), the number of each seed.
        interval: over the seeds that have a number, in the number's own units.
        verdict: "holds", "fails" or "undecided".
        p_value: of the hypothesis that the part is false; NaN without an interval of positive width.
        p_value_against: of the hypothesis that the part is true.
    """

    name: str
    values: Float[np.ndarray, " seed"]
    interval: Interval
    verdict: str
    p_value: float
    p_value_against: float

    def as_json(self) -> dict[str, Any]:
        """Return the part's numbers; null for infinite bounds (a single seed)."""
        return {
            "estimate": _finite(self.interval.estimate),
            "interval": [_finite(self.interval.low), _finite(self.interval.high)],
            "seeds": self.interval.n,
            "seeds_without_value": len(self.values) - self.interval.n,
            "per_seed": [_finite(value) for value in self.values],
        }


@dataclasses.dataclass(frozen=True)
class Adjusted:
    """p-values adjusted for the claims that are judged together.

    Attributes:
        p_value: of the hypothesis that the claim is false; NaN without an interval of positive width.
        p_value_against: of the hypothesis that the claim is true.
    """

    p_value: float
    p_value_against: float

    @property
    def verdict(self) -> str:
        """The verdict when these claims are judged together.

        The chance that any claim that holds is false is at most 2.5 %; so is the chance that any that fails is true.
        """
        if self.p_value < ERROR:
            return "holds"
        return "fails" if self.p_value_against < ERROR else "undecided"


@dataclasses.dataclass(frozen=True)
class Judgment:
    """A claim with its result.

    Attributes:
        claim: the claim.
        parts: the result of each part; a claim without parts has one.
        in_family: p-values adjusted for the claims of the same family.
        among_all: p-values adjusted for all claims of a report.
    """

    claim: Claim
    parts: tuple[JudgedPart, ...]
    in_family: Adjusted
    among_all: Adjusted

    @property
    def weakest(self) -> JudgedPart:
        """The part with the weakest support; it decides whether the claim holds."""
        return max(self.parts, key=lambda part: math.inf if math.isnan(part.p_value) else part.p_value)

    @property
    def interval(self) -> Interval:
        """The interval of the weakest part, over the seeds that have a number."""
        return self.weakest.interval

    @property
    def values(self) -> Float[np.ndarray, " seed"]:
        """The numbers of the weakest part, (seed,)."""
        return self.weakest.values

    @property
    def p_value(self) -> float:
        """The p-value of the hypothesis that this claim is false; NaN if the interval of a part has no width."""
        return _p_values(self.parts)[0]

    @property
    def p_value_against(self) -> float:
        """The p-value of the hypothesis that this claim is true."""
        return _p_values(self.parts)[1]

    @property
    def verdict(self) -> str:
        """The verdict on this claim alone: "holds", "fails" or "undecided"."""
        if len(self.parts) == 1:
            return self.parts[0].verdict
        if all(part.verdict == "holds" for part in self.parts):
            return "holds"
        fails_exactly = any(part.verdict == "fails" and not part.interval.has_width for part in self.parts)
        return "fails" if fails_exactly or self.p_value_against < ERROR else "undecided"

    def as_json(self, data: str, scale: str | None) -> dict[str, Any]:
        """Return the claim's entry in claims.json; null for infinite bounds (a single seed) and missing p-values."""
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
    """Return the judgments with p-values adjusted for their families and for all of them (Holm).

    The p-values for and against the claims are adjusted separately.

    Args:
        chapters: the judgments of each experiment on each data set; claims of one family in a chapter are adjusted
            together.
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
    """Return a claim's p-values: the largest of its parts; against it, the smallest times their number (Bonferroni)."""
    in_favor = float(np.max([part.p_value for part in parts]))
    against = [part.p_value_against for part in parts if not math.isnan(part.p_value_against)]
    return in_favor, min(1.0, len(parts) * min(against)) if against else math.nan


def slope(values: xr.DataArray, axis: str) -> xr.DataArray:
    """Return the least-squares slope of `values` along `axis`: the change of the fitted line from 0 to 1.

    The slope is exactly 0 for values that are all equal, so that rounding makes no trend. It is NaN where `axis` has
    fewer than two distinct coordinates.
    """
    at = values[axis] - values[axis].mean()
    rise = values - values.isel({axis: 0}, drop=True)
    spread = (at**2).sum()
    return (rise * at).sum(axis, skipna=False) / spread.where(spread > 0)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
