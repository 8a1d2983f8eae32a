"""The judgments of an experiment's claims by its results."""

from byheart.experiments.claims import Judgment
from byheart.runs.record import Record
from byheart.runs.run import Chapter


def judged(chapter: Chapter, record: Record) -> tuple[Judgment, ...]:
    """Return the judgments of the claims about these data, each by itself, at the looks of the run."""
    experiment = chapter.part.experiment
    claims = [claim for claim in experiment.claims() if claim.applies_to(record.facts.name)]
    return tuple(claim.with_family(experiment.name).judge(chapter.results, chapter.part.looks) for claim in claims)
