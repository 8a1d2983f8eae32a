"""The expected time of a run: its plan, compiling included, at the measured pace of this machine."""

import dataclasses
from types import SimpleNamespace

import pytest
from any_results import experiment

from byheart.cli.pace import FASTEST, SLOWEST, USUAL_SECONDS, measured_pace
from byheart.runs.plan import PlannedExperiment
from byheart.sweeps.plan import SHARE_TO_LOAD, PlannedPopulation, Totals

POPULATION = PlannedPopulation(("MLP",), (4, 4), 100, seconds=10.0, seconds_on_h100=1.0, compiling=3.0)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(2 * USUAL_SECONDS, 2.0), (1000 * USUAL_SECONDS, SLOWEST), (0.0, FASTEST)]
)
def test_the_pace_is_the_time_of_the_probe_relative_to_the_usual_one_within_bounds(
    monkeypatch: pytest.MonkeyPatch, seconds: float, expected: float
) -> None:
    times = iter([10.0, 10.0 + seconds])
    monkeypatch.setattr("byheart.cli.pace.time", SimpleNamespace(monotonic=lambda: next(times)))
    assert measured_pace() == pytest.approx(expected)


def test_the_expected_time_counts_compiling_unless_programs_are_kept() -> None:
    populations = (POPULATION, dataclasses.replace(POPULATION, seconds=20.0))
    planned = PlannedExperiment(experiment("capacity", 2, smallest=True), populations)
    assert planned.seconds == 30.0
    assert planned.expected(1.0, compiles=True) == pytest.approx(36.0)
    assert planned.expected(2.0, compiles=True) == pytest.approx(72.0)
    assert planned.expected(1.0, compiles=False) == pytest.approx(30.0 + SHARE_TO_LOAD * 6.0)
    assert Totals.of(planned.populations).compiling == 6.0
