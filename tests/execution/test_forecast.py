"""The forecast of a run: it starts at the plan, follows what is measured, and ends at nothing left."""

import pytest
from clocks import Clock

from byheart.execution.forecast import SECONDS_OF_PLAN, SHARE_OF_PLAN, Forecast

PLAN = [("a", "first", 10.0), ("b", "second", 30.0)]


def test_before_it_starts_the_forecast_is_the_plan() -> None:
    forecast = Forecast(PLAN, Clock())
    assert forecast.seconds_left == pytest.approx(40.0)
    assert forecast.share_done == 0.0


def test_if_everything_takes_as_long_as_planned_the_forecast_stays_true() -> None:
    clock = Clock()
    forecast = Forecast(PLAN, clock)
    forecast.started("a", [1.0, 4.0], [], 10, "epoch")
    forecast.compiling(1)
    clock.at = 4.0
    forecast.advanced(1, 5)
    assert forecast.seconds_left == pytest.approx(36.0)
    assert forecast.share_done == pytest.approx(0.1)
    clock.at = 8.0
    forecast.finished(1, 8.0)
    assert forecast.seconds_left == pytest.approx(32.0)


def test_a_slow_stage_makes_the_whole_forecast_longer_and_the_prior_fades() -> None:
    clock = Clock()
    forecast = Forecast(PLAN, clock)
    forecast.started("a", [1.0], [], 10, "epoch")
    clock.at = 30.0
    forecast.finished(0, 30.0)
    prior = SECONDS_OF_PLAN + SHARE_OF_PLAN * 40.0
    assert forecast.seconds_left == pytest.approx(30.0 * (prior + 30.0) / (prior + 10.0))
    forecast.started("b", [1.0], [], 10, "epoch")
    clock.at = 30.0 + 81.0
    forecast.advanced(0, 9)
    assert forecast.seconds_left == pytest.approx(9.0, rel=0.1), "three times as slow: 3 planned seconds are left"
    forecast.finished(0, 90.0)
    assert forecast.seconds_left == 0.0
    assert forecast.share_done == 1.0


def test_stored_chunks_count_as_done_and_say_nothing_about_the_pace() -> None:
    clock = Clock()
    forecast = Forecast(PLAN, clock)
    forecast.started("a", [1.0, 1.0], [0, 1], 10, "epoch")
    assert forecast.seconds_left == pytest.approx(30.0)
    assert forecast.stages[0].ended == 0.0
    forecast.started("b", [1.0, 2.0], [1], 10, "epoch")
    assert forecast.seconds_left == pytest.approx(10.0)
    clock.at = 5.0
    forecast.advanced(0, 5)
    assert forecast.seconds_left == pytest.approx(5.0)


def test_stages_of_one_label_begin_in_order_and_an_unplanned_stage_is_added() -> None:
    forecast = Forecast([("a", "a on mnist", 1.0), ("a", "a on cifar10", 1.0)], Clock())
    for _ in range(2):
        forecast.started("a", [1.0], [0], 1, "epoch")
    forecast.started("c", [2.0, 3.0], [], 1, "step")
    assert [(stage.title, stage.done) for stage in forecast.stages] == [
        ("a on mnist", 1.0),
        ("a on cifar10", 1.0),
        ("c", 0.0),
    ]
    assert forecast.stages[2].planned == 5.0


def test_what_is_done_now_is_said_in_words() -> None:
    forecast = Forecast(PLAN, Clock())
    said = []
    for event in (
        lambda: forecast.started("a", [1.0, 1.0, 1.0], [0], 50, "epoch"),
        lambda: forecast.compiling(1),
        lambda: forecast.advanced(1, 20),
        lambda: forecast.finished(1, 61.2),
    ):
        event()
        assert forecast.current is not None
        said.append(forecast.current.doing)
    assert said == [
        "1 of 3 chunks are stored",
        "compiling for chunk 2 of 3",
        "chunk 2 of 3, epoch 20 of 50",
        "chunk 2 of 3 stored, 61 s",
    ]
