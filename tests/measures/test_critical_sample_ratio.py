"""The critical sample ratio as a probe: sets of inputs, inference mode, and several radii."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from worlds import blobs, linear, seen_by

from byheart.checks import BadInput
from byheart.critical.critical_samples import critical_samples
from byheart.critical.lass import LASS
from byheart.critical.radius import Pixels
from byheart.data.dataset import Dataset
from byheart.data.member_view import MemberData
from byheart.data.split import Split
from byheart.keys import subkey
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.networks.network import Network
from byheart.training.member import noise_at
from byheart.training.probes import Probe

KEY = jax.random.key(0)
SPLIT = blobs(25, 25)
CLASSIFIER = linear(2)
SEARCH = LASS(budget=5)
PROBE = CriticalSampleRatio(0.05, SEARCH, ("validation", "validation_alike", "training"))


def seen(split: Split = SPLIT, rand_x: float = 0.4, rand_y: float = 0.0) -> MemberData:
    return seen_by(split, *noise_at(rand_x, rand_y))


def numbers(probe: Probe, data: MemberData, key: jax.Array = KEY) -> dict[str, np.ndarray]:
    return {name: np.asarray(value) for name, value in probe(CLASSIFIER, data, key).items()}


@pytest.mark.parametrize("name", ["validation", "validation_alike", "training"])
@pytest.mark.parametrize("n_samples", [None, 10, 1000])
def test_each_ratio_is_the_one_of_critical_samples_on_its_inputs(name: str, n_samples: int | None) -> None:
    probe = CriticalSampleRatio(0.05, SEARCH, (name,), n_samples)
    images = getattr(seen(), name).inputs[:n_samples]
    expected = critical_samples(CLASSIFIER, images, radius=0.05, search=SEARCH, key=subkey(KEY, name))
    np.testing.assert_array_equal(probe(CLASSIFIER, seen(), KEY)[f"csr_{name}"], expected.ratio)


def test_a_set_is_searched_in_the_same_way_whichever_others_are_searched_too() -> None:
    together = numbers(PROBE, seen())
    assert list(together) == list(PROBE.variables) == ["csr_validation", "csr_validation_alike", "csr_training"]
    for name in reversed(PROBE.sets):
        alone = numbers(dataclasses.replace(PROBE, sets=(name,)), seen())
        assert alone == {f"csr_{name}": together[f"csr_{name}"]}


def test_true_labels_play_no_part_even_where_the_network_is_wrong_everywhere() -> None:
    wrong = Split(
        Dataset(SPLIT.training.inputs, 1 - SPLIT.training.labels),
        Dataset(SPLIT.validation.inputs, 1 - SPLIT.validation.labels),
    )
    assert numbers(PROBE, seen(wrong)) == numbers(PROBE, seen())
    assert numbers(PROBE, seen(rand_y=1.0)) == numbers(PROBE, seen())
    assert 0 < numbers(PROBE, seen())["csr_validation"] < 1


def test_a_network_is_searched_in_inference_mode() -> None:
    class OnlyInference(Network):
        def __call__(self, images: jax.Array) -> jax.Array:
            return CLASSIFIER(images)

        def in_training(self, images: jax.Array) -> tuple[jax.Array, "OnlyInference"]:
            raise AssertionError("A measure has run the network in training mode.")

    probe = CriticalSampleRatio(0.05, SEARCH)
    assert probe(OnlyInference(), seen(), KEY) == probe(CLASSIFIER, seen(), KEY)


def test_a_network_that_is_not_finite_has_no_ratio() -> None:
    broken = linear(2)
    broken = type(broken)(broken.weight * jnp.nan, broken.bias)
    assert all(np.isnan(ratio) for ratio in PROBE(broken, seen(), KEY).values())


def test_over_radii_the_ratio_rises_and_each_is_the_one_of_critical_samples() -> None:
    """For two classes of a linear classifier the search path scales with the radius, so the ratio rises exactly."""
    radii = (0.001, 0.01, 0.03, 0.1, 0.3, 1.0)
    ratios = numbers(RadiusSweep(radii, SEARCH), seen())["csr_by_radius"]
    assert (np.diff(ratios) >= 0).all()
    assert (ratios[0], ratios[-1]) == (0, 1)
    images = seen().validation.inputs
    for radius, ratio in zip(radii, ratios, strict=True):
        found = critical_samples(CLASSIFIER, images, radius=radius, search=SEARCH, key=KEY)
        assert found.ratio == ratio


def test_a_radius_sweep_searches_the_first_samples_of_clean_validation_data() -> None:
    images = jnp.asarray(SPLIT.validation.inputs[:10])
    found = critical_samples(CLASSIFIER, images, radius=0.1, search=SEARCH, key=KEY)
    ratios = numbers(RadiusSweep((0.1,), SEARCH, n_samples=10), seen(rand_x=1.0))["csr_by_radius"]
    np.testing.assert_array_equal(ratios, [found.ratio])


def test_radii_are_the_axis_of_the_sweep() -> None:
    (variable,) = RadiusSweep((0.1, 0.2)).variables.values()
    assert variable.axes == (("radius", (0.1, 0.2)),)


def test_the_papers_radius_is_the_default() -> None:
    assert CriticalSampleRatio().radius == Pixels(0.3)


def test_the_unit_of_a_radius_does_not_change_its_text_and_so_not_its_random_numbers() -> None:
    assert repr(CriticalSampleRatio(Pixels(51))) == repr(CriticalSampleRatio(0.2))
    assert repr(RadiusSweep((Pixels(51), Pixels(102)))) == repr(RadiusSweep((0.2, 0.4)))
    for probe in (CriticalSampleRatio(0.2), RadiusSweep((0.2,))):
        fields = (f"{field.name}={getattr(probe, field.name)!r}" for field in dataclasses.fields(probe))
        assert repr(probe) == f"{type(probe).__name__}({', '.join(fields)})"
    assert CriticalSampleRatio().search == LASS()


def test_a_set_that_is_none_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(BadInput, match=r"There is no set of inputs named 'validaton'. Did you mean validation"):
        CriticalSampleRatio(sets=("validaton",))


@pytest.mark.parametrize("radius", [0.0, -1.0, float("nan")])
def test_a_radius_that_is_not_above_0_is_refused(radius: float) -> None:
    with pytest.raises(BadInput, match="`radius` must be a finite number above 0"):
        CriticalSampleRatio(radius)
    with pytest.raises(BadInput, match="`radii` must be a finite number above 0"):
        RadiusSweep((0.1, radius))


@pytest.mark.parametrize("radii", [(), (0.2, 0.1), (0.1, 0.1)])
def test_radii_that_do_not_ascend_are_refused(radii: tuple[float, ...]) -> None:
    with pytest.raises(BadInput, match="`radii` must be a non-empty, strictly increasing sequence"):
        RadiusSweep(radii)


def test_no_sample_is_refused() -> None:
    for probe in (CriticalSampleRatio, lambda n_samples: RadiusSweep((0.1,), n_samples=n_samples)):
        with pytest.raises(BadInput, match=r"`n_samples` must be a whole number of at least 1; got 0."):
            probe(n_samples=0)
