"""Claims of later work: every experiment runs on pictures and vectors, and its numbers are those of plain loops."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.stats
import xarray as xr
from worlds import few_digits

from byheart.checks import BadInput
from byheart.critical.radius import StandardDeviations
from byheart.data.split import Split
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.importing import experiment_of
from byheart.later import groups
from byheart.later.catalog import LATER
from byheart.later.learning_order import ACROSS, WITHIN, LearningOrder
from byheart.later.noise_nearby import GROUPS, NoiseNearby, ratios
from byheart.later.rare_examples import RareExamples, influence_on_itself, rarity_of_memorized
from byheart.later.similar_labels import SimilarLabels, memorized
from byheart.later.size_and_memorization import SizeAndMemorization, rise_of_some, slopes_of
from byheart.networks.mlp import MLP
from byheart.populations.train import measure_sweep

FACTS = DataSummary("digits", (8, 8, 1), 200, 100)
TINY: dict[str, dict[str, Any]] = {
    "similar-labels": {"seeds": 2, "epochs": 3},
    "rare-examples": {"seeds": 8, "epochs": 2},
    "learning-order": {"seeds": 4, "epochs": 2, "other": MLP((8, 8))},
    "size-and-memorization": {"seeds": 8, "epochs": 2, "widths": (4, 8)},
    "noise-nearby": {"seeds": 2, "epochs": 3},
}


def tiny(name: str, facts: DataSummary = FACTS) -> Any:
    declared: Any = experiment_of(LATER[name].reference).for_data(facts)
    return dataclasses.replace(declared, n_training=60, batch_size=10, architecture=MLP((8,)), **TINY[name])


def results_of(name: str, split: Split | None = None, facts: DataSummary = FACTS) -> xr.Dataset:
    experiment = tiny(name, facts)
    experiment.check(facts)
    found = measure_sweep(experiment.sweep(), experiment.select(split or few_digits()))
    return found.assign_attrs(n_classes=10)


@pytest.fixture(scope="module", autouse=True)
def small_groups() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(groups, "GROUP", 4)
        yield


@pytest.fixture(scope="module")
def results(small_groups: None) -> dict[str, xr.Dataset]:
    return {name: results_of(name) for name in LATER}


@pytest.mark.parametrize("name", LATER)
def test_an_experiment_is_judged_drawn_and_says_what_it_is(name: str, results: dict[str, xr.Dataset]) -> None:
    experiment = tiny(name)
    assert experiment.name == name
    assert all((experiment.source, experiment.description, experiment.finding))
    claims = experiment.claims()
    assert experiment.finding.claim in [claim.name for claim in claims]
    for claim in claims:
        judgment = claim.judge(results[name])
        assert judgment.verdict in ("holds", "fails", "undecided")
        assert judgment.values.size == 2
    (figure,) = experiment.figures(results[name], "digits")
    for panel in figure.panels:
        drawn, axis = plt.subplots()
        panel.draw(axis)
        assert axis.get_ylabel()
        plt.close(drawn)
    experiment.cautions(results[name])


@pytest.mark.parametrize("name", LATER)
def test_the_defaults_fit_vectors_too(name: str) -> None:
    facts = DataSummary("table", (12,), 500, 100)
    experiment_of(LATER[name].reference).for_data(facts).check(facts)


@pytest.mark.parametrize("name", ["similar-labels", "rare-examples", "size-and-memorization"])
def test_minibatches_fit_into_halves_of_small_data(name: str) -> None:
    few: Any = experiment_of(LATER[name].reference).for_data(DataSummary("few", (12,), 41, 10))
    assert few.batch_size == 20


@pytest.mark.parametrize("name", LATER)
def test_the_defaults_fit_pictures(name: str) -> None:
    facts = DataSummary("pictures", (32, 32, 3), 5000, 100)
    experiment_of(LATER[name].reference).for_data(facts).check(facts)


def test_memorization_of_wrong_labels_is_a_difference_of_plain_shares(results: dict[str, xr.Dataset]) -> None:
    found = results["similar-labels"]
    numbers = memorized(found)
    assert len(numbers) == 2
    for kind, title in (("rand_y", "random"), ("similar_class", "similar class")):
        for member in np.flatnonzero(found[kind] > 0):
            one = found.isel(member=member)
            noisy = [rank < 12 for rank in one[f"{kind}_rank"].values]  # A fifth of 60 examples.
            seen, held_out = list[bool](), list[bool]()
            for example, is_noisy in enumerate(noisy):
                if is_noisy and one[f"{kind}_label"][example] != one.label[example]:
                    (seen if one.is_included[example] else held_out).append(not one.is_misclassified[example])
            assert numbers[title][int(one.seed)] == pytest.approx(np.mean(seen) - np.mean(held_out))


def test_noise_that_is_not_fitted_is_said(results: dict[str, xr.Dataset]) -> None:
    for name in ("similar-labels", "noise-nearby"):
        found = results[name]
        fitted = found.assign(training_accuracy_noisy=found.training_accuracy_noisy * 0 + 0.95)
        barely = found.assign(training_accuracy_noisy=found.training_accuracy_noisy * 0 + 0.5)
        assert not [one for one in tiny(name).cautions(fitted) if "noisy" in one]
        assert [one for one in tiny(name).cautions(barely) if "only 50%" in one]


def test_agreement_is_the_rank_correlation_of_shares_of_epochs(results: dict[str, xr.Dataset]) -> None:
    found = results["learning-order"]
    shares = {
        (int(one.depth), int(one.seed)): (one.is_misclassified == 0).mean("epoch").values
        for one in (found.isel(member=member) for member in range(8))
    }
    experiment = tiny("learning-order")
    assert isinstance(experiment, LearningOrder)
    agreement = experiment.agreement(found)
    for pair in (0, 1):
        one, other = 2 * pair, 2 * pair + 1
        across = [((1, one), (2, other)), ((1, other), (2, one))]
        within = [((1, one), (1, other)), ((2, one), (2, other))]
        for kind, compared in ((ACROSS, across), (WITHIN, within)):
            expected = np.mean([scipy.stats.spearmanr(shares[a], shares[b]).statistic for a, b in compared])
            assert agreement[kind][pair] == pytest.approx(expected)


def test_architectures_of_one_size_cannot_be_compared() -> None:
    with pytest.raises(BadInput, match="another width or depth"):
        dataclasses.replace(tiny("learning-order"), other=MLP((8,))).check(FACTS)


def made(n_networks: int, score: np.ndarray, seed: int, width: int = 8) -> dict[str, Any]:
    """Return networks that are always right about what they saw, and about others with a chance of 1 - `score`."""
    generator = np.random.default_rng(seed)
    is_included = generator.random((n_networks, len(score))) < 0.5
    is_right = is_included | (generator.random(is_included.shape) >= score)
    return {
        "is_misclassified": (("member", "example"), (~is_right).astype(np.int8)),
        "is_included": (("member", "example"), is_included.astype(np.int8)),
        "class_neighbor_distance": (("member", "example"), np.tile(np.arange(1.0, len(score) + 1), (n_networks, 1))),
        "width": ("member", np.full(n_networks, width)),
        "seed": ("member", np.arange(n_networks)),
    }


def as_results(*parts: dict[str, Any]) -> xr.Dataset:
    return xr.concat([xr.Dataset(part).set_coords(["width", "seed"]) for part in parts], "member")


@pytest.mark.parametrize("is_rare", [True, False])
def test_memorized_examples_are_said_to_be_rare_where_they_are(monkeypatch: pytest.MonkeyPatch, is_rare: bool) -> None:
    monkeypatch.setattr(groups, "GROUP", 20)
    score = np.linspace(0, 1, 80)
    found = as_results(made(100, score if is_rare else score[::-1], 0))
    assert ((rarity_of_memorized(found) > 0.5) == is_rare).all()
    own = influence_on_itself(found)
    assert np.isnan(own[0])
    assert (own[1:] > 0.5).all()


def test_falling_and_rising_examples_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine of ten examples are memorized less by larger networks, the others more."""
    monkeypatch.setattr(groups, "GROUP", 20)
    falls = np.arange(200) >= 20
    wide, narrow = np.where(falls, 0.1, 0.9), np.where(falls, 0.9, 0.1)
    found = as_results(made(60, narrow, 0, width=16), made(60, wide, 1, width=64))
    slopes = slopes_of(found)
    assert len(slopes) == 3
    for one in slopes:
        assert one[falls].mean() == pytest.approx(-0.4, abs=0.05)  # 0.8 over two doublings.
    assert np.isnan(rise_of_some(found)[0])
    assert (rise_of_some(found)[1:] > 0.3).all()
    nothing = as_results(made(60, narrow, 2, width=16), made(60, narrow, 3, width=64))
    assert np.abs(rise_of_some(nothing)[1:]).max() < 0.12


def test_ratios_near_wrong_labels_are_plain_shares(results: dict[str, xr.Dataset]) -> None:
    found = results["noise-nearby"]
    numbers = ratios(found)
    for member in np.flatnonzero(found.rand_y > 0):
        one = found.isel(member=member)
        other = found.isel(member=int(np.flatnonzero((found.rand_y == 0) & (found.seed == one.seed))[0]))
        clean = one.has_wrong_label.values == 0
        near = one.has_wrong_neighbor.values == 1
        seed = int(one.seed)
        assert numbers[GROUPS[0]][seed] == pytest.approx(other.is_critical.values[clean].mean())
        assert numbers[GROUPS[1]][seed] == pytest.approx(one.is_critical.values[clean & ~near].mean())
        assert numbers[GROUPS[2]][seed] == pytest.approx(one.is_critical.values[clean & near].mean())


@pytest.mark.parametrize(
    ("experiment", "changed", "said"),
    [
        (SimilarLabels, {"level": 0.0}, "level"),
        (NoiseNearby, {"level": 1.5}, "level"),
        (NoiseNearby, {"n_neighbors": 0}, "n_neighbors"),
        (RareExamples, {"seeds": 7}, "two groups of 4 networks"),
        (SizeAndMemorization, {"seeds": 7}, "two groups of 4 networks"),
        (LearningOrder, {"seeds": 1}, "seeds"),
        (NoiseNearby, {"radius": StandardDeviations(0.1)}, "radius"),
    ],
)
def test_bad_settings_are_said_before_training(experiment: Any, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        dataclasses.replace(experiment.for_data(FACTS), **changed).check(FACTS)


def test_an_experiment_of_later_work_runs_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from byheart.cli.main import main

    words = ["run", "similar-labels", "--data", "digits", "--n-training", "60", "--seeds", "2", "--batch-size", "10"]
    assert main([*words, "--epochs", "2", "--architecture", "MLP((8,))", "--out", str(tmp_path / "run")]) == 0
    assert "similar-less" in capsys.readouterr().out
    assert "Wei et al." in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
