"""Claims: a statement as one number for each seed, an interval over seeds, and a rule fixed beforehand."""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.experiments.judged_part import JudgedPart, PValues, finite
from byheart.statistics.holm import adjusted
from byheart.statistics.intervals import LEVEL, Interval
from byheart.statistics.looks import PLANNED, Looks
from byheart.statistics.rules import ERROR, Rule
from byheart.statistics.rules_in_words import rule_in_words
from byheart.statistics.scales import AsItIs, Scale
from byheart.statistics.seeds_to_decide import decision_to_come

PerSeed = Callable[[xr.Dataset], Float[np.ndarray, " seed"] | xr.DataArray]
"""Computes a claim's number for each seed, (seed,), from the results.

For a claim with parts, it returns an array over (seed, part) whose second coordinate names the parts.
"""
Numbers = Mapping[str, Float[np.ndarray, "_"]]
"""The number of each seed, (seed,), by part of a claim."""


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
        least: computes the least number that each seed can have, like `per_seed`, if what was measured is known to lie
            within brackets alone; None where there are none. The claim is certified if it holds by these numbers.
    """

    name: str
    statement: str
    statistic: str
    per_seed: PerSeed
    rule: Rule
    applies_to: Callable[[str], bool] = of_any_data
    scale: Scale = AsItIs()
    family: str = ""
    least: PerSeed | None = None

    def details(self) -> dict[str, str]:
        """Return further entries of the claim in claims.json, by name; none by default."""
        return {}

    def with_family(self, family: str) -> Self:
        """Return the claim with a `family`, unless it names its own."""
        return self if self.family else dataclasses.replace(self, family=family)

    def judge(self, results: xr.Dataset, looks: Looks | None = None) -> "Judgment":
        """Return the judgment of this claim alone on `results`; `judged_together` corrects for several claims.

        Args:
            results: over (member, ...).
            looks: at which numbers of seeds the claim is tested; None: once, by all seeds.
        """
        found = self._judge(results, looks)
        if self.least is None:
            return found
        by_least = dataclasses.replace(self, per_seed=self.least, least=None)
        return dataclasses.replace(found, by_least=by_least.judge(results, looks))

    def _judge(self, results: xr.Dataset, looks: Looks | None) -> "Judgment":
        if looks is None:
            return self.judged_by(self.numbers(results))
        at_looks = [self.numbers(first_seeds(results, n)) for n in _taken(looks, results)]
        while len(at_looks) > 1 and _n_known(at_looks[-1]) <= _n_known(at_looks[-2]):
            at_looks.pop()  # Other claims were given these seeds.
        return self.judged_at(at_looks, looks)

    def numbers(self, results: xr.Dataset) -> Numbers:
        """Return the number of each seed, by part; a claim without parts has one, with an empty name."""
        numbers = self.per_seed(results)
        if not isinstance(numbers, xr.DataArray):
            return {"": np.asarray(numbers, float)}
        axis = next(str(name) for name in numbers.dims if name != "seed")
        return {
            str(part): np.asarray(numbers.sel({axis: part}).transpose("seed").values, float)
            for part in numbers[axis].values.tolist()
        }

    def judged_by(self, numbers: Numbers) -> "Judgment":
        """Return the judgment by the numbers of each part, as `numbers` returns them."""
        return self.judged_at([numbers], None)

    def judged_at(self, numbers: Sequence[Numbers], looks: Looks | None) -> "Judgment":
        """Return the judgment by the numbers at each look taken so far."""
        level = LEVEL if looks is None else 1 - 2 * looks.level(ERROR)
        at_looks = [
            tuple(JudgedPart.of(name, values, self.rule, self.scale, level) for name, values in one.items())
            for one in numbers
        ]
        by_look = [PValues.of(parts) for parts in at_looks]
        alone = by_look[-1]
        if looks is not None:
            alone = PValues(*looks.so_far([(one.p_value, one.p_value_against) for one in by_look], ERROR))
        return Judgment(self, at_looks[-1], alone, alone, alone, looks, len(numbers))


@dataclasses.dataclass(frozen=True)
class Judgment:
    """A claim with its result.

    Attributes:
        claim: the claim.
        parts: the result of each part, at the last look; a claim without parts has one.
        alone: p-values of this claim, over all looks.
        in_family: p-values adjusted for the claims of the same family.
        among_all: p-values adjusted for all claims of a report.
        looks: the planned looks; None if the claim is tested once.
        n_taken: number of looks taken.
        by_least: the judgment by the least numbers that brackets allow; None without brackets.
    """

    claim: Claim
    parts: tuple[JudgedPart, ...]
    alone: PValues
    in_family: PValues
    among_all: PValues
    looks: Looks | None = None
    n_taken: int = 1
    by_least: "Judgment | None" = None

    @property
    def certified(self) -> bool | None:
        """True if the claim holds whatever undecided samples are; None without brackets."""
        return None if self.by_least is None else self.by_least.verdict == "holds"

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
        return self.alone.p_value

    @property
    def p_value_against(self) -> float:
        """The p-value of the hypothesis that this claim is true."""
        return self.alone.p_value_against

    @property
    def verdict(self) -> str:
        """The verdict on this claim alone: "holds", "fails" or "undecided"."""
        if self.looks is None and len(self.parts) == 1:
            return self.parts[0].verdict
        fails_exactly = any(part.verdict == "fails" and not part.interval.has_width for part in self.parts)
        return "fails" if fails_exactly else self.alone.verdict

    @property
    def failure(self) -> str:
        """The way in which the claim fails, by the part that fails most clearly now; empty if it does not fail."""
        if self.verdict != "fails":
            return ""
        failing = [part for part in self.parts if part.failure]
        clearest = min(failing, key=lambda part: np.nan_to_num(part.p_value_against, nan=math.inf), default=None)
        return "at an earlier look" if clearest is None else clearest.failure

    @property
    def seeds_to_decide(self) -> int | None:
        """The number of seeds that would decide the claim, if means and spreads stay as they are.

        None if it is decided, or if no number of seeds would do.
        """
        if self.verdict != "undecided":
            return None
        rule = self.claim.rule.on(self.claim.scale)
        found = [decision_to_come(rule, part.judged, part.judged.level) for part in self.parts]
        known = [one for one in found if one is not None]
        failing = [n for n, verdict in known if verdict == "fails"]
        if failing:
            return min(failing)
        return max(n for n, _ in known) if len(known) == len(found) else None

    def as_json(self, data: str, scale: str | None) -> dict[str, Any]:
        """Return the claim's entry in claims.json; null for infinite bounds (a single seed) and missing p-values."""
        own: dict[str, Any] = {
            "claim": self.claim.name,
            **self.claim.details(),
            "family": self.claim.family,
            "statement": self.claim.statement,
            "statistic": self.claim.statistic,
            "judged": self.claim.scale.title,
            "rule": rule_in_words(self.claim.rule, len(self.parts)),
            "verdict": self.verdict,
            "fails_by": self.failure or None,
            "seeds_to_decide": self.seeds_to_decide,
            "p_value": finite(self.p_value),
            "adjusted_p_value": finite(self.in_family.p_value),
            "verdict_in_family": self.in_family.verdict,
            "verdict_together": self.among_all.verdict,
            "certified": self.certified,
        }
        if self.by_least is not None:
            own |= {"least": self.by_least.weakest.as_json()}
        if self.looks is not None:
            own |= {"looks_taken": self.n_taken, "looks_planned": PLANNED}
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


def _adjusted_to_each_other(judgments: Sequence[Judgment]) -> list[PValues]:
    in_favor = adjusted(np.array([one.p_value for one in judgments]))
    against = adjusted(np.array([one.p_value_against for one in judgments]))
    return [PValues(float(p), float(q)) for p, q in zip(in_favor, against, strict=True)]


def first_seeds(results: xr.Dataset, n: int) -> xr.Dataset:
    """Return the results of the first `n` seeds."""
    chosen = np.unique(results.seed.values)[:n]
    return results.isel(member=np.flatnonzero(np.isin(results.seed.values, chosen)))


def _n_known(numbers: Numbers) -> int:
    """Return how many numbers there are, over all parts and seeds."""
    return int(sum(np.isfinite(values).sum() for values in numbers.values()))


def _taken(looks: Looks, results: xr.Dataset) -> list[int]:
    """Return the number of seeds at each look that `results` have seeds for; the last one may lack some."""
    n = min(len(np.unique(results.seed.values)), looks.seeds[-1])
    return [*(seeds for seeds in looks.seeds if seeds < n), n]


def slope(values: xr.DataArray, axis: str) -> xr.DataArray:
    """Return the least-squares slope of `values` along `axis`: the change of the fitted line from 0 to 1.

    The slope is exactly 0 for values that are all equal, so that rounding makes no trend. It is NaN where `axis` has
    fewer than two distinct coordinates.
    """
    at = values[axis] - values[axis].mean()
    rise = values - values.isel({axis: 0}, drop=True)
    spread = (at**2).sum()
    return (rise * at).sum(axis, skipna=False) / spread.where(spread > 0)
