"""Formatting of judgments, intervals and data for readers."""

import re
from collections.abc import Sequence

from byheart.drawing.text import isolated
from byheart.experiments.claims import Judgment
from byheart.experiments.data_summary import DataSummary
from byheart.inputs import are_images, in_words
from byheart.pages.formatting import duration, number
from byheart.statistics.intervals import Interval
from byheart.statistics.rules_in_words import region_in_words, rule_in_words


def interval_in_words(interval: Interval) -> str:
    """Return "[low, high]", or the reason why there is no interval."""
    if interval.n < 2:
        return "needs two seeds"
    return f"[{number(interval.low)}, {number(interval.high)}]" if interval.has_width else "seeds do not differ"


def seeds_in_words(judgment: Judgment) -> str:
    """Return the number of seeds with a value, such as "5", or "4 of 5" if one has none."""
    n, n_all = judgment.interval.n, len(judgment.values)
    return str(n) if n == n_all else f"{n} of {n_all}"


def counted(verdicts: Sequence[str]) -> list[tuple[str, int]]:
    """Return each verdict with the number of claims that have it.

    >>> counted(["holds", "undecided", "holds"])
    [('holds', 2), ('fails', 0), ('undecided', 1)]
    """
    return [(verdict, verdicts.count(verdict)) for verdict in ("holds", "fails", "undecided")]


def rule_of_judgment(judgment: Judgment) -> str:
    """Return the rule of a claim in words, for its number of parts."""
    return rule_in_words(judgment.claim.rule, len(judgment.parts))


def prospect_in_words(judgment: Judgment, seconds_for_a_seed: float) -> str:
    """Return how many seeds would decide an undecided claim, and the time that more of all its networks take."""
    n = judgment.seeds_to_decide
    if n is None:
        return "no number of seeds would decide it at today’s mean and spread"
    more = duration((n - judgment.interval.n) * seconds_for_a_seed)
    return f"about {n:,} seeds would decide it at today’s mean and spread: at most {more} more"


def unit_in_words(judgment: Judgment) -> str:
    """Return what the number of a claim counts: the first words of its statistic."""
    return re.split(r"[:;,(]", judgment.claim.statistic)[0].strip()


def needed_in_words(judgment: Judgment) -> str:
    """Return where the rule of a claim wants its interval, such as "> 0.5"."""
    return region_in_words(judgment.claim.rule)


def together_in_words(judgments: Sequence[Judgment]) -> str:
    """Return a sentence about the verdicts that stay when claims are tested together; empty if none is decided.

    It counts those that stay within their families, and those that stay among all claims.
    """
    decided = [one for one in judgments if one.verdict != "undecided"]
    if not decided:
        return ""
    in_family = [one.claim.name for one in decided if one.in_family.verdict == one.verdict]
    among_all = [one.claim.name for one in decided if one.among_all.verdict == one.verdict]
    return (
        f"tested together (docs/verdicts.md), {len(in_family)} of {len(decided)} verdicts stay within their families"
        f"{_lost(decided, in_family)}, and {len(among_all)} among all claims{_lost(decided, among_all)}"
    )


def _lost(decided: Sequence[Judgment], kept: Sequence[str]) -> str:
    """Return the names of decided claims that are not kept, in parentheses."""
    lost = [one.claim.name for one in decided if one.claim.name not in kept]
    return f" (not {', '.join(lost)})" if lost and kept else ""


def data_in_words(facts: DataSummary) -> str:
    """Return the name of the data and the size of its inputs.

    >>> data_in_words(DataSummary("mnist", (28, 28, 1), 60000, 10000))
    'mnist (28 x 28)'
    >>> data_in_words(DataSummary("income", (14,), 30000, 10000))
    'income (14 features)'
    """
    shape = facts.input_shape
    size = in_words(shape).removesuffix(" x 1") if are_images(shape) else in_words(shape)
    return f"{isolated(facts.name)} ({size})"
