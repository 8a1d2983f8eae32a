"""The ladder of seeds: seeds are added to the cells behind undecided claims, where they promise most for their time.

A claim is tested at looks that were planned before (`statistics/looks.py`): with 5, 10, 20, 40 and 80 seeds. As long as
it is undecided, by itself or within its family, its cells may be given the seeds of its next look. Among all such steps
of all runs, the one comes first that is expected to decide most claims for each second.
"""

import dataclasses
import functools
from collections.abc import Iterator, Sequence

from byheart.execution.executor import Executor
from byheart.execution.local_executor import ThisMachine
from byheart.execution.progress import NoProgress, Progress
from byheart.experiments.claims import Judgment, judged_together
from byheart.experiments.expected_verdicts import expected_verdicts, is_open
from byheart.experiments.experiment import Experiment
from byheart.experiments.needed_cells import needed_cells
from byheart.runs.judging import judged
from byheart.runs.more_seeds import MoreSeeds, cells_of, seeds_of_cells
from byheart.runs.run import Chapter, PreparedRun

FIRST_LOOK = 5
"""Fewest seeds at the first look: with fewer, Student's t needs effects that are very large beside their spread."""


@dataclasses.dataclass(frozen=True)
class Step:
    """Seeds that can be added next.

    Attributes:
        run: index of the run.
        part: index of the experiment in its record.
        claims: names of the undecided claims that get more seeds.
        more: the seeds, one item for each range of seeds that cells lack.
        decided: expected number of verdicts that it decides, alone and within families.
        seconds: expected time.
    """

    run: int
    part: int
    claims: tuple[str, ...]
    more: tuple[MoreSeeds, ...]
    decided: float
    seconds: float

    @property
    def networks(self) -> int:
        """Number of networks that it trains."""
        return sum(one.seeds * len(one.cells) for one in self.more)


class Ladder:
    """Runs whose seeds are added step by step.

    Args:
        runs: prepared with `until_decided`, with all their results.
        chapters: of each run, in the order of its record.
    """

    def __init__(self, runs: Sequence[PreparedRun], chapters: Sequence[Sequence[Chapter]]) -> None:
        self.runs, self.chapters = list(runs), [list(one) for one in chapters]
        self._judgments = [
            [judged(chapter, run.record) for chapter in own] for run, own in zip(runs, self.chapters, strict=True)
        ]
        self._cells, self._planned = functools.cache(self._cells_behind), functools.cache(self._planned_seconds)

    def take(
        self, step: Step, progress: Progress = NoProgress(), executor: Executor = ThisMachine()
    ) -> tuple[PreparedRun, Chapter]:
        """Train the networks of a step; return its run and the chapter that it changed.

        Args:
            step: one of `steps`.
            progress: called with the progress of chunks and epochs.
            executor: where networks are trained.
        """
        run, chapter = self.runs[step.run], self.chapters[step.run][step.part]
        for more in step.more:
            run, chapter = run.with_added(step.part, more, progress, executor)
        self.runs[step.run], self.chapters[step.run][step.part] = run, chapter
        self._judgments[step.run][step.part] = judged(chapter, run.record)
        return run, chapter

    @property
    def undecided(self) -> list[Judgment]:
        """The claims that are undecided, by themselves or within their family."""
        return [one for of_chapter in self._together() for one in of_chapter if is_open(one)]

    def next_step(self, seconds: float = float("inf")) -> Step | None:
        """Return the step that is expected to decide most for each second, among those that take at most `seconds`."""
        possible = [step for step in self.steps() if step.seconds <= seconds]
        return max(possible, key=lambda step: step.decided / max(step.seconds, 1e-9), default=None)

    def steps(self) -> Iterator[Step]:
        """Yield the possible steps: one for each undecided claim, and one for all of an experiment together."""
        of_chapter = iter(self._together())
        for at, (run, chapters) in enumerate(zip(self.runs, self.chapters, strict=True)):
            for index, chapter in enumerate(chapters):
                open_ones = [one for one in next(of_chapter) if is_open(one)]
                if run.record.parts[index].looks is None or not open_ones:
                    continue
                chosen = [(one,) for one in open_ones] + ([tuple(open_ones)] if len(open_ones) > 1 else [])
                for judgments in chosen:
                    step = self._step(at, index, chapter, judgments, open_ones)
                    if step is not None:
                        yield step

    def _together(self) -> tuple[tuple[Judgment, ...], ...]:
        """Return the judgments of each chapter, all tested together."""
        return judged_together([own for of_run in self._judgments for own in of_run])

    def _step(
        self, at: int, index: int, chapter: Chapter, judgments: Sequence[Judgment], open_ones: Sequence[Judgment]
    ) -> Step | None:
        """Return the step that takes claims to their next look; None if all of them have had their last one."""
        part = self.runs[at].record.parts[index]
        assert part.looks is not None
        seeds, wanted = seeds_of_cells(part.experiment, part.added), dict[int, int]()
        for judgment in judgments:
            cells = self._cells(at, index, judgment.claim.name)
            after = part.looks.after(min((seeds[cell] for cell in cells), default=0))
            wanted |= {cell: max(after, wanted.get(cell, 0)) for cell in cells}
        more = _lacking(part.experiment.seed_base, seeds, wanted)
        if not more:
            return None
        after_step = [max(n, wanted.get(cell, 0)) for cell, n in enumerate(seeds)]
        decided = 0.0
        for judgment in open_ones:
            cells = self._cells(at, index, judgment.claim.name)
            before, after = (min((found[cell] for cell in cells), default=0) for found in (seeds, after_step))
            if after > before:
                decided += expected_verdicts(judgment, after - before, part.looks)
        names = tuple(judgment.claim.name for judgment in judgments)
        return Step(at, index, names, more, decided, self._seconds(at, index, chapter, more))

    def _cells_behind(self, at: int, index: int, claim: str) -> tuple[int, ...]:
        chapter = self.chapters[at][index]
        experiment = chapter.part.experiment
        (found,) = (one for one in experiment.claims() if one.name == claim)
        return needed_cells(found, chapter.results, cells_of(experiment))

    def _seconds(self, at: int, index: int, chapter: Chapter, more: Sequence[MoreSeeds]) -> float:
        """Return the expected time: as planned, at the pace at which the results so far were computed."""
        part, planned = self.runs[at].record.parts[index], self._planned(at, index)
        so_far = sum(n * planned[cell] for cell, n in enumerate(seeds_of_cells(part.experiment, part.added)))
        pace = chapter.results.attrs["seconds"] / max(so_far, 1e-9)
        return pace * sum(one.seeds * planned[cell] for one in more for cell in one.cells)

    def _planned_seconds(self, at: int, index: int) -> list[float]:
        """Return the planned time of one network of each cell."""
        split, sweep = self.runs[at].splits[index], self.runs[at].record.parts[index].experiment.sweep()
        populations = sweep.plan(split, sweep.chunk_sizes(split))
        of_members = [one.seconds / one.networks for one in populations for _ in range(one.networks)]
        cells = cells_of(self.runs[at].record.parts[index].experiment)
        found = [0.0] * len(cells.settings)
        for cell, seconds in zip(cells.numbers_of(sweep.coordinates()), of_members, strict=True):
            found[cell] = seconds
        return found


def _lacking(seed_base: int, seeds: Sequence[int], wanted: dict[int, int]) -> tuple[MoreSeeds, ...]:
    """Return the seeds that cells lack, given the numbers that they have and the numbers wanted of some."""
    ranges: dict[tuple[int, int], list[int]] = {}
    for cell, after in wanted.items():
        if after > seeds[cell]:
            ranges.setdefault((seeds[cell], after), []).append(cell)
    return tuple(
        MoreSeeds(seed_base + first, last - first, tuple(sorted(cells)))
        for (first, last), cells in sorted(ranges.items())
    )


def with_seeds(experiment: Experiment, seeds: int | None, seed_base: int | None, until_decided: bool) -> Experiment:
    """Return an experiment with seeds for its first look, or for its only one.

    Args:
        experiment: with its default settings.
        seeds: number of seeds; None: as by default, and at least `FIRST_LOOK` if there are several looks.
        seed_base: the first seed; None: as by default.
        until_decided: whether there are several looks.
    """
    least = FIRST_LOOK if until_decided else 1
    return dataclasses.replace(
        experiment,
        seeds=max(experiment.seeds, least) if seeds is None else seeds,
        seed_base=experiment.seed_base if seed_base is None else seed_base,
    )
