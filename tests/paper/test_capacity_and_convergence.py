"""capacity and convergence on made-up results: claims, networks that did not fit, figures and tables."""

import dataclasses
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from byheart.checks import BadInput
from byheart.data.rand_x import RandX
from byheart.experiments.claims import Judgment
from byheart.experiments.data_summary import DataSummary
from byheart.paper.capacity.claims import lacking_units
from byheart.paper.capacity.experiment import Capacity
from byheart.paper.convergence.claims import Times, saturated_from
from byheart.paper.convergence.experiment import Convergence
from byheart.populations.grid import GridPoint

DIGITS = DataSummary("digits", (8, 8, 1), 1437, 360)
BUDGET = 200
CONVERGENCE = dataclasses.replace(
    Convergence.for_scale("tiny", DIGITS),
    seeds=3,
    epochs=BUDGET,
    widths=(8, 16, 32, 64, 128),
    sizes=(100, 200, 400, 800),
    noise_levels=(0.0, 0.2, 0.6, 1.0),
)
CAPACITY = dataclasses.replace(
    Capacity.for_scale("tiny", DIGITS),
    seeds=5,
    widths=(4, 8, 16, 32, 64),
    enough=16,
    noise_levels=(0.0, 0.4, 0.8),
    removed_levels=(0.4, 0.8),
)


def jitter(cell: GridPoint, size: float = 1.0) -> float:
    """Return a number that differs between networks, and is small beside the claimed effects."""
    n_examples = 0 if cell.subset is None else cell.subset.size
    levels = [cell.member.level(name) for name in ("rand_x", "rand_y")]
    settings = (cell.member.seed, cell.recipe.architecture.width, n_examples, *levels)
    return size * float(np.sin(zlib.crc32(repr(settings).encode()) % 1000))


def made(experiment: Capacity | Convergence, numbers: dict[str, Callable[[GridPoint], Any]]) -> xr.Dataset:
    """Return results of all grid points, as if networks had been trained."""
    sweep = experiment.sweep()
    results = xr.Dataset(coords=sweep.coordinates())
    for name, of_cell in numbers.items():
        values = np.array([of_cell(cell) for cell in sweep.members])
        results[name] = (("member", "epoch")[: values.ndim], values)
    epochs = getattr(experiment, "schedule", (experiment.epochs,))
    return results.assign_coords(epoch=np.array(epochs)).assign_attrs(n_classes=10)


def judged(experiment: Capacity | Convergence, results: xr.Dataset) -> dict[str, Judgment]:
    return {claim.name: claim.judge(results) for claim in experiment.claims()}


def verdicts(experiment: Capacity | Convergence, results: xr.Dataset) -> dict[str, str]:
    return {name: judgment.verdict for name, judgment in judged(experiment, results).items()}


def times(
    of_units: float,
    of_examples: float,
    with_noise: float,
    all_noise: float,
    labels: float,
    saturates: bool = False,
    shortest: float = 4,
) -> xr.Dataset:
    """Return results in which log2 of the epochs changes linearly.

    It changes by `of_units` and `of_examples` per doubling, and by `with_noise` times that for mixed levels.
    """

    def ended(cell: GridPoint) -> float:
        assert cell.subset is not None
        noise, is_random_label = cell.member.level("rand_x"), cell.member.level("rand_y") > 0
        steepness = 1 + with_noise * noise * (noise < 1)
        units, examples = np.log2(cell.recipe.architecture.width / 128), np.log2(cell.subset.size / 100)
        if saturates and noise == 0:
            units = max(units, -2.0)
        longer = (noise == 1) * all_noise + is_random_label * labels
        log_time = shortest + steepness * (of_units * units + of_examples * examples) + longer + jitter(cell, 0.02)
        return 2**log_time if 2**log_time < BUDGET else np.inf

    return made(CONVERGENCE, {"ended_epoch": ended, "diverged_epoch": lambda cell: -1})


def test_every_claim_of_convergence_holds_where_it_is_plainly_true() -> None:
    found = verdicts(CONVERGENCE, times(-0.4, 0.3, 0.8, 0.5, 1.0, saturates=True))
    assert found == dict.fromkeys(found, "holds")
    assert list(found) == [
        *("F6a-units", "F6b-units", "F6d-units", "F6a-examples", "F6b-examples", "F6d-examples", "F6c"),
        *("F6d-all-inputs-noise", "F6d-all-labels-random"),
    ]


@pytest.mark.slow
def test_every_claim_of_convergence_fails_where_it_is_plainly_false() -> None:
    found = verdicts(CONVERGENCE, times(0.4, -0.3, 0.8, -0.5, -1.0))
    del found["F6c"]  # Where more units are slower, nothing saturates.
    found_fewer = verdicts(CONVERGENCE, times(-0.4, 0.3, -0.8, -0.5, -1.0))
    assert found == dict.fromkeys(found, "fails") | {"F6d-units": "fails", "F6d-examples": "fails"}
    assert {name: found_fewer[name] for name in ("F6b-units", "F6b-examples", "F6c", "F6d-units")} == {
        "F6b-units": "fails",
        "F6b-examples": "fails",
        "F6c": "fails",
        "F6d-units": "fails",
    }


@pytest.mark.slow
def test_slopes_are_those_that_were_made_up_though_many_networks_did_not_fit() -> None:
    results = times(-0.5, 0.4, 0.5, 0.0, 0.5, shortest=5)
    n_censored = int(np.isinf(results.ended_epoch).sum())
    assert 10 < n_censored < results.sizes["member"] / 3
    found = judged(CONVERGENCE, results)
    levels = np.array(CONVERGENCE.noise_levels)
    assert [part.name for part in found["F6a-units"].parts] == [f"noise level {level:g}" for level in levels]
    steepness = 1 + 0.5 * levels * (levels < 1)
    for name, slope in (("F6a-units", -0.5), ("F6a-examples", 0.4)):
        by_level = [part.interval.estimate for part in found[name].parts]
        np.testing.assert_allclose(by_level, slope * steepness, atol=0.05)
    assert found["F6b-units"].interval.estimate == pytest.approx(-0.5 * 0.5 * (0.2 + 0.6) / 2, abs=0.03)


def test_a_seed_with_a_network_that_is_not_trained_yet_has_no_number() -> None:
    results = times(-0.4, 0.3, 0.8, 0.5, 1.0, saturates=True)
    results["ended_epoch"] = results.ended_epoch.where(results.seed != 2)
    for judgment in judged(CONVERGENCE, results).values():
        assert judgment.interval.n == 2


@pytest.mark.parametrize(
    ("epochs", "is_censored", "expected"),
    [
        ((80, 40, 20, 20, 20), (), 5 - np.log2(1.5)),
        ((20, 20, 20, 20, 20), (), 3),
        ((200, 200, 20, 20, 20), (0, 1), 4 + (np.log2(200) - np.log2(30)) / np.log2(10)),
        ((200, 200, 200, 200, 200), (0, 1, 2, 3, 4), np.nan),
        ((20, 20, 20, 20, 80), (), np.nan),
        ((70, 60, 50, 10, 15), (), 6 + (np.log2(50) - np.log2(15)) / (np.log2(50) - np.log2(10)) - 1),
    ],
)
def test_saturation_lies_where_time_comes_within_half_as_much_again_of_the_shortest(
    epochs: tuple[float, ...], is_censored: tuple[int, ...], expected: float
) -> None:
    nothing = np.zeros(5)
    found = Times(np.array(epochs, float), np.isin(np.arange(5), is_censored), np.arange(3.0, 8), nothing, nothing > 0)
    assert saturated_from(found) == pytest.approx(expected, nan_ok=True)


def curves(doublings: Callable[[GridPoint], float], falls: float = 0.05) -> xr.Dataset:
    """Return results in which accuracy rises with log2 of the units, up to a number shifted by the given doublings."""

    def accuracy(cell: GridPoint) -> list[float]:
        missing = max(0.0, 3 + doublings(cell) - np.log2(cell.recipe.architecture.width))
        best = 0.9 - 0.1 * missing + 0.002 * jitter(cell)
        return [0.1, *[best] * (len(CAPACITY.schedule) - 2), best - falls]

    return made(CAPACITY, {"validation_accuracy": accuracy, "diverged_epoch": lambda cell: -1})


def noise_of(cell: GridPoint) -> float:
    return max(cell.member.level("rand_x"), cell.member.level("rand_y"))


def test_claims_of_capacity_hold_and_fail_where_they_plainly_do() -> None:
    more_with_noise = verdicts(CAPACITY, curves(lambda cell: 3 * noise_of(cell)))
    assert more_with_noise == {
        "F5a": "holds",
        "F5b-inputs": "holds",
        "F5b-labels": "holds",
        "F5c-labels": "fails",
        "F5d-inputs": "holds",
        "F5d-labels": "holds",
    }
    fewer_with_noise = verdicts(CAPACITY, curves(lambda cell: 2 - 2 * noise_of(cell) + (noise_of(cell) == 0)))
    assert fewer_with_noise == {
        "F5a": "fails",
        "F5b-inputs": "fails",
        "F5b-labels": "fails",
        "F5c-labels": "fails",
        "F5d-inputs": "fails",
        "F5d-labels": "fails",
    }
    assert verdicts(CAPACITY, curves(lambda cell: 0.0))["F5c-labels"] == "holds"


def test_what_few_units_lack_is_the_part_before_a_step_and_a_mean_otherwise() -> None:
    """Three doublings lie between 8 and 64 units; the height is 0.8, with chance at 0.1.

    A step between 16 and 32 units is half a doubling wide, so that 1.5 of 3 are lacking. Half of the height at 8 units
    alone is a quarter of a doubling. Networks that only guess lack nothing that could be stated.
    """
    rows = [[0.1, 0.1, 0.8, 0.8], [0.45, 0.8, 0.8, 0.8], [0.8, 0.8, 0.7, 0.9], [0.8] * 4, [0.1] * 4]
    accuracy = xr.DataArray([*rows, [0.5, np.nan, 0.8, 0.8]], {"width": [8, 16, 32, 64]}, ("seed", "width"))
    slanted = (0.1 / 0.7) * (1 - 0.5)
    np.testing.assert_allclose(lacking_units(accuracy, 0.1) * 3, [1.5, 0.25, slanted, 0, np.nan, np.nan], atol=1e-12)


def test_what_the_paper_says_of_cifar10_is_judged_there_and_what_it_says_of_other_data_is_not() -> None:
    said = {
        name: [claim.name for claim in CAPACITY.claims() if claim.applies_to(name)] for name in ("mnist", "cifar10")
    }
    assert set(said["mnist"]) - set(said["cifar10"]) == {"F5b-labels"}
    assert set(said["cifar10"]) - set(said["mnist"]) == {"F5c-labels"}


def test_a_diverged_or_missing_network_leaves_its_seed_without_a_number() -> None:
    results = curves(lambda cell: 3 * noise_of(cell))
    is_lost = (results.seed == 1) & (results.width == 8)
    results["validation_accuracy"] = results.validation_accuracy.where(~is_lost)
    for name, judgment in judged(CAPACITY, results).items():
        assert judgment.interval.n == 4 + (name == "F5a"), name  # F5a needs the widest networks alone.
    only_real = results.isel(member=np.flatnonzero((results.rand_x + results.rand_y + results.removed).values == 0))
    assert judged(CAPACITY, only_real)["F5a"].interval.n == 5


def test_figures_are_drawn_also_of_what_is_missing(axis: Axes) -> None:
    whole = times(-0.5, 0.4, 0.5, 0.0, 0.5, shortest=5)
    partial = whole.assign(ended_epoch=whole.ended_epoch.where(whole.width != 16))
    for results in (whole, partial):
        for figure in CONVERGENCE.figures(results, "made up"):
            for panel in figure.panels:
                axis.clear()
                panel.draw(axis)
    of_sizes = CONVERGENCE.varied()[1].of(whole)
    n_censored = int(
        (np.isinf(of_sizes.ended_epoch) & (of_sizes.rand_y == 0)).sum()
    )  # Random labels make no curve there.
    axis.clear()
    CONVERGENCE.figures(whole, "made up")[0].panels[1].draw(axis)
    assert sum(int(text.get_text()) for text in axis.texts) == n_censored > 0
    (figure,) = CAPACITY.figures(curves(lambda cell: noise_of(cell)), "made up")
    for panel in figure.panels:
        axis.clear()
        panel.draw(axis)
        assert len(axis.lines) == 2 * 3


def test_the_table_says_how_many_networks_did_not_fit() -> None:
    results = times(-0.5, 0.4, 0.5, 0.0, 0.5, shortest=5)
    (table,) = CONVERGENCE.tables(results)
    columns = table.columns
    assert len(table) == 5 * 5 + 4 * 4 + 5  # Of 16 units there are 300 examples, too.
    networks = [half.of(results).ended_epoch for half in CONVERGENCE.varied()]
    assert columns["not fitted"].sum() == sum(int(np.isinf(one).sum()) for one in networks)
    assert set(columns["networks"]) == {3}
    reached = columns["not fitted"] <= 1
    assert np.isfinite(columns["median epochs"][reached]).all()


@pytest.mark.parametrize(
    ("experiment", "change", "message"),
    [
        (CONVERGENCE, {"widths": (16, 8)}, "`widths` must be a non-empty, strictly increasing sequence"),
        (CONVERGENCE, {"sizes": (100, 2000)}, "`sizes` must be at most 1437, the number available in digits; got 2000"),
        (CONVERGENCE, {"sizes": (10, 200)}, "`sizes` must be at least `batch_size`, 30; got 10"),
        (CONVERGENCE, {"asked_every": 0}, "`asked_every` must be a whole number"),
        (CONVERGENCE, {"noise_levels": (0.2, 0.4)}, "`noise_levels` must hold 0"),
        (CONVERGENCE, {"width_of_sizes": 0}, "`width_of_sizes` must be a whole number"),
        (CAPACITY, {"enough": 5}, "`enough` must be one of `widths`"),
        (CAPACITY, {"removed_levels": (0.98,)}, "must leave a minibatch of 30 examples; 0.98 leaves 12"),
        (CAPACITY, {"removed_levels": (40.0,)}, "`removed_levels` must be between 0 and 1; got 40.0"),
        (CAPACITY, {"widths": ()}, "`widths` must be a non-empty, strictly increasing sequence"),
    ],
)
def test_settings_that_cannot_be_are_told(experiment: Any, change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message.replace("(", r"\(")):
        dataclasses.replace(experiment, **change).check(DIGITS)


def test_the_same_network_is_trained_once_where_grids_cross() -> None:
    experiment = dataclasses.replace(CONVERGENCE, sizes=(300, 600), width_of_sizes=16)
    grid_points = experiment.sweep().members
    assert len(set(grid_points)) == len(grid_points) == 3 * (5 * 5 + 4)
    assert all(
        cell.subset is not None and cell.subset.without in (None, RandX(0.4), RandX(0.8)) for cell in grid_points
    )
