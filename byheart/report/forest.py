"""Places all claims in one picture, a forest plot with the threshold of every claim at one line.

Claims are numbers of many units: shares, slopes, logarithms of epochs. What they have in common is the question
whether the interval reaches the threshold. So each row is drawn in half-widths of its own 95 % interval: the estimate
stands at its distance from the threshold, on the scale on which the claim is judged, towards the side where the claim
holds. The interval then ends one half-width to the left and to the right of it. A claim that needs a number between
two thresholds is drawn at its distance from the nearer one.

An interval lies right of the line if the claim holds, left of it if it fails. There are three exceptions. A claim also
fails by an interval at the line, if all of it is practically nothing (statistics/rules.py). Seeds that do not differ
have no half-width: their number is drawn at the end of the axis, and no claim holds by it. A claim of several parts
fails only where the interval of one lies far enough to the left to be no accident of looking at several. Its weakest
part makes the row, and the others are drawn as ticks.
"""

import dataclasses
import math
from collections.abc import Sequence

from byheart.experiments.claims import Claim, Judgment
from byheart.experiments.judged_part import JudgedPart
from byheart.statistics.rules import Between

END = 40.0
"""Half-widths from the threshold at the ends of the axis; marks that are farther away stand there."""
TICKS = (-30, -10, -3, -1, 0, 1, 3, 10, 30)
"""Half-widths that the axis names."""


@dataclasses.dataclass(frozen=True)
class Group:
    """The rows of a chapter.

    Attributes:
        title: of the chapter.
        link: id of the chapter.
        rows: its claims.
    """

    title: str
    link: str
    rows: tuple["Row", ...]


@dataclasses.dataclass(frozen=True)
class Row:
    """A claim in the forest plot.

    Attributes:
        judgment: the claim with its result.
        link: id of the section with its definition.
        data: name of the data, where a group has several.
        has_caution: whether its chapter has a caution.
    """

    judgment: Judgment
    link: str
    data: str = ""
    has_caution: bool = False

    @property
    def lead(self) -> float:
        """The place of the weakest part, in half-widths; NaN without an interval."""
        return lead(self.judgment.claim, self.judgment.weakest)

    @property
    def interval(self) -> tuple[str, str] | None:
        """The ends of the weakest part's interval on the axis, in percent of its length; None without a width."""
        return (place(self.lead - 1), place(self.lead + 1)) if math.isfinite(self.lead) and self._has_width else None

    @property
    def mark(self) -> str | None:
        """The place of the weakest part's estimate on the axis, in percent; None without an interval."""
        return None if math.isnan(self.lead) else place(self.lead)

    @property
    def smallest(self) -> str | None:
        """The place of the smallest effect that matters, in percent; None if the claim has none, or no width."""
        claim, half = self.judgment.claim, half_of(self.judgment.weakest)
        rule = claim.rule.on(claim.scale)
        if isinstance(rule, Between) or rule.smallest is None or not 0 < half < math.inf:
            return None
        return place(rule.smallest.size / half)

    @property
    def other_marks(self) -> list[str]:
        """The places of the other parts."""
        claim, weakest = self.judgment.claim, self.judgment.weakest
        leads = [lead(claim, part) for part in self.judgment.parts if part is not weakest]
        return [place(one) for one in leads if not math.isnan(one)]

    @property
    def in_words(self) -> str:
        """The picture as text."""
        interval = self.judgment.interval
        if interval.n < 2:
            return "no interval" if interval.n else "no value"
        if not interval.has_width:
            return "seeds do not differ"
        side = "on the claim’s side of" if self.lead >= 0 else "on the other side of"
        return f"{abs(self.lead):.1f} half-widths {side} the threshold"

    @property
    def _has_width(self) -> bool:
        return self.judgment.interval.has_width


def lead(claim: Claim, part: JudgedPart) -> float:
    """Return the distance of a part's estimate from the threshold of its claim, in half-widths of its interval.

    Returns:
        A positive number on the side where the claim holds. Infinite beyond the threshold, and 0 at it, if seeds do
        not differ. NaN with fewer than two seeds.
    """
    interval = part.judged
    if interval.n < 2:
        return math.nan
    distance = claim.rule.on(claim.scale).lead(interval.estimate)
    half = half_of(part)
    if half > 0:
        return distance / half
    return math.copysign(math.inf, distance) if distance and not _is_at_threshold(claim, interval.estimate) else 0.0


def half_of(part: JudgedPart) -> float:
    """Return half the width of a part's interval, on the scale on which it is judged."""
    return (part.judged.high - part.judged.low) / 2


def place(half_widths: float) -> str:
    """Return the place of a number of half-widths on the axis, in percent of its length.

    The axis is that of the inverse hyperbolic sine: even near 0, logarithmic far from it.

    >>> place(0), place(1), place(-1000), place(float("inf"))
    ('50.0', '60.1', '0.0', '100.0')
    """
    bounded = max(-END, min(END, half_widths))
    return f"{50 * (1 + math.asinh(bounded) / math.asinh(END)):.1f}"


def ticks() -> list[tuple[str, str]]:
    """Return the name and the place of each tick of the axis."""
    return [(f"{abs(tick)}" if tick else "", place(tick)) for tick in TICKS]


def rows_of(judgments: Sequence[Judgment], link: str, data: str = "", has_caution: bool = False) -> tuple[Row, ...]:
    """Return the rows of a chapter's claims."""
    return tuple(Row(judgment, link, data, has_caution) for judgment in judgments)


def _is_at_threshold(claim: Claim, estimate: float) -> bool:
    return math.isclose(claim.rule.on(claim.scale).lead(estimate), 0, abs_tol=1e-6 * max(1.0, abs(estimate)))
