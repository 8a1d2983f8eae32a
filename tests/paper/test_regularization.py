"""regularization on made-up results: claims, figures, tables, and invalid settings."""

import dataclasses
import functools
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from byheart.checks import BadInput
from byheart.experiments.claims import Judgment
from byheart.experiments.data_summary import DataSummary
from byheart.paper.regularization.claims import areas
from byheart.paper.regularization.curves import Curve, trade_off
from byheart.paper.regularization.experiment import Regularization
from byheart.populations.grid import GridPoint
from byheart.regularizers.dropout import Dropout, InputDropout
from byheart.regularizers.label_smoothing import LabelSmoothing

DIGITS = DataSummary("digits", (8, 8, 1), 1437, 360)
TINY = dataclasses.replace(Regularization.for_scale("tiny", DIGITS), seeds=5)
BOTH = "dropout+adversarial_training"
SWEEP = TINY.sweep()
NAMES = [curve.name for curve in TINY.curves]

Number = Callable[[str, float], float]
"""Takes a curve's name and a position along it from 0 to 1, and returns a number."""


def place_of(cell: GridPoint) -> tuple[str, float]:
    """Return the name of a grid point's curve, and the position along it."""
    name = "+".join(one.name for one in cell.recipe.regularizers)
    if not name:
        return "", 0.0
    strengths = next(curve.strengths for curve in TINY.curves if curve.name == name)
    return name, (strengths.index(cell.member.strengths) + 1) / len(strengths)


def made(noise_fit: Number, accuracy: Number, loss: Callable[[str, float, bool], float], draw: int = 0) -> xr.Dataset:
    """Return results of all grid points, as if networks had been trained; `draw` chooses the chance between them."""
    epochs = np.array(TINY.schedule)
    found: dict[str, list[Any]] = {"training_accuracy": [], "validation_accuracy": [], "batch_loss": []}
    for cell in SWEEP.members:
        name, along = place_of(cell)
        is_random = cell.member.level("rand_y") == 1
        settings = (draw, cell.member.seed, name, along, is_random)
        jitter = 0.002 * np.sin(zlib.crc32(repr(settings).encode()) % 1000)
        found["training_accuracy"].append(np.full(len(epochs), noise_fit(name, along) + jitter))
        found["validation_accuracy"].append(np.full(len(epochs), 0.1 if is_random else accuracy(name, along) + jitter))
        losses = np.full(len(epochs), loss(name, along, is_random) + jitter)
        losses[0] = np.nan  # No minibatch comes before the first epoch.
        found["batch_loss"].append(losses)
    results = xr.Dataset(coords=SWEEP.coordinates()).assign_coords(epoch=epochs)
    results = results.assign({name: (("member", "epoch"), np.array(values)) for name, values in found.items()})
    return results.assign(diverged_epoch=("member", np.full(len(SWEEP.members), -1)))


def verdicts(results: xr.Dataset) -> dict[str, str]:
    return {claim.name: claim.judge(results).verdict for claim in TINY.claims()}


def world(lost: Mapping[str, float], exchange: bool, draw: int = 0) -> xr.Dataset:
    """Return results in which all curves lead from a noise fit of 1 to 0.2 and lose their share of accuracy."""

    def loss(name: str, along: float, is_random: bool) -> float:
        return 1 + along * (-0.3 if exchange and is_random else 0.3) * (name == "dropout")

    return made(lambda name, along: 1 - 0.8 * along, lambda name, along: 0.5 - lost.get(name, 0.3) * along, loss, draw)


def test_claims_hold_where_they_are_plainly_true() -> None:
    found = verdicts(world({"dropout": 0.01, BOTH: -0.05}, exchange=True))
    assert list(found) == [
        *("F10a", "F10a-price", "F10b", "F10b-input_dropout", "F10b-input_noise", "F10b-hidden_noise"),
        *("F10b-weight_decay", "F10c", "F10c-dropout", "F10d", "F11"),
    ]
    assert found == dict.fromkeys(found, "holds")


def test_claims_fail_where_they_are_plainly_false() -> None:
    found = verdicts(world({"dropout": 0.35, "hidden_noise": 0.3, BOTH: 0.4}, exchange=False))
    for name in ("F10a", "F10b", "F10b-hidden_noise", "F10c", "F10c-dropout"):
        assert found[name] == "fails", name
    assert found["F10a-price"] == "fails"
    assert found["F11"] in ("fails", "undecided")


@functools.cache
def same_order() -> xr.Dataset:
    """Return results in which the order of losses is the same for real and random labels."""
    return world({}, exchange=False)


def exchange_of(losses: np.ndarray) -> Judgment:
    """Return the judgment of F11 by `losses`, over (seed, setting, data).

    The settings are no regularizer and each curve's selected point; the data are real data and random labels.
    """
    results = same_order()
    values = results.batch_loss.transpose("member", "epoch").values.copy()
    for number, cell in enumerate(SWEEP.members):
        name, along = place_of(cell)
        if not name or along == (TINY.selected[NAMES.index(name)]) / len(TINY.curves[NAMES.index(name)].strengths):
            setting = 0 if not name else 1 + NAMES.index(name)
            values[number, 1:] = losses[cell.member.seed, setting, int(cell.member.level("rand_y") == 1)]
    claim = next(claim for claim in TINY.claims() if claim.name == "F11")
    return claim.judge(results.assign(batch_loss=(("member", "epoch"), values)))


@pytest.mark.slow
@pytest.mark.parametrize("exchange", [0.0, 0.25, 0.5])
def test_a_small_exchange_of_the_order_of_losses_is_rarely_said_to_be_none(exchange: float) -> None:
    """In 60 worlds of 5 seeds, two settings change places by `exchange` standard deviations.

    The other settings lie far apart, in one order.
    """
    generator, n_settings = np.random.default_rng(0), 1 + len(NAMES)
    order = 20.0 * np.arange(n_settings)[:, None] * np.ones(2)
    order[1] = order[0] + [exchange, -exchange]
    judgments = [exchange_of(order + generator.normal(size=(5, n_settings, 2))) for _ in range(60)]
    assert sum(one.verdict == "fails" for one in judgments) <= 6  # 2.5 % and three standard errors
    assert {one.interval.n for one in judgments} == {4}


def test_where_all_settings_keep_their_order_the_exchange_is_below_0_and_the_claim_fails() -> None:
    n_settings = 1 + len(NAMES)
    order = 20.0 * np.arange(n_settings)[:, None] * np.ones(2)
    judgment = exchange_of(order + np.random.default_rng(0).normal(size=(5, n_settings, 2)))
    assert judgment.verdict == "fails"
    assert judgment.interval.high < 0
    assert [part.name for part in judgment.parts] == ["real data", "random labels"]


def test_the_network_without_regularizers_is_no_regularizer_with_a_low_price() -> None:
    """It gives up exactly 0 of noise fit in every seed, so it must not be chosen.

    If every regularizer costs more than it brings, the claim about the price fails, with an interval.
    """
    found = {claim.name: claim.judge(world(dict.fromkeys(NAMES, 0.4), exchange=False)) for claim in TINY.claims()}
    assert found["F10a-price"].verdict == "fails"
    assert found["F10a-price"].interval.has_width


def test_where_all_curves_are_alike_no_difference_is_claimed() -> None:
    """Only the effect of chance on equal curves remains: of three draws, at most one misleads a claim."""
    found = [verdicts(world(dict.fromkeys(NAMES, 0.1), exchange=False, draw=draw)) for draw in range(3)]
    for name in ("F10b", "F10c", "F10c-dropout", "F10d", "F11"):
        assert sum(verdict[name] == "holds" for verdict in found) <= 1


def test_a_curve_has_its_points_in_order_and_starts_without_regularizers() -> None:
    results = world({"dropout": 0.1}, exchange=False)
    found = trade_off(results, TINY.curves[0], TINY.curves)
    assert found.noise_fit.dims == ("seed", "point")
    np.testing.assert_allclose(found.noise_fit.mean("seed"), [1, 1 - 0.8 / 3, 1 - 1.6 / 3, 0.2], atol=0.003)
    np.testing.assert_allclose(found.accuracy.mean("seed"), [0.5, 0.5 - 0.1 / 3, 0.5 - 0.2 / 3, 0.4], atol=0.003)


def test_a_seed_with_a_lost_network_has_no_number_where_it_is_asked() -> None:
    results = world({"dropout": 0.01}, exchange=True)
    is_lost = (results.seed == 1) & (results.dropout == 0.5) & (results.adversarial_training == 0)
    for name in ("training_accuracy", "validation_accuracy", "batch_loss"):
        results[name] = results[name].where(~is_lost)
    area = areas(results, TINY.curves)
    assert int(np.isnan(area).sum()) == 1
    n = {claim.name: claim.judge(results).interval.n for claim in TINY.claims()}
    assert n["F10b"] == n["F10c"] == 4
    assert n["F10a"] == n["F11"] == 3  # The first seed only chooses.


def test_figures_and_tables_are_made_also_of_one_seed_and_of_what_is_missing(axis: Axes) -> None:
    whole = world({"dropout": 0.01}, exchange=True)
    one_seed = whole.isel(member=np.flatnonzero((whole.seed == 0).values))
    partial = whole.assign(training_accuracy=whole.training_accuracy.where(whole.dropout != 0.5))
    for results in (whole, one_seed, partial):
        for figure in TINY.figures(results, "made up"):
            for panel in figure.panels:
                axis.clear()
                panel.draw(axis)
        regularizers, strengths = TINY.tables(results)
        assert len(regularizers) == len(TINY.curves)
        assert len(strengths) == len(TINY.curves) * 4
    assert strengths.columns["strength"][-1] == "0.5, 0.7"


def test_claims_are_made_of_the_curves_that_there_are() -> None:
    alone = dataclasses.replace(TINY, curves=(Curve((LabelSmoothing(),), ((0.1,), (0.3,))),), selected=(1,))
    alone.check(DIGITS)
    assert [claim.name for claim in alone.claims()] == ["F10a", "F10a-price"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"curves": ()}, "`curves` must be at least one, and differ in their regularizers; got none."),
        ({"curves": TINY.curves[:1] * 2, "selected": (1, 1)}, "got dropout, dropout."),
        ({"selected": (1,)}, "`selected` must have a point for each of 6 curves; got (1,)."),
        ({"selected": (4, 1, 1, 1, 1, 1)}, "`selected` must be from 1 to 3 for dropout; got 4."),
        ({"n_training": 9000}, "`n_training` must be at most 1437"),
    ],
)
def test_settings_that_cannot_be_are_told(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        dataclasses.replace(TINY, **change).check(DIGITS)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Curve((), ()), "needs at least one regularizer and one point"),
        (lambda: Curve((Dropout(),), ((0.1, 0.2),)), "must have 1 strengths; got (0.1, 0.2)."),
        (lambda: Curve((Dropout(), InputDropout()), ((0.0, 0.0),)), "needs a strength above 0"),
        (lambda: Curve((Dropout(),), ((1.0,),)), "`rate` must be at most 0.99"),
    ],
)
def test_curves_that_cannot_be_are_told(make: Callable[[], Curve], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        make()
