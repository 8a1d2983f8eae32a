"""Figures 7 to 9 with brackets: probes, least numbers, verdicts, cautions, bands, and what is refused."""

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
import xarray as xr
from made_results import FACTS, bracketed, critical_samples, made, memorizing, patterns_first, patterns_then_noise
from matplotlib.axes import Axes
from worlds import Smooth

from byheart import literals
from byheart.checks import BadInput
from byheart.critical.radius import Pixels
from byheart.drawing.marks import marks_of
from byheart.experiments.cautions import hardly_certified
from byheart.experiments.claims import Judgment, slope
from byheart.experiments.data_kinds import by_level
from byheart.experiments.search_experiment import SearchExperiment
from byheart.measures.not_certified import NotCertified, NotCertifiedByRadius
from byheart.paper.critical_samples.claims import claims_of
from byheart.statistics.scales import Logit

F9A = ("F9a-randX", "F9a-randX-on-real-inputs", "F9a-randY")


def judged(experiment: SearchExperiment, results: xr.Dataset) -> dict[str, Judgment]:
    return {claim.name: claim.judge(results) for claim in experiment.claims()}


def with_bracket(experiment: SearchExperiment, **settings: Any) -> Any:
    return dataclasses.replace(experiment, bracket=True, **settings)


@pytest.mark.parametrize("make", [critical_samples, patterns_first])
def test_only_a_bracket_adds_proofs_which_cover_what_is_searched(make: Any) -> None:
    plain, own = make().sweep(), with_bracket(make()).sweep()
    proofs = [one for one in own.measures if isinstance(one, NotCertified)]
    assert [one for one in own.measures if one not in proofs] == list(plain.measures)
    (search,) = [one for one in plain.measures if hasattr(one, "sets")]
    assert [(one.radius, one.sets, one.n_samples) for one in proofs] == [(search.radius, search.sets, search.n_samples)]
    for sweep, before in zip(own.final_measures[1:], plain.final_measures, strict=True):
        assert isinstance(sweep, NotCertifiedByRadius)
        assert (sweep.radii, sweep.n_samples) == (before.radii, before.n_samples)
    assert literals.text(dataclasses.replace(own, measures=plain.measures, final_measures=plain.final_measures)) == (
        literals.text(plain)
    )


@pytest.mark.parametrize("make", [critical_samples, patterns_first])
def test_claims_without_brackets_are_judged_as_before_and_not_certified(make: Any) -> None:
    world = memorizing if make is critical_samples else patterns_then_noise
    results = made(make(), world)
    plain = judged(make(), results)
    own = judged(with_bracket(make()), bracketed(results, 0.01))
    assert {name: one.certified for name, one in plain.items()} == dict.fromkeys(plain)
    assert all(one.as_json("digits", None)["certified"] is None for one in plain.values())
    for name, one in own.items():
        np.testing.assert_array_equal(one.values, plain[name].values)
        assert (one.verdict, one.p_value) == (plain[name].verdict, plain[name].p_value)


def test_narrow_brackets_certify_claims_and_wide_ones_do_not() -> None:
    for make, world, names in (
        (critical_samples, memorizing, F9A),
        (patterns_first, patterns_then_noise, ("F78a-inputs", "F78a-labels")),
    ):
        experiment, results = with_bracket(make()), made(make(), world)
        for gap, is_certified in ((0.0, True), (0.9, False)):
            found = judged(experiment, bracketed(results, gap))
            assert {name: one.certified for name, one in found.items() if one.certified is not None} == dict.fromkeys(
                names, is_certified
            )
        entry = found[names[0]].as_json("digits", None)
        assert entry["certified"] is False
        assert entry["least"]["estimate"] < entry["estimate"]


def test_the_least_ratio_of_odds_is_found_with_noise_and_not_certified_on_real_data() -> None:
    results = bracketed(made(critical_samples(), memorizing), 0.05)
    (claim,) = [one for one in claims_of("9", "ratio", bracket=True) if one.name == "F9a-randY"]
    assert claim.least is not None
    logit = Logit().forward
    final = results.isel(epoch=-1)
    noise = final.csr_validation_alike.values[final.rand_y.values == 1]
    real = final.not_certified_validation.values[(final.rand_y.values == 0) & (final.rand_x.values == 0)]
    np.testing.assert_allclose(claim.least(results), np.exp(logit(noise) - logit(real)), rtol=1e-6)


def test_the_least_slope_is_that_of_the_worst_ratios_within_brackets() -> None:
    results = bracketed(made(patterns_first(), patterns_then_noise), 0.04)
    (claim,) = [one for one in with_bracket(patterns_first()).claims() if one.name == "F78a-labels"]
    final = by_level(results, "rand_y").isel(epoch=-1, drop=True)
    final = final.sel(noise_level=final.noise_level <= 0.8)
    ends = [xr.apply_ufunc(Logit().forward, final[name]) for name in ("csr_validation", "not_certified_validation")]
    slopes = []
    for chosen in itertools.product((0, 1), repeat=final.sizes["noise_level"]):
        is_high = xr.DataArray(np.array(chosen, bool), dims="noise_level")
        slopes.append(slope(xr.where(is_high, ends[1], ends[0]), "noise_level").values)
    np.testing.assert_allclose(claim.least(results), np.exp(np.min(slopes, axis=0)), rtol=1e-6)


def test_a_radius_at_which_bounds_say_nothing_is_said() -> None:
    results = made(patterns_first(), patterns_then_noise)
    assert hardly_certified(results, Pixels(10)) == []
    assert hardly_certified(bracketed(results, 0.0), Pixels(10)) == []
    through, after = hardly_certified(bracketed(results, 1.0), Pixels(10))
    assert through.startswith("At a radius of 10 pixels, fewer than 5 % of the samples can be certified, in every")
    assert "at radii of 0.3, 1, 3, 10 pixels" in after
    assert through in with_bracket(patterns_first()).cautions(
        bracketed(results, 1.0).assign(training_accuracy=results.training_accuracy)
    )


@pytest.mark.parametrize("make", [critical_samples, patterns_first])
def test_bands_reach_from_what_is_found_to_what_is_not_certified(make: Any, axis: Axes) -> None:
    world = memorizing if make is critical_samples else patterns_then_noise
    results = bracketed(made(make(), world), 0.05)
    figures = with_bracket(make()).figures(results, "digits")
    assert "not certified: the true ratio lies in between" in figures[0].caption
    (panel,) = [one for one in figures[0].panels if one.title in ("training inputs", "randY: critical samples")]
    panel.draw(axis)
    for one in marks_of(axis):
        low, high = one.points.y_bounds
        np.testing.assert_allclose(high - low, 0.05, atol=1e-6)
        np.testing.assert_array_equal(low, one.points.y)
    assert "band: found to not certified" in axis.get_legend().get_title().get_text()


def test_networks_without_known_bounds_are_refused_before_any_work() -> None:
    experiment = with_bracket(critical_samples(), architecture=Smooth())
    with pytest.raises(BadInput, match=r"`bracket` needs networks whose outputs can be bounded.*got Smooth"):
        experiment.check(FACTS)
    with_bracket(critical_samples()).check(FACTS)
