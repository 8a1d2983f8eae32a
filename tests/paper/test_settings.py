"""Declared settings: valid at every scale for any data, with departures from the paper stated, and checked together."""

import dataclasses
import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.critical.radius import Pixels, StandardDeviations
from byheart.data.rand_x import UniformInputs
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.experiments.search_experiment import SearchExperiment
from byheart.experiments.sensitivity_experiment import SensitivityExperiment
from byheart.experiments.training_experiment import ThroughTrainingExperiment, TrainingExperiment, epochs_up_to
from byheart.experiments.used_parts import ALL
from byheart.networks.cnn import CNN, DEFAULT_FROM_SIDE
from byheart.networks.losses import FlooredCrossEntropy
from byheart.networks.mlp import MLP
from byheart.paper.catalog import EXPERIMENTS
from byheart.paper.class_sensitivity.experiment import ClassSensitivity
from byheart.paper.critical_samples.experiment import CriticalSampleRatios
from byheart.paper.patterns_first.experiment import PatternsFirst
from byheart.paper.scales import SCALES, Scale
from byheart.paper.sensitivity_inequality.experiment import SensitivityInequality
from byheart.training.member import Member, noise_at
from byheart.unrolling.loss_sensitivity import AllSteps
from byheart.unrolling.member import UnrolledMember

DIGITS = DataSummary("digits", (8, 8, 1), 1437, 360)
MNIST = DataSummary("mnist", (28, 28, 1), 60_000, 10_000)
CIFAR10 = DataSummary("cifar10", (32, 32, 3), 50_000, 10_000)
FACTS = [
    DIGITS,
    MNIST,
    CIFAR10,
    DataSummary("my gray file", (5, 7, 1), 24, 6),
    DataSummary("my small color file", (16, 16, 3), 320, 80),
    DataSummary("my color file", (64, 48, 3), 500, 12),
    DataSummary("my four-channel file", (40, 40, 4), 500, 120),
    DataSummary("my large gray file", (32, 36, 1), 500, 120),
]
EVERY = pytest.mark.parametrize("kind", EXPERIMENTS.values(), ids=EXPERIMENTS)
OF_NOISE = pytest.mark.parametrize("kind", [PatternsFirst, CriticalSampleRatios], ids=lambda kind: kind.name)
OF_SENSITIVITY = pytest.mark.parametrize("kind", [SensitivityInequality, ClassSensitivity], ids=lambda kind: kind.name)


@EVERY
@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: facts.name)
@pytest.mark.parametrize("scale", SCALES)
def test_declared_settings_can_run(kind: type[Experiment], facts: DataSummary, scale: Scale) -> None:
    experiment = kind.for_scale(scale, facts)
    experiment.check(facts)
    sweep = experiment.sweep()
    if isinstance(experiment, TrainingExperiment):
        experiment.recipe().check(facts.input_shape, experiment.n_training)
    if isinstance(experiment, ThroughTrainingExperiment):
        assert experiment.schedule[-1] == experiment.epochs
    assert set(sweep.coordinates()["seed"][1].tolist()) == set(experiment.seed_range())
    assert len(set(sweep.members)) == len(sweep.members)


def test_scales_are_named_once() -> None:
    assert get_args(Scale) == SCALES


@OF_NOISE
def test_at_paper_scale_the_settings_are_the_papers(kind: type[SearchExperiment]) -> None:
    cifar10, mnist = kind.for_scale("paper", CIFAR10), kind.for_scale("paper", MNIST)
    assert cifar10.architecture == CNN()
    assert mnist.architecture == MLP((4096, 4096))
    for experiment in (cifar10, mnist):
        assert experiment.radius == Pixels(0.3)
        assert experiment.optimizer.learning_rate == 0.01
        assert experiment.departures(CIFAR10 if experiment is cifar10 else MNIST) == []
    assert (cifar10.optimizer.momentum, cifar10.optimizer.halve_every, cifar10.batch_size) == (0.9, 15, 128)


@EVERY
@pytest.mark.parametrize("facts", [DIGITS, CIFAR10], ids=lambda facts: facts.name)
def test_departures_name_every_field_that_differs_from_the_paper(kind: type[Experiment], facts: DataSummary) -> None:
    tiny, paper = kind.for_scale("tiny", facts), kind.for_scale("paper", facts)
    differing = [name for name, value in tiny.settings().items() if value != paper.settings()[name]]
    departures = tiny.departures(facts)
    assert [sentence.split(" = ")[0] for sentence in departures] == differing
    for name, sentence in zip(differing, departures, strict=True):
        assert f"{tiny.settings()[name]!r} in place of {paper.settings()[name]!r}" in sentence
    if issubclass(kind, SearchExperiment):
        assert any("too few critical samples" in sentence for sentence in departures if sentence.startswith("radius"))


@OF_SENSITIVITY
def test_at_paper_scale_sensitivities_are_those_of_the_paper(kind: type[SensitivityExperiment]) -> None:
    experiment = kind.for_scale("paper", MNIST)
    assert (experiment.architecture, experiment.pooling, experiment.n_training) == (MLP((16, 16)), 2, 1000)
    assert experiment.departures(MNIST) == []


@OF_SENSITIVITY
def test_the_preset_is_what_the_author_code_does_and_every_difference_is_a_departure(
    kind: type[SensitivityExperiment],
) -> None:
    preset = kind.for_scale("paper", MNIST).with_preset("author_code")
    assert preset.architecture == MLP((32, 32))
    assert preset.loss == FlooredCrossEntropy(0.1)
    assert preset.random_inputs == UniformInputs()
    changed = {sentence.split(" = ")[0] for sentence in preset.departures(MNIST)}
    assert {"architecture", "optimizer", "batches", "loss", "random_inputs"} < changed
    preset.check(MNIST)


@EVERY
def test_an_unknown_preset_is_refused(kind: type[Experiment]) -> None:
    message = f"There is no preset of {kind.name} named 'author'" if kind.presets else f"{kind.name} has no presets"
    with pytest.raises(BadInput, match=message):
        kind.for_scale("tiny", DIGITS).with_preset("author")


def test_sensitivity_inequality_trains_four_kinds_of_data_and_two_with_unique_classes() -> None:
    experiment = dataclasses.replace(SensitivityInequality.for_scale("tiny", DIGITS), seeds=1, seed_base=3)
    assert experiment.sweep().members == (
        *(UnrolledMember(3, noise_at(x, y)) for x, y in ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (0.0, 1.0))),
        *(UnrolledMember(3, noise_at(x), unique_classes=True) for x in (0.0, 1.0)),
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pooling": 3}, "`pooling` must divide the size of the images, 8 x 8; got 3."),
        ({"horizons": (500, 200)}, "`horizons` must be a non-empty, strictly increasing sequence; got (500, 200)."),
        ({"window": AllSteps(every=1000)}, "`window` AllSteps(every=1000) contains no step up to 100."),
        ({"batch_size": 300}, "`batch_size` must be at most `n_training`, 100; got 300."),
        ({"n_training": 5000}, "`n_training` must be at most 1437, the number available in digits; got 5000."),
        ({"architecture": CNN()}, "needs images of at least"),
    ],
)
def test_settings_of_sensitivity_that_cannot_run_are_told(settings: dict[str, Any], message: str) -> None:
    experiment = dataclasses.replace(SensitivityInequality.for_scale("tiny", DIGITS), **settings)
    with pytest.raises(BadInput, match=re.escape(message)):
        experiment.check(DIGITS)


@EVERY
def test_a_setting_changed_by_hand_is_a_departure(kind: type[Experiment]) -> None:
    changed = dataclasses.replace(kind.for_scale("paper", MNIST), noise_seed=3)
    assert changed.departures(MNIST) == ["noise_seed = 3 in place of 0"]


def test_patterns_first_trains_real_data_once_and_each_noise_at_each_level() -> None:
    experiment = dataclasses.replace(
        PatternsFirst.for_scale("tiny", DIGITS), seeds=2, seed_base=7, noise_levels=(0.4, 0.0, 1.0, 0.4)
    )
    noises = [(0.0, 0.0), (0.4, 0.0), (1.0, 0.0), (0.0, 0.4), (0.0, 1.0)]
    assert experiment.sweep().members == tuple(Member(seed, noise_at(*noise)) for seed in (7, 8) for noise in noises)


def test_critical_samples_trains_real_data_and_both_kinds_of_noise() -> None:
    experiment = dataclasses.replace(CriticalSampleRatios.for_scale("tiny", DIGITS), seeds=2)
    noises = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
    assert experiment.sweep().members == tuple(Member(seed, noise_at(*noise)) for seed in (0, 1) for noise in noises)


@OF_NOISE
def test_measured_epochs_follow_the_number_of_epochs(kind: type[SearchExperiment]) -> None:
    experiment = dataclasses.replace(kind.for_scale("tiny", DIGITS), epochs=7, measured_epochs=(0, 5, 1, 5, 100))
    assert experiment.schedule == (0, 1, 5, 7)


def test_epochs_to_measure_at_ascend_to_the_last() -> None:
    for last in (1, 2, 7, 60, 1000, 1234):
        epochs = epochs_up_to(last)
        assert list(epochs) == sorted(set(epochs))
        assert (epochs[0], epochs[-1]) == (0, last)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("seeds", 0, "`seeds` must be a whole number of at least 1; got 0."),
        ("seed_base", -1, "`seed_base` must be a whole number of at least 0; got -1."),
        ("n_training", 1438, "`n_training` must be at most 1437, the number available in digits; got 1438."),
        ("n_validation", 361, "`n_validation` must be at most 360, the number available in digits; got 361."),
        ("n_samples", 0, "`n_samples` must be a whole number of at least 1; got 0."),
        ("batch_size", 601, "`batch_size` must be at most the number of training examples, 600; got 601."),
        ("epochs", 0, "`epochs` must be a whole number of at least 1; got 0."),
        (
            "radius",
            StandardDeviations(0.1),
            "must be Pixels(...) for images of 8 x 8 x 1; got StandardDeviations",
        ),
        ("measured_epochs", (-1, 3), "`measured_epochs` must be strictly increasing within 0 to 100"),
        ("architecture", CNN(), "needs images of at least 29 x 29 pixels; got 8 x 8."),
        (
            "noise_levels",
            (0.0, 40.0),
            "`noise_levels` must be between 0 and 1; got 40.0. Is that a percentage? Pass 0.4.",
        ),
        ("noise_levels", (0.2, 0.4), "`noise_levels` must hold 0, the real data, and another level"),
        ("noise_levels", (0.0, 0.0), "`noise_levels` must hold 0, the real data, and another level"),
        ("radii", (1.0, -1.0), "`radii` must be a finite number above 0; got -1.0."),
    ],
)
def test_a_setting_that_cannot_be_is_told(field: str, value: object, message: str) -> None:
    experiment = dataclasses.replace(PatternsFirst.for_scale("tiny", DIGITS), **{field: value})
    with pytest.raises(BadInput) as problem:
        experiment.check(DIGITS)
    assert message in str(problem.value)


def test_all_settings_that_cannot_be_are_told_at_once() -> None:
    experiment = dataclasses.replace(
        PatternsFirst.for_scale("tiny", DIGITS),
        seeds=0,
        n_training=5000,
        radius=StandardDeviations(0.1),
        noise_levels=(0.0, 2.0),
        noise_seed=-2,
    )
    with pytest.raises(BadInput) as problem:
        experiment.check(DIGITS)
    heading, *rest = str(problem.value).split("\n")
    assert heading == "patterns-first cannot start:"
    assert [line.split("`")[1] for line in rest] == [
        "seeds",
        "noise_seed",
        "n_training",
        "radius",
        "noise_levels",
    ]


@EVERY
def test_every_setting_that_limits_data_may_be_all_of_it_and_says_what_it_leaves_out(kind: type[Experiment]) -> None:
    facts = DataSummary("digits", (8, 8, 1), 1437, 360)
    declared = kind.for_scale("tiny", facts)
    assert declared.limited_to_data(facts) == declared
    assert declared.left_out(facts)
    for name in kind.limiting:
        value = (100, ALL) if isinstance(getattr(declared, name), tuple) else ALL
        settled: Any = {name: value}
        found = dataclasses.replace(declared, **settled).limited_to_data(facts)
        assert not [said for said in found.left_out(facts) if f"--{name.replace('_', '-')} all" in said]
        assert ALL not in np.ravel(getattr(found, name))


def test_what_is_left_out_is_counted_and_its_choice_told() -> None:
    facts = DataSummary("mine", (8, 8, 1), 1600, 400)
    found = dataclasses.replace(CriticalSampleRatios.for_scale("tiny", facts), subset_seed=3, n_samples=200)
    drawn = "a subset with the same shares of classes, drawn by subset_seed 3"
    assert found.left_out(facts) == [
        f"600 of 1,600 training examples are used, {drawn}; `--n-training all` takes all.",
        f"300 of 400 validation examples are used, {drawn}; `--n-validation all` takes all.",
        "200 of 300 validation inputs are searched for critical samples, the first; `--n-samples all` takes all.",
        "200 of 600 training inputs are searched for critical samples, the first; `--n-samples all` takes all.",
    ]


@pytest.mark.parametrize(
    ("shape", "is_cnn"),
    [
        ((32, 32, 1), True),
        ((31, 40, 1), False),
        ((28, 28, 1), False),
        ((29, 29, 3), True),
        ((28, 40, 3), False),
        ((32, 32, 4), True),
        ((512,), False),
    ],
)
def test_pictures_have_a_cnn_from_a_stated_size_on_and_vectors_an_mlp(shape: tuple[int, ...], is_cnn: bool) -> None:
    facts = DataSummary("mine", shape, 500, 120)
    assert isinstance(EXPERIMENTS["critical-samples"].for_scale("tiny", facts).architecture, CNN) == is_cnn
    text = (Path(__file__).parent.parent.parent / "docs" / "own_data.md").read_text(encoding="utf-8")
    assert f"from {CNN().smallest_side()} x {CNN().smallest_side()} pixels on" in text
    assert f"other images from {DEFAULT_FROM_SIDE} x {DEFAULT_FROM_SIDE} pixels on" in text
