"""The conclusion of a chapter in a sentence: an experiment's own words for its main claim, or its verdicts."""

import dataclasses
from collections.abc import Sequence

from byheart.experiments.claims import Judgment


@dataclasses.dataclass(frozen=True)
class Finding:
    """Words for the result of an experiment's main claim, without a period at the end.

    Attributes:
        claim: name of the claim.
        if_holds: the conclusion where it holds. It starts with a word that can stand after "Undecided whether".
        if_fails: the conclusion where it fails.
    """

    claim: str
    if_holds: str
    if_fails: str

    def conclusion(self, verdict: str) -> str:
        """Return the conclusion for a verdict."""
        if verdict == "undecided":
            return f"Undecided whether {self.if_holds[:1].lower()}{self.if_holds[1:]}"
        return self.if_holds if verdict == "holds" else self.if_fails


def conclusion_of(judgments: Sequence[Judgment], finding: Finding | None = None) -> str:
    """Return the conclusion of judged claims, without a period at the end.

    It is that of the finding, if its claim is among them. Otherwise it is the statement of the only claim with its
    verdict, or the number of claims of each verdict.
    """
    by_name = {one.claim.name: one for one in judgments}
    if finding is not None and finding.claim in by_name:
        return finding.conclusion(by_name[finding.claim].verdict)
    if not judgments:
        return "Measured without a claim"
    if len(judgments) == 1:
        only = judgments[0]
        statement = only.claim.statement.removesuffix(".")
        return statement if only.verdict == "holds" else f"{only.verdict.capitalize()}: {statement}"
    return tally_of(judgments)


def tally_of(judgments: Sequence[Judgment]) -> str:
    """Return how many claims hold, fail and are undecided; empty without claims.

    >>> tally_of([])
    ''
    """
    total, verdicts = len(judgments), [one.verdict for one in judgments]
    if not total:
        return ""
    holds, fails, undecided = (verdicts.count(verdict) for verdict in ("holds", "fails", "undecided"))
    if total in (holds, fails, undecided):
        which = "The claim" if total == 1 else "Both claims" if total == 2 else f"All {total} claims"
        verb = "holds" if holds else "fails" if fails else "is undecided"
        plural = "hold" if holds else "fail" if fails else "are undecided"
        return f"{which} {verb if total == 1 else plural}"
    others = [f"{fails} {'fails' if fails == 1 else 'fail'}"] if fails else []
    others += [f"{undecided} {'is' if undecided == 1 else 'are'} undecided"] if undecided else []
    return f"{holds} of {total} claims {'holds' if holds == 1 else 'hold'}, {', '.join(others)}"
