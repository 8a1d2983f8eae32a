"""Figures of made-up sensitivities: they show the numbers, and are drawn even if some or all of them are lost."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made_sensitivities import (
    HORIZONS,
    N_CLASSES,
    N_EXAMPLES,
    World,
    classes,
    few_matter,
    inequality,
    lost,
    made,
    shared,
)
from matplotlib.axes import Axes

from byheart.drawing import canvas
from byheart.drawing.axes import step_axis
from byheart.drawing.export import Form, export
from byheart.drawing.figure import Figure
from byheart.experiments.sensitivity_experiment import SensitivityExperiment
from byheart.statistics.gini import gini_coefficient
from byheart.training.member import noise_at
from byheart.unrolling.member import UnrolledMember


def panels(experiment: SensitivityExperiment, results: xr.Dataset) -> dict[str, dict[str, Figure]]:
    """Return the function that draws each panel, by figure and title."""
    return {
        figure.name: {panel.title: panel.draw for panel in figure.panels}
        for figure in experiment.figures(results, "made up")
    }


def lines(axis: Axes) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {str(line.get_label()): (line.get_xdata(), line.get_ydata()) for line in axis.get_lines()}


def everything_lost(experiment: SensitivityExperiment, world: World) -> xr.Dataset:
    results = made(experiment, world)
    for index in range(results.sizes["member"]):
        results = lost(results, index, 0)
    return results


def drawn(experiment: SensitivityExperiment, results: xr.Dataset, directory: Path) -> set[str]:
    """Save all figures, draw each panel alone, and return the names of the files."""
    for figure in experiment.figures(results, "made up"):
        export(figure, directory, Form(("svg", "png")))
        assert all("</svg>" in panel.svg for panel in canvas.drawn_panels(figure))
    return {path.name for path in directory.iterdir()}


@pytest.mark.parametrize("unique", [False, True])
def test_gini_coefficients_are_drawn_against_updates_for_each_kind_of_data(axis: Axes, unique: bool) -> None:
    experiment = inequality(3)
    results = made(experiment, few_matter)
    panels(experiment, results)["sensitivity-inequality"]["one class an example" if unique else "true classes"](axis)
    found = lines(axis)
    kinds = {"real": 0.0, "random inputs": 1.0} | ({} if unique else {"half real": 0.5})
    assert found.keys() == kinds.keys() | (set() if unique else {"random labels"})
    for title, rand_x in kinds.items():
        members = [
            experiment.sweep().members.index(UnrolledMember(seed, noise_at(rand_x), unique_classes=unique))
            for seed in range(3)
        ]
        ginis = gini_coefficient(results.loss_sensitivity.sel(norm=1).values[members]).mean(axis=0)
        np.testing.assert_array_equal(found[title][0], HORIZONS)
        np.testing.assert_allclose(found[title][1], ginis)
    assert [label.get_text() for label in axis.get_xticklabels()] == ["200", "500", "1k", "2k"]


def test_sorted_sensitivities_fall_and_have_the_mean_1(axis: Axes) -> None:
    experiment = inequality(3)
    panels(experiment, made(experiment, few_matter))["sensitivity-sorted"]["true classes"](axis)
    found = lines(axis)
    assert set(found) == {"real", "half real", "random inputs", "random labels"}
    for ranks, values in found.values():
        np.testing.assert_array_equal(ranks, np.arange(1, N_EXAMPLES + 1))
        assert np.all(np.diff(values) <= 0)
        assert values.mean() == pytest.approx(1)
    assert found["real"][1][0] > found["random inputs"][1][0]


def test_a_lost_horizon_is_left_out_of_the_mean_over_seeds(axis: Axes) -> None:
    experiment = inequality(2)
    results = lost(made(experiment, few_matter), 0, 5, HORIZONS[-1])
    assert experiment.sweep().members[0] == UnrolledMember(0)
    panels(experiment, results)["sensitivity-inequality"]["true classes"](axis)
    other = experiment.sweep().members.index(UnrolledMember(1))
    expected = gini_coefficient(results.loss_sensitivity.sel(norm=1).values[other, -1])
    assert lines(axis)["real"][1][-1] == pytest.approx(expected)


def test_a_matrix_is_the_mean_over_the_seeds_that_have_one(axis: Axes) -> None:
    experiment = classes(3)
    results = lost(made(experiment, shared), 0, 5)
    panels(experiment, results)["class-sensitivity"]["real, through training alone"](axis)
    (image,) = axis.get_images()
    np.testing.assert_allclose(image.get_array(), results.class_sensitivity.values[[2, 4]].mean(axis=0))
    assert axis.get_ylabel() == "class of the loss"
    assert len(axis.get_xticks()) == N_CLASSES


def test_of_many_classes_every_tenth_is_named(axis: Axes) -> None:
    results = made(classes(2), shared).pad(loss_class=(0, 15), input_class=(0, 15), mode="edge")
    panels(classes(2), results)["class-sensitivity"]["random inputs, with the direct path"](axis)
    assert axis.get_xticks().tolist() == axis.get_yticks().tolist() == [0, 10, 20]


def test_a_matrix_of_which_all_is_lost_says_so(axis: Axes) -> None:
    panels(classes(2), everything_lost(classes(2), shared))["class-sensitivity"]["real, through training alone"](axis)
    assert not axis.get_images()
    assert [text.get_text() for text in axis.texts] == ["not known"]


def test_captions_say_where_and_of_how_many_seeds() -> None:
    for experiment, world in ((inequality(3), few_matter), (classes(3), shared)):
        for figure in experiment.figures(made(experiment, world), "digits, scale tiny"):
            assert "digits, scale tiny" in figure.caption
            assert "over n = 3 seeds" in figure.caption
            descriptions = [panel.description for panel in figure.panels]
            assert len(set(descriptions)) == len(descriptions)


@pytest.mark.parametrize(
    ("experiment", "world", "names"),
    [
        (inequality(2), few_matter, ["sensitivity-inequality", "sensitivity-sorted"]),
        (classes(2), shared, ["class-sensitivity"]),
    ],
    ids=["sensitivity-inequality", "class-sensitivity"],
)
def test_figures_are_drawn_where_everything_is_lost(
    experiment: SensitivityExperiment, world: World, names: list[str], tmp_path: Path
) -> None:
    files = drawn(experiment, everything_lost(experiment, world), tmp_path)
    assert files == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}


def test_figures_are_drawn_of_a_single_seed_and_a_single_horizon(tmp_path: Path) -> None:
    experiment = inequality(1, horizons=(500,))
    assert len(drawn(experiment, made(experiment, few_matter), tmp_path)) == 4


def test_a_step_axis_is_logarithmic_and_counts_thousands(axis: Axes) -> None:
    step_axis(axis, np.array([1.0, 800.0, 1200.0, 30_000.0, 100_000.0]))
    assert axis.get_xscale() == "log"
    assert [label.get_text() for label in axis.get_xticklabels()] == ["1", "800", "1.2k", "30k", "100k"]
    assert len(axis.get_xticks(minor=True)) == 0
    assert "updates" in axis.get_xlabel()
