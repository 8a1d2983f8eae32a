"""Claims of several runs side by side, with the differences of their numbers from those of the first run."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from byheart.comparison.compared_runs import ComparedExperiment
from byheart.critical.radius import Length
from byheart.experiments.claims import Claim, Judgment
from byheart.experiments.judged_part import JudgedPart
from byheart.statistics.intervals import Interval, interval_over_seeds
from byheart.statistics.scales import AsItIs


@dataclasses.dataclass(frozen=True)
class Difference:
    """The number of a run minus that of the first run, seed by seed.

    Attributes:
        interval: of the mean over the seeds that both have; None if the numbers cannot be compared.
        reason: why there is no interval; empty if there is one.
        of: what is subtracted: "numbers", or the "logits" of shares or "logarithms" of ratios.
    """

    interval: Interval | None
    reason: str = ""
    of: str = AsItIs.judged

    @property
    def excludes_zero(self) -> bool:
        """Return whether the whole interval lies on one side of 0."""
        return (
            self.interval is not None and self.interval.has_width and not (self.interval.low <= 0 <= self.interval.high)
        )


@dataclasses.dataclass(frozen=True)
class Cell:
    """The number of one run.

    Attributes:
        run: name of the run.
        part: the number with its interval; None if the run does not have it.
        verdict: on the claim, or on its part.
        difference: from the first run; None for the first run itself and for runs without the number.
    """

    run: str
    part: JudgedPart | None
    verdict: str
    difference: Difference | None


@dataclasses.dataclass(frozen=True)
class Row:
    """A claim, or one part of it, in all runs that have its experiment.

    Attributes:
        claim: of the first run that has it.
        part: name of the part; empty for a claim without parts.
        cells: one for each run.
    """

    claim: Claim
    part: str
    cells: tuple[Cell, ...]

    @property
    def verdicts_differ(self) -> bool:
        """Return whether the runs that have the number give different verdicts."""
        return len({cell.verdict for cell in self.cells if cell.part is not None}) > 1


def rows_of(experiments: Sequence[ComparedExperiment]) -> tuple[Row, ...]:
    """Return a row for each claim and part that a run has, in the order of the first run.

    Args:
        experiments: the same experiment of several runs; differences are from the first.
    """
    names: dict[tuple[str, str], Claim] = {}
    for one in experiments:
        for judgment in one.judgments:
            for part in judgment.parts:
                names.setdefault((judgment.claim.name, part.name), judgment.claim)
    return tuple(
        Row(claim, part, tuple(_cell(one, experiments[0], name, part) for one in experiments))
        for (name, part), claim in names.items()
    )


def paired(
    first: Float[np.ndarray, " seed"],
    other: Float[np.ndarray, " other_seed"],
    first_seeds: Sequence[int],
    other_seeds: Sequence[int],
) -> Interval | None:
    """Return the interval of the mean of `other` minus `first` over their common seeds.

    Numbers that are not one for each seed, such as those of groups of networks, are paired in order if both runs have
    the same seeds.

    Args:
        first: the numbers of the first run.
        other: the numbers of another run.
        first_seeds: the seeds of the first run.
        other_seeds: the seeds of the other run.

    Returns:
        the interval; None if fewer than two common seeds have a number in both runs.

    >>> interval = paired(np.array([1.0, 2.0, 3.0]), np.array([2.5, 3.0, 5.0]), [0, 1, 2], [1, 2, 3])
    >>> interval.estimate, interval.n
    (0.25, 2)
    """
    if len(first) == len(first_seeds) and len(other) == len(other_seeds):
        before = dict(zip(first_seeds, first.tolist(), strict=True))
        after = dict(zip(other_seeds, other.tolist(), strict=True))
        differences = np.array([after[seed] - before[seed] for seed in sorted({*before} & {*after})])
    elif list(first_seeds) == list(other_seeds) and len(first) == len(other):
        differences = other - first
    else:
        return None
    interval = interval_over_seeds(differences)
    return interval if interval.n > 1 else None


def _cell(one: ComparedExperiment, first: ComparedExperiment, claim: str, part: str) -> Cell:
    found, at_first = _found(one, claim, part), _found(first, claim, part)
    if found is None:
        return Cell(one.run, None, "", None)
    judgment, own = found
    verdict = judgment.verdict if len(judgment.parts) == 1 else own.verdict
    if one is first or at_first is None:
        return Cell(one.run, own, verdict, None)
    return Cell(one.run, own, verdict, _difference((first, *at_first), (one, judgment, own)))


def _found(one: ComparedExperiment, claim: str, part: str) -> tuple[Judgment, JudgedPart] | None:
    for judgment in one.judgments:
        for own in judgment.parts:
            if (judgment.claim.name, own.name) == (claim, part):
                return judgment, own
    return None


def _difference(
    first: tuple[ComparedExperiment, Judgment, JudgedPart], other: tuple[ComparedExperiment, Judgment, JudgedPart]
) -> Difference:
    (at, before, old), (one, judgment, new) = first, other
    reason = units_differ(at, one)
    if not reason and judgment.claim.statistic != before.claim.statistic:
        reason = f"here it is the {judgment.claim.statistic}"
    if not reason and judgment.claim.scale != before.claim.scale:
        reason = "the numbers are judged on different scales"
    if reason:
        return Difference(None, reason)
    scale = judgment.claim.scale
    numbers = (scale.forward(old.values), scale.forward(new.values))
    interval = paired(*numbers, at.seeds.tolist(), one.seeds.tolist())
    if interval is None:
        return Difference(None, "fewer than two common seeds have a number")
    return Difference(interval, of=scale.judged)


def units_differ(first: ComparedExperiment, other: ComparedExperiment) -> str:
    """Return a phrase about lengths in different units among the settings; empty if there are none."""
    before, after = (one.chapter.part.experiment.settings() for one in (first, other))
    for name, value in before.items():
        length = after.get(name)
        if isinstance(value, Length) and isinstance(length, Length) and value.name != length.name:
            return f"{name} is in {length.name} here and in {value.name} in {first.run}"
    return ""
