"""The result of one part of a claim, and p-values of several parts and of several claims."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from byheart.statistics.intervals import LEVEL, Interval, interval_to_judge_by
from byheart.statistics.rules import ERROR, Rule
from byheart.statistics.rules_in_words import failure_in_words
from byheart.statistics.scales import Scale


@dataclasses.dataclass(frozen=True)
class JudgedPart:
    """One part of a claim with its result.

    Attributes:
        name: of the part; empty for a claim without parts.
        values: (seed,), the number of each seed.
        interval: over the seeds that have a number, in the number's own units.
        judged: the same interval on the scale on which the claim is judged.
        verdict: "holds", "fails" or "undecided".
        failure: how the part fails; empty if it does not.
        p_value: of the hypothesis that the part is false; NaN without an interval of positive width.
        p_value_against: of the hypothesis that the part is true.
    """

    name: str
    values: Float[np.ndarray, " seed"]
    interval: Interval
    judged: Interval
    verdict: str
    failure: str
    p_value: float
    p_value_against: float

    @classmethod
    def of(
        cls, name: str, values: Float[np.ndarray, " seed"], rule: Rule, scale: Scale, level: float = LEVEL
    ) -> "JudgedPart":
        """Return the result of a part, by the interval of a confidence level.

        Args:
            name: of the part.
            values: (seed,), NaN where there is none.
            rule: in the number's own units.
            scale: on which it is judged.
            level: of the interval.
        """
        on_scale, judged = rule.on(scale), interval_to_judge_by(scale.forward(values), level)
        estimate, low, high = scale.back(np.array([judged.estimate, judged.low, judged.high])).tolist()
        own = Interval(estimate, low, high, judged.n, level) if judged.n > 1 else interval_to_judge_by(values, level)
        verdict = on_scale.verdict(judged)
        return cls(
            name,
            values,
            own,
            judged,
            verdict,
            failure_in_words(on_scale, judged) if verdict == "fails" else "",
            on_scale.p_value(judged),
            on_scale.p_value_against(judged),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the part's numbers; null for infinite bounds (a single seed)."""
        return {
            "estimate": finite(self.interval.estimate),
            "interval": [finite(self.interval.low), finite(self.interval.high)],
            "seeds": self.interval.n,
            "seeds_without_value": len(self.values) - self.interval.n,
            "per_seed": [finite(value) for value in self.values],
        }


@dataclasses.dataclass(frozen=True)
class PValues:
    """p-values of a claim, by itself or adjusted for the claims that are judged together.

    Attributes:
        p_value: of the hypothesis that the claim is false; NaN without an interval of positive width.
        p_value_against: of the hypothesis that the claim is true.
    """

    p_value: float
    p_value_against: float

    @classmethod
    def of(cls, parts: Sequence[JudgedPart]) -> "PValues":
        """Return the p-values of a claim: the largest of its parts; against it, the smallest times their number."""
        against = [part.p_value_against for part in parts if not math.isnan(part.p_value_against)]
        return cls(
            float(np.max([part.p_value for part in parts])),
            min(1.0, len(parts) * min(against)) if against else math.nan,
        )

    @property
    def verdict(self) -> str:
        """The verdict when these claims are judged together.

        The chance that any claim that holds is false is at most 2.5 %; so is the chance that any that fails is true.
        An effect that is there, but practically nothing, fails.
        """
        if self.p_value_against < ERROR:
            return "fails"
        return "holds" if self.p_value < ERROR else "undecided"


def finite(value: float) -> float | None:
    """Return a number, or None if it is infinite or NaN, which JSON does not have."""
    return float(value) if np.isfinite(value) else None
