"""The paper's experiments on vectors: declared settings that fit, or a sentence that says what cannot be asked."""

import pytest

from byheart.checks import BadInput
from byheart.critical.radius import Pixels, StandardDeviations
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.networks.mlp import MLP
from byheart.paper.catalog import EXPERIMENTS
from byheart.paper.critical_samples.experiment import CriticalSampleRatios
from byheart.paper.filters.experiment import Filters
from byheart.paper.patterns_first.experiment import PatternsFirst
from byheart.paper.regularization.experiment import Regularization
from byheart.paper.scales import SCALES
from byheart.regularizers.adversarial_training import AdversarialTraining

TABLE = DataSummary("table", (20,), 60_000, 10_000)
SMALL = DataSummary("table", (3,), 200, 50)


@pytest.mark.parametrize("facts", [TABLE, SMALL], ids=["large", "small"])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kind", [kind for kind in EXPERIMENTS.values() if kind is not Filters])
def test_declared_settings_fit_vectors(kind: type[Experiment], scale: str, facts: DataSummary) -> None:
    experiment = kind.for_data(facts, scale)
    experiment.check(facts)
    assert isinstance(getattr(experiment, "architecture", MLP()), MLP)
    assert getattr(experiment, "pooling", 1) == 1
    assert isinstance(getattr(experiment, "radius", StandardDeviations(1)), StandardDeviations)


def test_filters_need_images() -> None:
    with pytest.raises(BadInput, match="The experiment filters needs images; got vectors of 20 features"):
        Filters.for_data(TABLE, "tiny").check(TABLE)


@pytest.mark.parametrize("kind", [PatternsFirst, CriticalSampleRatios])
def test_texts_about_searches_have_the_unit_of_the_radius(kind: type[PatternsFirst | CriticalSampleRatios]) -> None:
    for facts, unit in ((TABLE, "standard deviations"), (DataSummary("grey", (28, 28, 1), 60_000, 10_000), "pixels")):
        claims = kind.for_data(facts, "tiny").claims()
        assert any(f"(radius {0.1 if facts is TABLE else 10:g} {unit})" in claim.statistic for claim in claims)


def test_a_radius_in_pixels_is_refused() -> None:
    experiment = PatternsFirst.for_data(TABLE, "tiny")
    with pytest.raises(BadInput, match=r"`radius` must be StandardDeviations\(...\) for vectors of 20 features"):
        type(experiment)(**{**experiment.settings(), "radius": Pixels(3)}).check(TABLE)


def test_adversarial_training_and_input_noise_are_in_standard_deviations() -> None:
    curves = Regularization.for_data(TABLE, "laptop").curves
    noises = [one for curve in curves for one in curve.regularizers if one.name == "input_noise"]
    (adversarial,) = [one for curve in curves for one in curve.regularizers if isinstance(one, AdversarialTraining)]
    assert isinstance(adversarial.radius, StandardDeviations)
    assert [noise.scale for noise in noises] == [1.0]
