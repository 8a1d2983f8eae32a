"""The number of verdicts that more seeds are expected to decide."""

from byheart.experiments.claims import Judgment
from byheart.statistics.looks import Looks
from byheart.statistics.rules import ERROR
from byheart.statistics.seeds_to_decide import chances_to_decide


def is_open(judgment: Judgment) -> bool:
    """Return whether a claim is undecided, by itself or within its family."""
    return "undecided" in (judgment.verdict, judgment.in_family.verdict)


def expected_verdicts(judgment: Judgment, seeds: int, looks: Looks) -> float:
    """Return how many verdicts on a claim, alone and within its family, more seeds are expected to decide: 0 to 2.

    Within the family, p-values are multiplied by as much as they are now.

    Args:
        judgment: at the seeds so far.
        seeds: number of seeds to add.
        looks: of the claim.
    """
    expected, alone = 0.0, judgment.alone
    for now in (alone, judgment.in_family):
        if now.verdict == "undecided":
            for_it = _chances(judgment, seeds, looks, _times(now.p_value, alone.p_value))
            times_against = len(judgment.parts) * _times(now.p_value_against, alone.p_value_against)
            against = _chances(judgment, seeds, looks, times_against)
            expected += min(1.0, min(holds for holds, _ in for_it) + max(fails for _, fails in against))
    return expected


def _times(adjusted: float, own: float) -> float:
    """Return how many times a p-value is its own; 1 without one."""
    return max(1.0, adjusted / own) if own > 0 else 1.0


def _chances(judgment: Judgment, seeds: int, looks: Looks, times: float) -> list[tuple[float, float]]:
    """Return the chances that each part holds and fails, if its p-values are multiplied by `times`."""
    rule = judgment.claim.rule.on(judgment.claim.scale)
    confidence = 1 - 2 * looks.level(ERROR / times)
    return [chances_to_decide(rule, part.judged, part.judged.n + seeds, confidence) for part in judgment.parts]
