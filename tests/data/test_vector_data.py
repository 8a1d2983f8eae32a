"""Data sets of vectors: their moments, standardizer, noise and cautions."""

import pickle
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from byheart.checks import BadInput, Caution
from byheart.data.dataset import Dataset
from byheart.data.noisy_dataset import add_noise
from byheart.data.pooling import mean_pooled
from byheart.data.rand_x import RandX, UniformInputs
from byheart.data.split import Split
from byheart.data.stratified import default_split, stratified_subset
from byheart.inputs import Standardizer

RNG = np.random.default_rng(0)
UNITS = np.array([1e-3, 1.0, 40.0, 2e5])
LABELS = np.arange(3000) % 3
VECTORS = (UNITS * RNG.normal(size=(3000, 4)) + [1.0, -1.0, 0.0, 1e6]).astype(np.float32)
DATA = Dataset(VECTORS, LABELS, name="table")


def test_a_data_set_of_vectors_has_a_mean_and_a_deviation_of_each_feature() -> None:
    assert repr(DATA) == "Dataset('table': 3,000 examples of 4 features, 3 classes)"
    assert DATA.input_shape == (4,)
    assert not DATA.are_images
    exact = VECTORS.astype(np.float64)
    np.testing.assert_allclose(DATA.mean, exact.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(DATA.standard_deviation, exact.std(axis=0), rtol=1e-12)


def test_the_standardizer_gives_mean_0_and_deviation_1_and_back() -> None:
    standardizer = DATA.standardizer
    assert standardizer is not None
    z = standardizer(jnp.asarray(VECTORS))
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=1e-3)
    np.testing.assert_allclose(standardizer.undo(z), VECTORS, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(standardizer.moved(jnp.asarray(VECTORS), z), VECTORS)
    further = standardizer.moved(jnp.asarray(VECTORS), z.at[:, 1].add(2)) - VECTORS
    np.testing.assert_allclose(further, 2 * np.eye(4)[1] * np.asarray(DATA.standard_deviation) + 0 * VECTORS, atol=1e-3)
    assert Dataset(np.zeros((2, 3, 3)), [0, 1]).standardizer is None


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e7 + 1, -2e-5])
def test_a_constant_feature_has_a_deviation_of_exactly_0_and_is_0_when_standardized(value: float) -> None:
    data = Dataset(np.where(np.arange(4) == 2, value, VECTORS), LABELS)
    assert data.standard_deviation[2] == 0
    assert (data.standard_deviation[[0, 1, 3]] > 0).all()
    standardizer = data.standardizer
    assert standardizer is not None
    z = standardizer(jnp.asarray(data.inputs).at[0, 2].set(5.0))
    assert not z[:, 2].any()


def test_a_data_set_is_sent_to_another_process_as_its_fields_alone() -> None:
    assert DATA.standardizer is not None
    again = pickle.loads(pickle.dumps(DATA))
    assert set(vars(again)) == {"inputs", "labels", "class_names", "name", "may_lack_classes", "index", "ids", "legend"}
    assert again.fingerprint == DATA.fingerprint
    np.testing.assert_array_equal(again.standardizer.mean, DATA.standardizer.mean)


def test_the_standardizer_may_first_be_asked_for_inside_a_traced_function() -> None:
    data = Dataset(VECTORS, LABELS)
    inside = jax.jit(lambda vectors: data.standardizer(vectors))(VECTORS)
    np.testing.assert_allclose(inside, data.standardizer(jnp.asarray(VECTORS)), rtol=1e-5, atol=1e-5)
    assert isinstance(data.standardizer.mean, jax.Array)
    assert not isinstance(data.standardizer.mean, jax.core.Tracer)


def test_the_standardizer_that_changes_nothing_changes_nothing() -> None:
    vectors = jnp.asarray(VECTORS)
    np.testing.assert_array_equal(Standardizer.none(4)(vectors), vectors)
    np.testing.assert_array_equal(Standardizer.none(4).undo(vectors), vectors)


def test_random_vectors_have_the_mean_and_deviation_of_each_feature() -> None:
    noise = np.asarray(add_noise(DATA, RandX(1.0)).inputs, np.float64)
    z = (noise - np.asarray(DATA.mean)) / DATA.standard_deviation
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.1)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=0.05)
    assert np.abs(np.corrcoef(z.T)[np.triu_indices(4, 1)]).max() < 0.1


def test_a_share_of_the_vectors_is_replaced_exactly() -> None:
    noisy = np.asarray(add_noise(DATA, RandX(0.25)).inputs)
    assert (noisy != VECTORS).any(axis=1).sum() == 750


def test_what_needs_images_is_refused() -> None:
    with pytest.raises(BadInput, match=r"UniformInputs\(\) needs images; got vectors of 4 features"):
        add_noise(DATA, RandX(0.5, UniformInputs()))
    with pytest.raises(BadInput, match="`mean_pooled` needs images"):
        mean_pooled(DATA, 2)


def test_subsets_and_splits_of_vectors_are_those_of_images() -> None:
    split = default_split(DATA, 0)
    assert (len(split.training), len(split.validation)) == (2400, 600)
    assert stratified_subset(DATA, 30, 0).input_shape == (4,)
    assert repr(split) == "Split('table': 2,400 training and 600 validation examples of 4 features, 3 classes)"
    assert DATA.fingerprint != Dataset(VECTORS + UNITS, LABELS, name="table").fingerprint


def test_vectors_and_images_do_not_make_a_split() -> None:
    images = Dataset(np.zeros((3, 2, 2)), [0, 1, 2])
    with pytest.raises(BadInput, match="same shape; got 4 features and 2 x 2 x 1"):
        Split(DATA, images)


def cautions_of(training: np.ndarray, validation: np.ndarray) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        split = Split(
            Dataset(training, np.arange(len(training)) % 3, name="table"),
            Dataset(validation, np.arange(len(validation)) % 3, name="table"),
        )
    assert {str(one.message) for one in caught} >= {f"table: {doubt}" for doubt in split.cautions}
    assert all(issubclass(one.category, Caution) for one in caught)
    return list(split.cautions)


STANDARDIZED = (VECTORS - VECTORS.mean(axis=0)) / VECTORS.std(axis=0)
SPARSE = (RNG.random((2000, 30)) < 0.005).astype(np.float32)


@pytest.mark.parametrize(
    ("training", "validation"),
    [
        (VECTORS, VECTORS[:300]),
        (VECTORS, VECTORS[:9] + 10 * UNITS),  # Too few to tell.
        (SPARSE, SPARSE[:100]),
        (np.eye(3)[LABELS], np.eye(3)[LABELS[:30]]),
        (np.where(np.arange(4) == 2, 7.0, VECTORS), VECTORS[:300]),
    ],
)
def test_parts_on_one_scale_get_no_caution(training: np.ndarray, validation: np.ndarray) -> None:
    assert cautions_of(training, validation) == []


@pytest.mark.parametrize(
    ("training", "validation"),
    [(VECTORS, STANDARDIZED), (STANDARDIZED, VECTORS), (VECTORS, VECTORS / 255), (100 * SPARSE, SPARSE)],
)
def test_parts_on_different_scales_get_a_caution(training: np.ndarray, validation: np.ndarray) -> None:
    (doubt,) = cautions_of(training, validation)
    assert doubt.startswith("Training and validation vectors are scaled differently: the means of ")


def test_large_numbers_that_hardly_differ_get_a_caution() -> None:
    times = 1.7e9 + 3600 * RNG.random((3000, 2))
    with pytest.warns(
        Caution, match=r"Numbers of 2 of 6 features \(the first is 4\) are so large, and differ so little"
    ):
        Dataset(np.concatenate([VECTORS, times], axis=1), LABELS)
