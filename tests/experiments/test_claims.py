"""Claims on made-up results: clearly true ones hold, clearly false ones fail, and a diverged seed affects no other."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from made_results import (
    World,
    critical_samples,
    diverged,
    made,
    memorizing,
    noise_first,
    not_memorizing,
    patterns_first,
    patterns_then_noise,
)

from byheart.experiments.claims import Claim, Judgment, judged_together, slope
from byheart.experiments.search_experiment import SearchExperiment
from byheart.paper.claim import figure_claim
from byheart.statistics.intervals import interval_over_seeds
from byheart.statistics.looks import Looks
from byheart.statistics.rules import Above, SmallestEffect
from byheart.statistics.scales import Logit
from byheart.training.member import Member, noise_at

WORLDS = [
    (patterns_first(6), patterns_then_noise, noise_first),
    (critical_samples(6), memorizing, not_memorizing),
]
NAMES = [(experiment, claim.name) for experiment, _, _ in WORLDS for claim in experiment.claims()]


def judged(experiment: SearchExperiment, results: xr.Dataset) -> dict[str, Judgment]:
    return {claim.name: claim.judge(results) for claim in experiment.claims()}


def test_the_claims_are_those_of_figures_7_to_9() -> None:
    assert [name for _, name in NAMES] == [
        *("F78a-inputs", "F78a-labels", "F78b-inputs", "F78b-labels", "F78c-early", "F78c-fall", "F78d"),
        *("F9a-randX", "F9a-randX-on-real-inputs", "F9a-randY", "F9b-rises", "F9b-settles", "F9c-rises", "F9c-falls"),
    ]


@pytest.mark.parametrize(("experiment", "true", "false"), WORLDS)
@pytest.mark.parametrize("seeds", [5, 6])
def test_every_claim_holds_where_it_is_plainly_true_and_fails_where_it_is_plainly_false(
    experiment: SearchExperiment, true: World, false: World, seeds: int
) -> None:
    experiment = type(experiment)(**experiment.settings() | {"seeds": seeds})
    for world, verdict in ((true, "holds"), (false, "fails")):
        found = judged(experiment, made(experiment, world))
        assert {name: judgment.verdict for name, judgment in found.items()} == dict.fromkeys(found, verdict)
        for name, judgment in found.items():
            assert judgment.interval.n == seeds, name


@pytest.mark.parametrize(("experiment", "true", "false"), WORLDS)
def test_with_a_single_seed_every_claim_is_undecided(experiment: SearchExperiment, true: World, false: World) -> None:
    experiment = type(experiment)(**experiment.settings() | {"seeds": 1})
    for world in (true, false):
        assert {one.verdict for one in judged(experiment, made(experiment, world)).values()} == {"undecided"}


def test_numbers_are_those_that_were_made_up() -> None:
    """Compare with numbers worked out by hand.

    The levels are 0, 0.2, 0.4 and 0.8. At the end, the critical sample ratio is 0.1 plus 0.6 times the level. Accuracy
    is at most 0.9 minus 0.3 times the level. It is 0.9 minus 0.4 times the level when a quarter of the noise is fitted,
    and 0.9 minus 0.7 times the level at the end. At the peak of accuracy, the critical sample ratio is 0.1.
    """
    found = judged(patterns_first(), made(patterns_first(), patterns_then_noise))
    for name, expected in {
        "F78a-inputs": trend(lambda level: 0.1 + 0.6 * level),
        "F78a-labels": trend(lambda level: 0.1 + 0.6 * level),
        "F78b-inputs": trend(lambda level: 0.9 - 0.3 * level),
        "F78b-labels": trend(lambda level: 0.9 - 0.3 * level),
        "F78c-early": 1.0,
        "F78c-fall": (odds(0.82) / odds(0.76) * odds(0.74) / odds(0.62) * odds(0.58) / odds(0.34)) ** (1 / 3),
        "F78d": (odds(0.22) * odds(0.34) * odds(0.58)) ** (1 / 3) / odds(0.1),
    }.items():
        estimate = found[name].parts[-1].interval.estimate
        assert estimate == pytest.approx(expected, abs=0.011, rel=0.05), name


def odds(share: float) -> float:
    return share / (1 - share)


def trend(share: Callable[[float], float]) -> float:
    """Return the ratio of the odds at level 1 and at level 0, on a line through their logarithms at the levels."""
    levels = [0.0, 0.2, 0.4, 0.8]
    return float(np.exp(np.polyfit(levels, np.log([odds(share(level)) for level in levels]), 1)[0]))


@pytest.mark.parametrize(("experiment", "true", "false"), WORLDS)
def test_the_order_of_members_does_not_matter(experiment: SearchExperiment, true: World, false: World) -> None:
    results = made(experiment, true)
    shuffled = results.isel(member=np.random.default_rng(0).permutation(results.sizes["member"]))
    for name, judgment in judged(experiment, results).items():
        np.testing.assert_array_equal(judgment.values, judged(experiment, shuffled)[name].values)


@pytest.mark.parametrize(("experiment", "true", "false"), WORLDS)
def test_a_seed_that_diverged_has_no_value_and_is_counted_and_the_others_keep_theirs(
    experiment: SearchExperiment, true: World, false: World
) -> None:
    results, members = made(experiment, true), experiment.sweep().members
    whole = judged(experiment, results)
    spoiled = {}
    for index in [
        members.index(Member(1)),
        *(members.index(Member(1, noise_at(*noise))) for noise in NOISES[experiment.name]),
    ]:
        for name, judgment in judged(experiment, diverged(results, index, 5)).items():
            for part, before in zip(judgment.parts, whole[name].parts, strict=True):
                if np.isnan(part.values[1]):
                    spoiled[name] = part.as_json()
                np.testing.assert_allclose(np.delete(part.values, 1), np.delete(before.values, 1), atol=0.02)
            assert judgment.verdict == "holds", name
    assert spoiled.keys() == whole.keys()
    for name, content in spoiled.items():
        assert (content["seeds"], content["seeds_without_value"]) == (5, 1), name
        assert content["per_seed"][1] is None


NOISES = {"patterns-first": [(0.4, 0.0), (0.0, 0.4)], "critical-samples": [(1.0, 0.0), (0.0, 1.0)]}


@pytest.mark.parametrize(("experiment", "true", "false"), WORLDS)
def test_numbers_that_never_change_make_no_claim_hold(experiment: SearchExperiment, true: World, false: World) -> None:
    """If everything is critical, or everything right, rounding must not look like a trend with a width of 0."""

    def constant(value: float) -> World:
        return lambda member, epoch: dict.fromkeys(true(member, epoch), value)

    for value in (0.0, 0.1, 0.7, 1.0):
        found = judged(experiment, made(experiment, constant(value)))
        assert not [name for name, judgment in found.items() if judgment.verdict == "holds"]


def test_with_levels_outside_those_the_paper_claims_there_are_no_values() -> None:
    experiment = type(patterns_first())(**patterns_first().settings() | {"noise_levels": (0.0, 1.0)})
    found = judged(experiment, made(experiment, patterns_then_noise))
    assert {judgment.interval.n for judgment in found.values()} == {0}
    assert {judgment.verdict for judgment in found.values()} == {"undecided"}


def test_where_noise_is_never_fitted_there_is_no_value_for_when() -> None:
    def unfitted(member: Member, epoch: int) -> dict[str, float]:
        return dict(patterns_then_noise(member, epoch)) | {"training_accuracy_noisy": 0.1}

    judgment = judged(patterns_first(), made(patterns_first(), unfitted))["F78c-early"]
    assert np.isnan(judgment.values).all()
    assert judgment.verdict == "undecided"


def test_the_slope_is_that_of_numpy() -> None:
    generator = np.random.default_rng(0)
    levels = np.array([0.0, 0.1, 0.4, 0.8])
    values = generator.normal(size=(3, 4))
    found = slope(xr.DataArray(values, {"noise_level": levels}, ("seed", "noise_level")), "noise_level")
    np.testing.assert_allclose(found, [np.polyfit(levels, one, 1)[0] for one in values])


@pytest.mark.parametrize("value", [0.1, 0.7, 1.0, 1e6])
def test_the_slope_of_equal_values_is_exactly_0(value: float) -> None:
    levels = [0.0, 0.2, 0.4, 0.6, 0.8]
    assert slope(xr.DataArray([value] * 5, {"noise_level": levels}, ("noise_level",)), "noise_level") == 0


def test_the_slope_over_one_level_or_with_a_nan_is_nan() -> None:
    assert np.isnan(slope(xr.DataArray([0.3], {"noise_level": [0.0]}, ("noise_level",)), "noise_level"))
    broken = xr.DataArray([0.3, np.nan], {"noise_level": [0.0, 0.5]}, ("noise_level",))
    assert np.isnan(slope(broken, "noise_level"))


def of_parts(*parts: list[float]) -> Claim:
    """Return a claim that each of several parts is above 0, from the numbers of their seeds."""
    values = xr.DataArray(
        np.array(parts), {"part": [f"part {number}" for number in range(len(parts))]}, ("part", "seed")
    )
    return Claim("X", "It is so.", "its numbers", lambda results: values, Above(0))


def test_a_claim_of_several_parts_holds_where_each_does_and_fails_where_one_does() -> None:
    high, low, wide = [1.0, 1.1, 1.2], [-1.0, -1.1, -1.2], [-1.0, 0.0, 1.0]
    judgments = [of_parts(*parts).judge(xr.Dataset()) for parts in ([high, high], [high, wide], [wide, low, high])]
    assert [one.verdict for one in judgments] == ["holds", "undecided", "fails"]
    assert [one.weakest.name for one in judgments[1:]] == ["part 1", "part 1"]
    content = judgments[1].as_json("made", "tiny")
    assert content["weakest_part"] == "part 1"
    assert content["parts"]["part 0"]["per_seed"] == high
    assert content["per_seed"] == wide
    assert "of each of 2 parts" in content["rule"]


@pytest.mark.slow
def test_a_claim_of_several_parts_is_rarely_said_to_fail_where_each_part_is_true_by_a_hair() -> None:
    """Of 2,000 claims with three parts of mean 0 and 5 seeds, at most 2.5 % fail.

    Claims about the smallest part of each seed would fail far more often.
    """
    samples = np.random.default_rng(0).normal(size=(2000, 3, 5))
    fails = [of_parts(*sample.tolist()).judge(xr.Dataset()).verdict == "fails" for sample in samples]
    of_smallest = [of_parts(sample.min(axis=0).tolist()).judge(xr.Dataset()).verdict == "fails" for sample in samples]
    assert np.mean(fails) <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 2000)
    assert np.mean(of_smallest) > 0.2


def test_a_number_judged_on_a_scale_has_its_interval_in_its_own_units() -> None:
    shares = np.array([0.9, 0.95, 0.99])
    judgment = Claim("X", "It is so.", "share", lambda results: shares, Above(0.5), scale=Logit()).judge(xr.Dataset())
    assert 0.5 < judgment.interval.low < 0.95 < judgment.interval.high < 1
    assert judgment.verdict == "holds"
    assert interval_over_seeds(shares).high > 1


def test_claims_of_one_figure_on_one_data_set_are_a_family() -> None:
    certain, doubtful, other = (
        figure_claim(
            name,
            figure,
            "It is so.",
            "its number",
            lambda results, scale=scale: np.array([0.9, 1.0, 1.1]) ** scale,
            Above(0),
        )
        for name, figure, scale in (("X", "1", 1), ("Y", "1", 12), ("Z", "2", 12))
    )
    chapters = [[certain.judge(xr.Dataset()), doubtful.judge(xr.Dataset())], [other.judge(xr.Dataset())]]
    (first, second), (third,) = judged_together(chapters)
    assert [one.claim.family for one in (first, second, third)] == ["Figure 1", "Figure 1", "Figure 2"]
    assert first.in_family.p_value == pytest.approx(2 * first.p_value)
    assert first.among_all.p_value == pytest.approx(3 * first.p_value)
    assert second.in_family.p_value == pytest.approx(second.p_value)
    assert third.in_family.p_value == third.p_value


def test_claims_without_a_family_of_their_own_are_that_of_their_experiment() -> None:
    own = Claim("X", "It is so.", "its number", lambda results: np.array([1.0]), Above(0))
    assert own.with_family("clean-labels-first").family == "clean-labels-first"
    assert dataclasses.replace(own, family="mine").with_family("clean-labels-first").family == "mine"
    assert "figure" not in own.judge(xr.Dataset()).as_json("made", None)


def test_a_judgment_as_json_has_null_where_a_number_is_not_finite() -> None:
    claim = figure_claim("X", "0", "It is so.", "its number", lambda results: np.array([np.nan, 0.5]), Above(0))
    content = claim.judge(xr.Dataset()).as_json("made", "tiny")
    assert content == {
        "claim": "X",
        "figure": "0",
        "statement": "It is so.",
        "statistic": "its number",
        "estimate": 0.5,
        "interval": [None, None],
        "rule": "holds when the whole 95 % interval lies above 0, fails when none of it does",
        "verdict": "undecided",
        "fails_by": None,
        "seeds_to_decide": None,
        "p_value": None,
        "adjusted_p_value": None,
        "verdict_in_family": "undecided",
        "verdict_together": "undecided",
        "certified": None,
        "family": "Figure 0",
        "judged": "as it is",
        "parts": {},
        "seeds": 1,
        "seeds_without_value": 1,
        "per_seed": [None, 0.5],
        "data": "made",
        "scale": "tiny",
    }
    nothing = Claim("X", "It is so.", "its number", lambda results: np.array([]), Above(0)).judge(xr.Dataset())
    assert nothing.as_json("", "")["estimate"] is None


def test_a_claim_that_fails_says_how_and_an_undecided_one_how_many_seeds_would_decide() -> None:
    def judged_by(*values: float) -> Judgment:
        rule = Above(0, SmallestEffect(0.1, "a tenth"))
        return Claim("X", "It is so.", "its number", lambda results: np.array(values), rule).judge(xr.Dataset())

    for values, failure in (
        ((0.01, 0.02, 0.015), "practically nothing"),
        ((-1.0, -1.1, -1.05), "the opposite"),
        ((-0.6, -0.3, -0.4), "the opposite"),
        ((-0.35, -0.1, -0.2), "nothing or the opposite"),
    ):
        judgment = judged_by(*values)
        assert (judgment.verdict, judgment.failure, judgment.seeds_to_decide) == ("fails", failure, None)
    wide = judged_by(-0.5, 0.7, 1.0)
    assert (wide.verdict, wide.failure) == ("undecided", "")
    assert wide.seeds_to_decide == wide.as_json("made", None)["seeds_to_decide"] == 18
    assert judged_by(-1.0, -1.0, -1.0).failure == "the opposite"


def test_a_part_that_fails_exactly_says_how_its_claim_fails() -> None:
    parts = {"equal": np.full(3, -1.0), "high": np.array([1.0, 1.1, 1.2])}
    rule = Above(0, SmallestEffect(0.1, "a tenth"))
    judgment = Claim("X", "It is so.", "its number", lambda results: np.array([]), rule).judged_by(parts)
    assert (judgment.verdict, judgment.failure) == ("fails", "the opposite")


def test_a_claim_tested_at_looks_is_judged_by_all_of_them_and_stays_decided() -> None:
    rng, looks = np.random.default_rng(0), Looks(5)
    numbers = {5: rng.normal(1, 0.3, 5)}
    numbers[10] = np.concatenate([numbers[5], rng.normal(-1, 0.3, 5)])
    claim = Claim("X", "It is so.", "its number", lambda results: np.array([]), Above(0))
    once, first, second = (
        claim.judged_by({"": numbers[5]}),
        claim.judged_at([{"": numbers[5]}], looks),
        claim.judged_at([{"": numbers[5]}, {"": numbers[10]}], looks),
    )
    assert first.interval.low < once.interval.low
    assert first.p_value == pytest.approx(looks.together(once.p_value))
    assert first.verdict == second.verdict == "holds"
    assert second.p_value == first.p_value
    assert second.interval.low < 0 < second.interval.high
    content = second.as_json("made", None)
    assert (content["looks_taken"], content["looks_planned"], content["seeds"]) == (2, 5, 10)
