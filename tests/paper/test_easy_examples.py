"""easy-examples on made-up errors: claims that hold where they should, figures, tables and images."""

import csv
import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from made_examples import (
    FACTS,
    N_CLASSES,
    N_EXAMPLES,
    World,
    easy_examples,
    made_errors,
    noise_only,
    patterns,
    without,
)
from matplotlib.axes import Axes

from byheart.checks import BadInput
from byheart.data.class_flips import ClassFlips
from byheart.data.dataset import Dataset
from byheart.data.legend import Legend
from byheart.data.noise import Noise
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.data.split import Split
from byheart.drawing import canvas
from byheart.experiments.claims import Judgment
from byheart.paper.easy_examples.claims import AGREEING, classes_of, dispersion_within_class, errors_of, labels_of
from byheart.paper.easy_examples.pictures import PER_CLASS
from byheart.statistics.binomial_control import binomial_control
from byheart.statistics.rate_interval import rate_interval
from byheart.statistics.split_half import split_half_correlation


def judged(world: World, seeds: int = 40) -> dict[str, Judgment]:
    experiment = easy_examples(seeds)
    results = made_errors(experiment, world)
    return {claim.name: claim.judge(results) for claim in experiment.claims()}


def test_where_the_world_is_as_in_the_paper_all_claims_hold() -> None:
    found = judged(patterns, seeds=160)
    assert {name: one.verdict for name, one in found.items()} == dict.fromkeys(found, "holds")


def test_where_it_is_not_claims_fail() -> None:
    found = judged(noise_only)
    assert {name: one.verdict for name, one in found.items()} == {
        "F1a": "fails",
        "F1b": "fails",
        "F1c": "fails",
        "F1d": "holds",
        "F1d-below-real": "fails",
    }


def test_with_few_networks_nothing_is_decided() -> None:
    assert {one.verdict for one in judged(patterns, seeds=1).values()} == {"undecided"}


def test_claims_are_of_all_networks_and_of_tens_of_them() -> None:
    found = judged(patterns)
    assert found["F1a"].interval.n == found["F1c"].interval.n == 40
    assert found["F1b"].interval.n == 40 // AGREEING


def test_agreement_counts_examples_about_which_ten_networks_agree_beyond_chance() -> None:
    """With rates of 1 % for 90 % of the examples and 97 % for 10 %, networks agree about 0.9 * 0.99^10 + 0.1 * 0.97^10.

    The chance that is subtracted is the agreement if all examples had the rate of the class.
    """
    expected = 0.9 * 0.99**10 + 0.1 * 0.97**10
    mean = 0.9 * 0.01 + 0.1 * 0.97
    assert judged(patterns)["F1b"].interval.estimate == pytest.approx(expected - (1 - mean) ** 10 - mean**10, abs=0.1)


def test_networks_that_diverged_are_left_out() -> None:
    experiment = easy_examples(30)
    results = without(made_errors(experiment, patterns), 3)
    assert errors_of(results, "real").shape == (29, N_EXAMPLES)
    assert errors_of(results, "rand_x").shape == (30, N_EXAMPLES)
    found = {claim.name: claim.judge(results) for claim in experiment.claims()}
    assert (found["F1a"].interval.n, len(found["F1a"].values)) == (29, 30)
    assert found["F1a"].verdict == "holds"
    assert "1 network diverged" in experiment.failures(results)


def test_labels_and_groups_are_those_after_noise() -> None:
    results = made_errors(easy_examples(4, noise_level=0.25), patterns)
    labels, is_noisy = labels_of(results, "rand_y")
    assert is_noisy.sum() == N_EXAMPLES // 4
    np.testing.assert_array_equal(is_noisy, results.rand_y_rank.values < N_EXAMPLES // 4)
    np.testing.assert_array_equal(labels[is_noisy], results.rand_y_label.values[is_noisy])
    np.testing.assert_array_equal(labels[~is_noisy], results.label.values[~is_noisy])
    assert len(np.unique(classes_of(results, "rand_y"))) == 8
    assert len(np.unique(classes_of(results, "real"))) == 4
    np.testing.assert_array_equal(labels_of(results, "rand_x")[0], results.label.values)


def test_the_table_has_a_row_for_each_example_and_kind_of_data(tmp_path: Path) -> None:
    results = made_errors(easy_examples(12, noise_level=0.5), patterns)
    _, table = easy_examples(12).tables(results)
    assert len(table) == 3 * N_EXAMPLES
    table.save(tmp_path)
    with (tmp_path / "easy-examples.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * N_EXAMPLES
    row = rows[N_EXAMPLES + 7]
    count = errors_of(results, "rand_x")[:, 7].sum()
    low, high = rate_interval(count, 12)
    assert (row["data"], row["index"], row["label"], row["class"], row["networks"]) == (
        "randX",
        "35",
        "3",
        "class 3",
        "12",
    )
    found = [float(row[name]) for name in ("misclassification_rate", "low", "high")]
    np.testing.assert_allclose(found, [count / 12, low, high])
    assert row["is_noisy"] == str(bool(results.rand_x_rank.values[7] < N_EXAMPLES // 2))


def test_the_table_of_kinds_says_what_the_figures_show() -> None:
    results = made_errors(easy_examples(20), patterns)
    table, _ = easy_examples(20).tables(results)
    assert table.columns["data"].tolist() == ["real", "real", "randX", "randX", "randY", "randY"]
    assert table.columns["among"].tolist() == ["all examples", "those of a class"] * 3
    within = dispersion_within_class(results, "rand_y")
    row = {name: values[5] for name, values in table.columns.items()}
    assert (row["dispersion"], row["error_correlation"]) == (within.value, within.correlation_interval.estimate)
    assert row["split_half_correlation"] == split_half_correlation(errors_of(results, "rand_y")).mean()
    assert table.columns["mean_rate"][2] == pytest.approx(0.7, abs=0.02)


def test_what_one_network_cannot_tell_is_left_blank_in_the_page() -> None:
    table, _ = easy_examples(1).tables(made_errors(easy_examples(1), patterns))
    assert set(table.as_lists()["low"]) == set(table.as_lists()["split_half_correlation"]) == {None}


def images() -> Split:
    pixels = np.random.default_rng(1).random((N_EXAMPLES, 8, 8, 1))
    data = Dataset(pixels, np.arange(N_EXAMPLES) % 4)
    return Split(data, data)


def test_pictures_are_those_of_lowest_and_highest_rate_of_each_class() -> None:
    experiment = easy_examples(20)
    results = made_errors(experiment, patterns)
    kept = experiment.stored_pictures(results, images())
    assert kept is not None
    places, counts = kept.pictured_example.values, errors_of(results, "real").sum(axis=0)
    assert len(set(places.tolist())) == len(places) == 4 * 2 * PER_CLASS
    for label in range(4):
        of_class = np.flatnonzero(np.arange(N_EXAMPLES) % 4 == label)
        shown = np.sort(counts[[place for place in places if place % 4 == label]])
        ordered = np.sort(counts[of_class])
        np.testing.assert_array_equal(shown, [*ordered[:PER_CLASS], *ordered[-PER_CLASS:]])
    np.testing.assert_array_equal(kept.picture, np.round(255 * images().training.inputs[places]))


def rows(shown: np.ndarray | None = None) -> Split:
    numbers = np.random.default_rng(1).normal(size=(N_EXAMPLES, 5))
    data = Dataset(numbers, np.arange(N_EXAMPLES) % 4, legend=Legend(tuple("abcde"), shown))
    return Split(data, data)


def test_texts_are_those_of_lowest_and_highest_rate_of_each_class_hardest_first() -> None:
    experiment = easy_examples(20)
    results = made_errors(experiment, patterns)
    texts = np.array([f"text {place}" for place in range(N_EXAMPLES)], object)
    kept = experiment.stored_pictures(results, rows(texts))
    assert kept is not None
    assert set(kept.variables) == {"example_text", "described_example"}
    pictured = experiment.stored_pictures(results, images())
    assert pictured is not None
    np.testing.assert_array_equal(kept.described_example, pictured.pictured_example)
    *_, table = experiment.tables(results.merge(kept))
    assert table.name == "easy-examples-extremes"
    rates = table.columns["misclassification_rate"]
    assert (np.diff(rates) <= 0).all()
    means = errors_of(results, "real").mean(axis=0)
    places = [int(text.removeprefix("text ")) for text in table.columns["example"]]
    np.testing.assert_array_equal(means[places], rates)
    np.testing.assert_array_equal(results.index.values[places], table.columns["index"])


def test_numbers_stand_for_vectors_without_texts_and_pictures_may_have_both() -> None:
    experiment = easy_examples(20)
    results = made_errors(experiment, patterns)
    kept = experiment.stored_pictures(results, rows())
    assert kept is not None
    assert all(text.count(" sd)") == 3 for text in kept.example_text.values)
    titled = Legend(shown=np.full(N_EXAMPLES, "a title", object))
    data = Dataset(images().training.inputs, images().training.labels, legend=titled)
    both = experiment.stored_pictures(results, Split(data, data))
    assert both is not None
    assert {"picture", "example_text"} <= set(both.variables)
    assert [table.name for table in experiment.tables(results)] == ["easy-examples-dispersion", "easy-examples"]


def test_pictures_with_names_are_listed_the_hardest_first() -> None:
    experiment = easy_examples(20)
    results = made_errors(experiment, patterns)
    kept = experiment.stored_pictures(results, images())
    assert kept is not None
    assert len(experiment.tables(results.merge(kept))) == 2
    names = np.array([f"cats/{place}.png" for place in range(N_EXAMPLES)])
    *_, table = experiment.tables(results.merge(kept).assign_coords(id=("example", names)))
    assert table.name == "easy-examples-extremes"
    assert list(table.columns) == ["index", "id", "class", "misclassification_rate"]
    assert set(table.columns["id"]) == set(names[kept.pictured_example.values])
    assert (np.diff(table.columns["misclassification_rate"]) <= 0).all()
    assert "sd" not in table.caption


def test_figures_show_pictures_only_where_they_are_kept(tmp_path: Path) -> None:
    experiment = easy_examples(20)
    results = made_errors(experiment, patterns)
    kept = experiment.stored_pictures(results, images())
    assert kept is not None
    names = [figure.name for figure in experiment.figures(results, "made up")]
    assert names == ["easy-examples", "how-many-seeds"]
    figures = experiment.figures(results.merge(kept), "made up, n")
    assert [figure.name for figure in figures] == [*names, "easiest-and-hardest"]
    for figure in figures:
        assert "n = 20 networks" in figure.caption or figure.name == "how-many-seeds"
        assert all("</svg>" in panel.svg for panel in canvas.drawn_panels(figure))


def test_sorted_curves_rise_and_the_control_has_the_rate_of_rand_x(axis: Axes) -> None:
    experiment = easy_examples(40)
    results = made_errors(experiment, patterns)
    experiment.figures(results, "")[0].panels[0].draw(axis)
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in axis.get_lines()}
    assert set(lines) == {"real", "randX", "randY", "binomial control"}
    for values in lines.values():
        assert values.shape == (N_EXAMPLES,)
        assert np.all(np.diff(values) >= 0)
    rate = errors_of(results, "rand_x").mean()
    np.testing.assert_array_equal(lines["binomial control"], binomial_control(N_EXAMPLES, 40, rate))


def test_histograms_hold_all_examples(axis: Axes) -> None:
    results = made_errors(easy_examples(40), patterns)
    easy_examples(40).figures(results, "")[0].panels[1].draw(axis)
    for patch in axis.patches:
        assert np.sum(patch.get_data().values) == pytest.approx(1)


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_figures_are_drawn_of_few_networks(seeds: int, tmp_path: Path) -> None:
    experiment = easy_examples(seeds)
    for figure in experiment.figures(made_errors(experiment, patterns), "made up"):
        assert all("</svg>" in panel.svg for panel in canvas.drawn_panels(figure))


def test_without_a_network_of_a_kind_the_others_are_shown(tmp_path: Path) -> None:
    experiment = easy_examples(1)
    results = without(made_errors(experiment, patterns), 1)
    assert experiment.sweep().members[1].level("rand_x") == 1
    for figure in experiment.figures(results, "made up"):
        assert all("</svg>" in panel.svg for panel in canvas.drawn_panels(figure))
    assert set(experiment.tables(results)[1].columns["data"]) == {"real", "randY"}
    assert {claim.judge(results).verdict for claim in experiment.claims()} == {"undecided"}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("noise_level", 0.0, "`noise_level` must be a finite number above 0; got 0.0."),
        ("noise_level", 40.0, "`noise_level` must be between 0 and 1; got 40.0."),
        ("steps", 100, "`steps` must end in epoch 1, the last one: 1 to 37; got 100."),
        ("seeds", 0, "`seeds` must be a whole number of at least 1; got 0."),
    ],
)
def test_a_setting_that_cannot_be_is_told(field: str, value: object, message: str) -> None:
    experiment = dataclasses.replace(easy_examples(), **{field: value})
    with pytest.raises(BadInput, match=re.escape(message)):
        experiment.check(FACTS)


def test_at_paper_scale_a_single_epoch_of_100_networks_is_trained() -> None:
    experiment = type(easy_examples()).for_scale("paper", dataclasses.replace(FACTS, n_training=60_000))
    assert (experiment.epochs, experiment.steps, experiment.seeds) == (1, None, 100)
    assert experiment.recipe().steps is None
    assert dataclasses.replace(experiment, steps=50).recipe().steps == 50


def test_a_further_kind_of_noise_is_shown_and_changes_no_claim() -> None:
    """Claims are about real data, randX and randY; figures and tables name the further kind by its title."""
    flips = ClassFlips.to_next(0.25, N_CLASSES)
    plain, more = easy_examples(12), dataclasses.replace(easy_examples(12), noise=flips)
    assert [member.noise for member in more.sweep().members[:4]] == [(), (RandX(1.0),), (RandY(1.0),), (flips,)]

    def world(generator: np.random.Generator) -> Mapping[str, np.ndarray]:
        return {**patterns(generator), "class_flips": np.full(N_EXAMPLES, 0.5)}

    results = made_errors(more, world)
    is_further = results.class_flips.values > 0
    assert errors_of(results, "class_flips").shape == errors_of(results, "real").shape == (12, N_EXAMPLES)
    without_it = results.isel(member=~is_further)
    for claim in plain.claims():
        np.testing.assert_array_equal(claim.judge(results).values, claim.judge(without_it).values)
    kinds, examples = more.tables(results)
    assert list(kinds.columns["data"][-2:]) == ["label flips"] * 2
    assert examples.columns["is_noisy"][-N_EXAMPLES:].sum() == N_EXAMPLES // 4
    for figure in more.figures(results, "made up"):
        for panel in figure.panels:
            panel.draw(plt.figure().add_subplot())
    plt.close("all")


@pytest.mark.parametrize("noise", [RandX(0.5), ClassFlips.to_next(0.0, 3)])
def test_a_further_kind_that_is_there_anyway_or_at_level_0_is_refused(noise: Noise) -> None:
    with pytest.raises(BadInput, match="`noise` must have a level above 0 and another kind than randX and randY"):
        dataclasses.replace(easy_examples(), noise=noise).check(FACTS)
