"""The time that is left of a run, from its plan and from what was measured so far.

Each stage, the sweep of an experiment, has a planned time. While a stage runs, its pace is the time that it took,
divided by the time planned for what it did. The pace of stages to come is that of all stages so far. Before much is
measured, paces stay close to 1.
"""

import dataclasses
import math
import time
from collections.abc import Callable, Collection, Iterable, Sequence

SHARE_OF_PLAN = 0.2
"""The plan counts as much as measurements of this share of the planned time, and `SECONDS_OF_PLAN` more."""
SECONDS_OF_PLAN = 3.0


@dataclasses.dataclass
class Stage:
    """A sweep of a run, and how far it is.

    Attributes:
        label: of the sweep.
        title: name for readers.
        planned: seconds of computing all its chunks.
        done: share of the planned work that is done or stored.
        stored: share that was stored before.
        begun, ended: times on the clock; None if it did not begin or end yet.
        doing: what it does now, in words.
        outcome: what came out, in words.
    """

    label: str
    title: str
    planned: float
    done: float = 0.0
    stored: float = 0.0
    begun: float | None = None
    ended: float | None = None
    doing: str = ""
    outcome: str = ""


class Forecast:
    """Follows the progress of a run, and estimates the seconds that are left. It is a `Progress`.

    Args:
        planned: label, title and planned seconds of each stage, in the order in which they run.
        now: clock, in seconds.
    """

    def __init__(
        self, planned: Iterable[tuple[str, str, float]] = (), now: Callable[[], float] = time.monotonic
    ) -> None:
        self.stages = [Stage(label, title, max(seconds, 1e-3)) for label, title, seconds in planned]
        self.current: Stage | None = None
        self._now, self._weights, self._length, self._unit = now, list[float](), 1, ""
        self._shares: dict[int, float] = {}

    def started(self, label: str, weights: Sequence[float], stored: Collection[int], length: int, unit: str) -> None:
        """Begin a stage."""
        waiting = (stage for stage in self.stages if stage.label == label and stage.begun is None)
        stage = next(waiting, None)
        if stage is None:
            stage = Stage(label, label, max(math.fsum(weights), 1e-3))
            self.stages.append(stage)
        total = math.fsum(weights) or 1.0
        self._weights, self._length, self._unit = [weight / total for weight in weights], max(length, 1), unit
        self._shares = dict.fromkeys(stored, 1.0)
        self.current, stage.begun = stage, self._now()
        stage.stored = stage.done = self._done()
        stage.doing = f"{len(stored)} of {len(weights)} chunks are stored"
        self._end_if_done()

    def compiling(self, chunk: int) -> None:
        """Note that a chunk waits for its program."""
        self._say(f"compiling for {self._place(chunk)}")

    def advanced(self, chunk: int, done: int) -> None:
        """Note the progress of a chunk."""
        self._shares[chunk] = max(self._shares.get(chunk, 0.0), done / self._length)
        self._say(f"{self._place(chunk)}, {self._unit} {done} of {self._length}")

    def finished(self, chunk: int, seconds: float) -> None:
        """Note the end of a chunk."""
        self._shares[chunk] = 1.0
        self._say(f"{self._place(chunk)} stored, {seconds:.0f} s")
        self._end_if_done()

    def judged(self, title: str, outcome: str) -> None:
        """Note what came out of the stage with this title, in words."""
        for stage in self.stages:
            if stage.title == title:
                stage.outcome = outcome

    @property
    def seconds_left(self) -> float:
        """Seconds until all stages are done, if the paces stay as they are."""
        return math.fsum(stage.planned * (1 - stage.done) * self._pace(stage) for stage in self.stages)

    @property
    def share_done(self) -> float:
        """Share of the expected time of the whole run that has passed, from 0 to 1."""
        spent = math.fsum(self.seconds_of(stage) for stage in self.stages)
        left = self.seconds_left
        return spent / (spent + left) if spent + left > 0 else 1.0

    def seconds_of(self, stage: Stage) -> float:
        """Return the seconds that a stage has taken so far."""
        if stage.begun is None:
            return 0.0
        return (self._now() if stage.ended is None else stage.ended) - stage.begun

    def _pace(self, stage: Stage) -> float:
        overall = self._pace_of(self.stages, 1.0)
        return overall if stage.begun is None else self._pace_of([stage], overall)

    def _pace_of(self, stages: Sequence[Stage], before: float) -> float:
        """Return seconds taken for each planned second; `before` is the pace without any measurement."""
        begun = [stage for stage in stages if stage.begun is not None]
        taken = math.fsum(self.seconds_of(stage) for stage in begun)
        worth = math.fsum(stage.planned * (stage.done - stage.stored) for stage in begun)
        prior = SECONDS_OF_PLAN + SHARE_OF_PLAN * math.fsum(stage.planned for stage in stages)
        return (prior * before + taken) / (prior + worth)

    def _done(self) -> float:
        return min(1.0, math.fsum(self._weights[chunk] * share for chunk, share in self._shares.items()))

    def _say(self, doing: str) -> None:
        if self.current is not None:
            self.current.done, self.current.doing = max(self.current.done, self._done()), doing

    def _end_if_done(self) -> None:
        is_done = len(self._shares) == len(self._weights) and all(share == 1.0 for share in self._shares.values())
        if self.current is not None and is_done:
            self.current.done, self.current.ended = 1.0, self._now()

    def _place(self, chunk: int) -> str:
        return f"chunk {chunk + 1} of {len(self._weights)}"
