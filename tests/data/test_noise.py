"""Noise: exact counts, nested over levels, drawn once, and on training data only."""

import dataclasses
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Array, Key
from worlds import as_called, blobs, seen_by

from byheart.checks import BadInput
from byheart.data.class_flips import ClassFlips
from byheart.data.dataset import Dataset
from byheart.data.member_view import MemberData, example_facts, labels_after_noise, noisy_split
from byheart.data.noise import Noise, kinds_of, n_noisy
from byheart.data.noisy_dataset import NoisyDataset, add_noise, noise_family
from byheart.data.rand_x import RandX, UniformInputs
from byheart.data.rand_y import RandY

LEVELS = [0.0, 0.01, 0.1, 0.33, 0.5, 0.875, 0.99, 1.0]
N = 45
DATA = blobs(N, n_classes=3).training
LARGE = Dataset(np.random.default_rng(0).random((4000, 5, 4, 2)), np.arange(4000) % 10)


def images_and_labels(data: NoisyDataset) -> tuple[np.ndarray, np.ndarray]:
    images, labels = data.batch(jnp.arange(data.n_examples))
    return np.asarray(images), np.asarray(labels)


@pytest.mark.parametrize(("rand_x", "rand_y"), [(0.0, 0.0), (0.33, 0.0), (0.0, 0.875), (0.5, 0.1)])
def test_labels_and_noise_of_a_member_follow_from_facts_of_the_examples(rand_x: float, rand_y: float) -> None:
    split, noises = blobs(N, 9, n_classes=3), (RandX(rand_x), RandY(rand_y), ClassFlips.to_next(0.2, 3))
    data = noisy_split(split, 4, noises)
    facts, levels = example_facts(split.training, data.training), {one.id: one.level for one in noises}
    labels, is_noisy = labels_after_noise(facts, levels)
    seen = data.for_member(data.view(noises)).training
    np.testing.assert_array_equal(labels, seen.labels)
    np.testing.assert_array_equal(is_noisy, seen.is_noisy)


@pytest.mark.parametrize("level", LEVELS)
def test_exactly_the_rounded_share_of_inputs_is_noisy_and_all_else_is_bit_identical(level: float) -> None:
    noisy = add_noise(DATA, RandX(level))
    images, labels = images_and_labels(noisy)
    is_changed = (images != DATA.inputs).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(is_changed, noisy.is_noisy_input)
    assert is_changed.sum() == round(level * N)
    np.testing.assert_array_equal(images[~is_changed], DATA.inputs[~is_changed])
    np.testing.assert_array_equal(labels, DATA.labels)
    assert not noisy.is_noisy_label.any()


@pytest.mark.parametrize("level", LEVELS)
def test_exactly_the_rounded_share_of_labels_is_noisy_and_all_else_is_bit_identical(level: float) -> None:
    noisy = add_noise(DATA, RandY(level))
    images, labels = images_and_labels(noisy)
    is_noisy = np.asarray(noisy.is_noisy_label)
    assert is_noisy.sum() == round(level * N)
    np.testing.assert_array_equal(labels[~is_noisy], DATA.labels[~is_noisy])
    np.testing.assert_array_equal(images, DATA.inputs)
    assert not noisy.is_noisy_input.any()


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_share_of_k_in_n_makes_k_examples_noisy(k: int, n: int) -> None:
    k = min(k, n)
    assert n_noisy(k / n, n) == k


@pytest.mark.parametrize(("level", "n", "expected"), [(0.5, 5, 2), (0.5, 7, 4), (0.1, 4, 0), (0.9, 4, 4), (1, 9, 9)])
def test_halves_are_rounded_to_the_even_number(level: float, n: int, expected: int) -> None:
    assert n_noisy(level, n) == expected


@pytest.mark.parametrize("noises", [(), (RandX(0.0),), (RandY(0.0),), (RandX(0.0), RandY(0.0))])
def test_level_0_is_the_identity(noises: tuple[RandX | RandY, ...]) -> None:
    noisy = add_noise(DATA, *noises)
    images, labels = images_and_labels(noisy)
    np.testing.assert_array_equal(images, DATA.inputs)
    np.testing.assert_array_equal(labels, DATA.labels)
    assert not noisy.is_noisy.any()


def test_level_1_leaves_no_input_and_no_label_as_it_was() -> None:
    noisy = add_noise(DATA, RandX(1.0), RandY(1.0))
    assert noisy.is_noisy_input.all()
    assert noisy.is_noisy_label.all()
    assert (np.asarray(noisy.inputs) != DATA.inputs).all()


@pytest.mark.parametrize("kind", [RandX, RandY])
def test_what_is_noisy_at_a_level_is_so_in_the_same_way_at_every_higher_level(kind: type[RandX | RandY]) -> None:
    for lower, higher in itertools.pairwise(LEVELS):
        low, high = add_noise(DATA, kind(lower)), add_noise(DATA, kind(higher))
        mask = np.asarray(low.is_noisy)
        assert np.asarray(high.is_noisy)[mask].all()
        for one, other in zip(images_and_labels(low), images_and_labels(high), strict=True):
            np.testing.assert_array_equal(one[mask], other[mask])


def test_noise_on_inputs_and_on_labels_combine_without_touching_each_other() -> None:
    both, inputs, labels = (
        add_noise(DATA, *noises) for noises in ((RandY(0.6), RandX(0.4)), (RandX(0.4),), (RandY(0.6),))
    )
    np.testing.assert_array_equal(images_and_labels(both)[0], images_and_labels(inputs)[0])
    np.testing.assert_array_equal(images_and_labels(both)[1], images_and_labels(labels)[1])
    np.testing.assert_array_equal(both.is_noisy, inputs.is_noisy_input | labels.is_noisy_label)


def test_inputs_and_labels_are_made_noisy_independently() -> None:
    """At levels of 1/2 the overlap is hypergeometric; false alarms (4.5 deviations): 7 in a million keys."""
    noisy = add_noise(LARGE, RandX(0.5), RandY(0.5))
    overlap = int((noisy.is_noisy_input & noisy.is_noisy_label).sum())
    distribution = scipy.stats.hypergeom(4000, 2000, 2000)
    assert abs(overlap - distribution.mean()) < 4.5 * distribution.std()


def test_gaussian_inputs_have_the_mean_and_standard_deviation_of_the_data() -> None:
    """Mean, standard deviation, skewness and kurtosis within 4.5 standard errors; false alarms: 3 in 100,000 keys."""
    noise = np.asarray(add_noise(LARGE, RandX(1.0)).inputs, np.float64)
    n = noise.size
    standardized = (noise - LARGE.mean) / LARGE.standard_deviation
    assert abs(standardized.mean()) < 4.5 * math.sqrt(1 / n)
    assert abs(standardized.std() - 1) < 4.5 * math.sqrt(1 / (2 * n))
    assert abs((standardized**3).mean()) < 4.5 * math.sqrt(15 / n)
    assert abs((standardized**4).mean() - 3) < 4.5 * math.sqrt(96 / n)


def test_gaussian_inputs_are_independent_over_examples_and_pixels() -> None:
    """The largest of 780 + 780 correlations is within 5.5 standard errors; false alarms: 6 in 100,000 keys."""
    noise = np.asarray(add_noise(LARGE, RandX(1.0)).inputs).reshape(4000, 40)
    for sample in (noise, noise[:40].T):
        correlation = np.corrcoef(sample.T) - np.eye(40)
        assert np.abs(correlation).max() < 5.5 / math.sqrt(len(sample))


def test_random_labels_are_uniform_over_the_classes() -> None:
    """Chi-square over all labels and given each true label; false alarms: 1 in 10,000 keys."""
    labels = np.asarray(add_noise(LARGE, RandY(1.0)).labels)
    everywhere = scipy.stats.chisquare(np.bincount(labels, minlength=10))
    table = np.histogram2d(labels, LARGE.labels, bins=(np.arange(11), np.arange(11)))[0]
    given_the_true_one = scipy.stats.chisquare(table.ravel())
    assert everywhere.pvalue > 5e-5
    assert given_the_true_one.pvalue > 5e-5


def test_a_class_without_an_example_can_be_a_random_label() -> None:
    rare = Dataset(np.zeros((100, 1, 1)), np.zeros(100, int), ("common", "absent"), may_lack_classes=True)
    assert set(np.asarray(add_noise(rare, RandY(1.0)).labels)) == {0, 1}


def test_noise_is_drawn_once() -> None:
    noisy = add_noise(DATA, RandX(0.5), RandY(0.5))
    first, again = images_and_labels(noisy), images_and_labels(noisy)
    anew = images_and_labels(add_noise(DATA, RandX(0.5), RandY(0.5)))
    for one, other, third in zip(first, again, anew, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)


def test_another_seed_draws_other_examples_inputs_and_labels() -> None:
    one, other = (add_noise(DATA, RandX(0.5), RandY(0.5), seed=seed) for seed in (0, 1))
    assert (one.is_noisy_input != other.is_noisy_input).any()
    assert (one.is_noisy_label != other.is_noisy_label).any()
    assert (one.noise_inputs[0] != other.noise_inputs[0]).all()


def test_all_levels_share_one_copy_of_images_and_noise() -> None:
    family = noise_family(DATA, jax.random.key(0), RandX(1.0), RandY(1.0))
    for version in (family.at(), family.at(RandX(0.1), RandY(0.2))):
        assert version.clean_inputs is family.clean_inputs
        assert version.noise_inputs[0] is family.draws[0].values
        assert version.clean_labels is family.clean_labels


def test_one_program_serves_all_levels() -> None:
    family = noise_family(DATA, jax.random.key(0), RandX(1.0), RandY(1.0))
    n_traces = 0

    @jax.jit
    def labels_and_images(inputs: jax.Array, labels: jax.Array) -> tuple[jax.Array, jax.Array]:
        nonlocal n_traces
        n_traces += 1
        noisy = family.with_counts([inputs, labels])
        return noisy.inputs, noisy.labels

    for inputs, labels in ((0, 0), (3, 9), (N, N)):
        images, new_labels = labels_and_images(inputs, labels)
        version = family.at(RandX(inputs / N), RandY(labels / N))
        np.testing.assert_array_equal(images, version.inputs)
        np.testing.assert_array_equal(new_labels, version.labels)
    assert n_traces == 1


@pytest.mark.parametrize("indices", [[], [7], [3, 3, 0], list(range(N)), list(range(N - 1, -1, -2))])
def test_a_batch_holds_the_noisy_images_and_labels_at_its_indices(indices: list[int]) -> None:
    noisy = add_noise(DATA, RandX(0.4), RandY(0.6))
    images, labels = noisy.batch(jnp.array(indices, int))
    np.testing.assert_array_equal(images, np.asarray(noisy.inputs)[indices])
    np.testing.assert_array_equal(labels, np.asarray(noisy.labels)[indices])


def seen(rand_x: float, rand_y: float, noise_seed: int = 0) -> MemberData:
    return seen_by(blobs(N, 20, n_classes=3), RandX(rand_x), RandY(rand_y), noise_seed=noise_seed)


def test_validation_data_stays_clean() -> None:
    clean = blobs(N, 20, n_classes=3).validation
    images, labels = images_and_labels(seen(1.0, 1.0).validation)
    np.testing.assert_array_equal(images, clean.inputs)
    np.testing.assert_array_equal(labels, clean.labels)


def test_validation_data_alike_has_the_share_of_noisy_inputs_and_clean_labels() -> None:
    clean = blobs(N, 20, n_classes=3).validation
    alike = seen(0.3, 0.8).validation_alike
    images, labels = images_and_labels(alike)
    is_changed = (images != clean.inputs).all(axis=(1, 2, 3))
    assert is_changed.sum() == 6
    np.testing.assert_array_equal(images[~is_changed], clean.inputs[~is_changed])
    np.testing.assert_array_equal(labels, clean.labels)


def test_gaussian_validation_inputs_are_other_draws_scaled_like_the_training_data() -> None:
    data = noisy_split(blobs(N, 20, n_classes=3), kinds=[RandX(0.0)])
    inputs, others = data.validation.draws[0].values, data.training.draws[0].values
    assert not np.isin(inputs, others).any()
    training = blobs(N, 20, n_classes=3).training
    normals = (inputs - training.mean) / training.standard_deviation
    assert normals.shape == (20, *training.input_shape)
    assert abs(float(normals.std()) - 1) < 4.5 / math.sqrt(2 * normals.size)  # False alarms: 7 in a million keys.


def test_a_member_trains_on_the_data_that_add_noise_gives() -> None:
    own, alone = (
        seen(0.4, 0.6, noise_seed=3).training,
        add_noise(blobs(N, 20, n_classes=3).training, RandX(0.4), RandY(0.6), seed=3),
    )
    for one, other in zip(images_and_labels(own), images_and_labels(alone), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", [RandX, RandY])
@pytest.mark.parametrize("level", [-0.1, 1.5, 40, float("nan")])
def test_a_level_outside_0_to_1_is_refused(kind: type[RandX | RandY], level: float) -> None:
    with pytest.raises(BadInput, match="`level` must be between 0 and 1"):
        kind(level)


def test_two_noises_of_one_kind_are_refused() -> None:
    with pytest.raises(BadInput) as raised:
        add_noise(DATA, RandX(0.1), RandX(0.2))
    assert str(raised.value).startswith("`noises` may hold one noise of each kind; got RandX(level=0.1, ")


@dataclasses.dataclass(frozen=True)
class Darker(Noise):
    """A user's own noise of inputs."""

    factor: float = 0.5
    id = "darker"
    title = "darker images"
    replaces = "inputs"

    def draw(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> np.ndarray:
        return self.factor * dataset.inputs


def without(**changed: object) -> type[Noise]:
    """A class like `Darker` with other class attributes."""
    return type("Changed", (Darker,), changed)


EVERY_KIND = [RandX(0.0), RandX(0.0, UniformInputs()), RandY(0.0), ClassFlips.to_next(0.0, 3), Darker(0.0)]


@pytest.mark.parametrize("kind", EVERY_KIND, ids=repr)
@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_every_kind_replaces_exactly_its_share_of_what_it_says(kind: Noise, level: float) -> None:
    noisy, whole = add_noise(DATA, kind.at(level)), add_noise(DATA, kind.at(1.0))
    images, labels = images_and_labels(noisy)
    mask = np.asarray(noisy.is_noisy)
    is_of_inputs = kind.replaces == "inputs"
    np.testing.assert_array_equal(mask, noisy.is_noisy_input if is_of_inputs else noisy.is_noisy_label)
    assert mask.sum() == round(level * N)
    for found, clean, replacement in zip(
        (images, labels), (DATA.inputs, DATA.labels), images_and_labels(whole), strict=True
    ):
        np.testing.assert_array_equal(found[~mask], clean[~mask])
        np.testing.assert_array_equal(found[mask], replacement[mask])


@pytest.mark.parametrize("kind", EVERY_KIND, ids=repr)
def test_a_kind_draws_the_same_whatever_other_kinds_there_are(kind: Noise) -> None:
    key = jax.random.key(3)
    alone = noise_family(DATA, key, kind).draws[0]
    others = {one.id: one for one in EVERY_KIND} | {kind.id: kind}
    beside = {draw.kind.id: draw for draw in noise_family(DATA, key, *others.values()).draws}[kind.id]
    np.testing.assert_array_equal(alone.rank, beside.rank)
    np.testing.assert_array_equal(alone.values, beside.values)
    ranks = {repr(one): tuple(np.asarray(one.rank(N, key)).tolist()) for one in EVERY_KIND}
    assert len(set(ranks.values())) == len(EVERY_KIND) - 1  # Both kinds of randX replace the same inputs.


def test_ranks_pixels_and_labels_of_rand_x_and_rand_y_are_those_of_one_split_of_the_key() -> None:
    """Runs of earlier versions can be repeated bit by bit."""
    key = jax.random.key(5)
    pixels, labels, input_ranks, label_ranks = jax.random.split(key, 4)
    inputs, classes = noise_family(DATA, key, RandY(0.0), RandX(0.0)).draws
    np.testing.assert_array_equal(inputs.rank, jax.random.permutation(input_ranks, N))
    np.testing.assert_array_equal(classes.rank, jax.random.permutation(label_ranks, N))
    normal = jax.random.normal(pixels, DATA.inputs.shape)
    np.testing.assert_array_equal(inputs.values, DATA.mean + DATA.standard_deviation * normal)
    np.testing.assert_array_equal(classes.values, jax.random.randint(labels, (N,), 0, 3, dtype=jnp.int32))


def test_of_two_kinds_that_replace_one_input_the_later_by_name_counts() -> None:
    both = add_noise(DATA, RandX(0.6), Darker(0.8))
    inputs = add_noise(DATA, RandX(0.6))
    darker = np.asarray(add_noise(DATA, Darker(0.8)).inputs)
    mask = np.asarray(inputs.is_noisy)
    np.testing.assert_array_equal(np.asarray(both.inputs)[mask], np.asarray(inputs.inputs)[mask])
    np.testing.assert_array_equal(np.asarray(both.inputs)[~mask], darker[~mask])
    np.testing.assert_array_equal(images_and_labels(both)[0], both.inputs)


def test_nothing_is_drawn_for_kinds_that_are_not_named() -> None:
    data = noisy_split(blobs(N, 20, n_classes=3), kinds=[RandY(0.0)])
    assert [draw.kind.id for draw in data.training.draws] == ["rand_y"]
    assert data.validation.draws == ()
    seen = data.for_member(data.view([RandY(0.5)]))
    assert seen.training.noise_inputs == seen.validation_alike.noise_inputs == ()


def test_a_kind_that_was_not_drawn_is_refused_and_not_ignored() -> None:
    family = noise_family(DATA, jax.random.key(0), RandX(0.0))
    for noise in (RandY(0.5), RandX(0.5, UniformInputs())):
        with pytest.raises(BadInput, match="was not drawn"):
            family.at(noise)


@pytest.mark.parametrize("name", [None, 3, "two words", "seed"])
def test_an_own_kind_must_have_a_name_for_its_column(name: object) -> None:
    with pytest.raises(BadInput, match="`id` of the noise Changed must be a name for its column"):
        without(id=name)


def test_an_own_kind_must_say_what_it_replaces() -> None:
    with pytest.raises(BadInput, match="`replaces` of the noise Changed must be 'inputs' or 'labels'"):
        without(replaces="weights")


@pytest.mark.parametrize(
    ("replaces", "drawn", "message"),
    [
        ("inputs", np.zeros(3), r"must draw numbers of the shape \(45, 4, 4, 1\); got float32 of \(3,\)"),
        ("labels", np.zeros(N), r"must draw whole numbers of the shape \(45,\); got float32"),
        ("labels", np.full(N, 3), "must draw labels from 0 to 2; got 0 to 3"),
    ],
)
def test_a_kind_that_draws_something_else_is_refused(replaces: str, drawn: np.ndarray, message: str) -> None:
    kind = without(replaces=replaces, draw=lambda self, dataset, key, like: drawn)
    with pytest.raises(BadInput, match=message):
        add_noise(DATA, kind(0.5))


def test_a_kind_that_cannot_be_hashed_is_refused() -> None:
    with pytest.raises(BadInput, match="A noise must be hashable, so that members can be told apart; Darker is not"):
        add_noise(DATA, as_called(Darker, level=0.5, factor=[0.5]))


def test_noises_of_one_name_must_agree_in_all_but_their_level() -> None:
    assert kinds_of([RandX(0.3), RandY(0.1), RandX(0.5)]) == (RandX(0.0), RandY(0.0))
    with pytest.raises(BadInput, match="Noises named 'darker' must agree in all but their level"):
        kinds_of([Darker(0.3), Darker(0.5, factor=0.2)])
