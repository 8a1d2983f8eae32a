"""Estimates from a review: the precision of the list of suspects, and the share of wrong labels, without bias."""

import itertools
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from byheart.auditing.review_sample import ReviewPlan
from byheart.auditing.reviews import MARKS, Review
from byheart.statistics.stratified import Stratum, more_to_halve, stratified_share

REVIEWED_SHARE = 0.9
"""Smallest share of the beginning of a sample that is marked, if a person went through it."""


def estimated(review: Review, plan: ReviewPlan, rows: Int[np.ndarray, " example"]) -> dict[str, Any]:
    """Return the numbers of a review, for the summary.

    Two kinds of marks count. The most suspect examples that were reviewed without a gap, from the first one, are known
    exactly. Behind them the examples of the sample that were reviewed in its order stand for their strata: its longest
    beginning of which nine in ten are marked. Other marks were chosen by a person, and would bias the estimates. An
    unclear label counts as right; `if_unclear_are_wrong` is the other estimate.

    Args:
        review: the marks.
        plan: strata and sample.
        rows: (example,), row of each example in the order of the source, most suspect first.
    """
    rank_of = np.empty(len(rows), np.int64)
    rank_of[rows] = np.arange(len(rows))
    mark = np.full(len(rows), "", "U8")
    mark[rank_of[review.rows]] = review.marks
    is_marked = mark != ""
    is_sampled = _sampled(is_marked, np.array(plan.sample) - 1)
    known = _known(is_marked, is_sampled)
    counts = {
        "marked": len(review.rows),
        **{one: int((review.marks == one).sum()) for one in MARKS},
        "without_gap": known,
        "sampled": int(is_sampled[known:].sum()),
        "sample_left": int((~is_marked[np.array(plan.sample) - 1]).sum()),
        "not_counted": int((is_marked & ~is_sampled)[known:].sum()),
    }
    return {
        **counts,
        "precision": {"list_length": plan.list_length, **_share(mark, is_sampled, known, plan, plan.list_length)},
        "wrong_labels": _share(mark, is_sampled, known, plan, len(rows)),
    }


def _sampled(is_marked: Bool[np.ndarray, " example"], sample: Int[np.ndarray, " sampled"]) -> np.ndarray:
    """Return (example,): whether an example is marked and belongs to the beginning of the sample that was reviewed.

    Later members of the sample may be marked, too, but for another reason: a person went through the list.
    """
    share = np.cumsum(is_marked[sample]) / np.arange(1, len(sample) + 1)
    (ends,) = np.nonzero((share >= REVIEWED_SHARE) & is_marked[sample])
    found = np.zeros(len(is_marked), bool)
    found[sample[: ends[-1] + 1 if len(ends) else 0]] = True
    return found & is_marked


def _known(is_marked: Bool[np.ndarray, " example"], is_sampled: Bool[np.ndarray, " example"]) -> int:
    """Return the number of the most suspect examples that a person went through without a gap.

    The last of them was not sampled: a sampled one may be marked by chance, where a person never went through the list.
    """
    (gaps,) = np.nonzero(~is_marked)
    (chosen,) = np.nonzero(~is_sampled[: gaps[0] if len(gaps) else len(is_marked)])
    return int(chosen[-1]) + 1 if len(chosen) else 0


def _share(
    mark: Int[np.ndarray, " example"] | np.ndarray,
    is_sampled: Bool[np.ndarray, " example"],
    known: int,
    plan: ReviewPlan,
    last: int,
) -> dict[str, Any]:
    """Return the share of wrong labels among the `last` most suspect, or the strata that lack marks."""
    wrong, perhaps, missing = list[Stratum](), list[Stratum](), list[str]()
    for start, end in _parts(plan, known, last):
        counted = np.arange(start, end)
        if end > known:
            counted = counted[is_sampled[start:end]]
        if len(counted) == 0:
            missing.append(f"{start + 1} to {end}")
            continue
        n_wrong, n_unclear = (int((mark[counted] == one).sum()) for one in ("wrong", "unclear"))
        wrong.append(Stratum(end - start, len(counted), n_wrong))
        perhaps.append(Stratum(end - start, len(counted), n_wrong + n_unclear))
    if missing:
        return {"ranks_without_sampled_marks": missing}
    found = stratified_share(wrong)
    return {
        "share": found.estimate,
        "low": found.low,
        "high": found.high,
        "if_unclear_are_wrong": stratified_share(perhaps).estimate,
        "more_reviews_to_halve": more_to_halve(wrong),
    }


def _parts(plan: ReviewPlan, known: int, last: int) -> list[tuple[int, int]]:
    """Return the strata up to a rank as places from 0, without the end; one is cut where all marks before are known."""
    cuts = sorted({0, *(end for end in plan.ends if end <= last), last, min(known, last)})
    return list(itertools.pairwise(cuts))
