"""Adversarial training: what it searches are critical samples, and it learns from them as often as is stated."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from worlds import blobs, labels_of, linear, points

from byheart.checks import BadInput
from byheart.critical.critical_samples import critical_samples
from byheart.critical.fixed_steps_search import first_crossings
from byheart.critical.lass import LASS, GlobalStop
from byheart.networks.cnn import CNN
from byheart.networks.losses import CrossEntropy, cross_entropy
from byheart.networks.mlp import MLP
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.regularizers.adversarial_training import AdversarialTraining
from byheart.regularizers.dropout import Dropout
from byheart.training.member import Member
from byheart.training.objective import objective_of
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe
from byheart.training.regularizer import RegularizerChain

KEY = jax.random.key(0)
SPLIT = blobs(24, 9, n_classes=3)
IMAGES, LABELS = jnp.asarray(SPLIT.training.inputs[:12]), jnp.asarray(SPLIT.training.labels[:12])
WIDE = AdversarialTraining(0.5, radius=1.0, search=LASS(budget=4, noise_scale=0.0))
RADIUS = 0.05
ARCHITECTURES = [MLP((6,)), CNN((3,), dense=(4,), crop=0, kernel=3, pool=2)]


def found(network: Any, regularizer: AdversarialTraining, strength: float) -> Any:
    return objective_of(CrossEntropy(), (regularizer,), jnp.array([strength]), KEY)(
        network, IMAGES, LABELS, jnp.array(0)
    )


@pytest.mark.parametrize("search", [LASS(budget=6, noise_scale=0.0), LASS(budget=6)], ids=repr)
def test_what_is_found_lies_in_the_box_and_is_of_another_class(search: LASS) -> None:
    predict, images = linear(3), points(60)
    reached, is_found = first_crossings(predict, images, RADIUS, search, KEY)
    assert 5 < is_found.sum() < 60
    assert np.abs(reached - images).max() <= RADIUS + 1e-6
    np.testing.assert_array_equal(labels_of(predict, reached) != labels_of(predict, images), is_found)


def test_without_noise_it_finds_those_that_the_measure_finds() -> None:
    predict, images = linear(3), points(60)
    search = LASS(budget=6, noise_scale=0.0)
    _, is_found = first_crossings(predict, images, RADIUS, search, KEY)
    measured = critical_samples(predict, np.asarray(images), radius=RADIUS, search=search, key=KEY)
    np.testing.assert_array_equal(is_found, measured.is_critical)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=repr)
def test_each_image_is_itself_or_its_critical_sample_and_only_a_share_is_searched(architecture: MLP | CNN) -> None:
    network = architecture.build((4, 4, 1), 3, jax.random.key(2))
    searched = dataclasses.replace(WIDE, weight=0.5, largest_weight=0.5)
    points, is_found = first_crossings(network, IMAGES[:6], 1.0, WIDE.search, KEY)
    assert is_found.sum() > 0
    replaced = searched.adversarial_inputs(network, IMAGES, jnp.array(0.5), KEY)
    np.testing.assert_array_equal(replaced[6:], IMAGES[6:])
    np.testing.assert_allclose(
        replaced[:6], np.where(is_found[:, None, None, None], points, IMAGES[:6]), rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("largest", [0.4, 1.0])
def test_as_many_images_are_replaced_as_the_weight_says(largest: float) -> None:
    predict, regularizer = linear(3), dataclasses.replace(WIDE, weight=0.3, radius=10.0, largest_weight=largest)
    images = points(10)
    keys = jax.random.split(KEY, 300)
    replaced = jax.vmap(lambda key: regularizer.adversarial_inputs(predict, images, jnp.array(0.3), key))(keys)
    is_replaced = (replaced != images).any(axis=(2, 3, 4))
    assert is_replaced.mean() == pytest.approx(0.3, abs=0.03)
    assert is_replaced.any(axis=0).sum() == 10 * largest


def test_the_loss_is_that_of_what_is_learned_from_and_no_gradient_flows_through_the_search() -> None:
    network = ARCHITECTURES[1].build((4, 4, 1), 3, jax.random.key(2))
    learned = RegularizerChain((WIDE,), jnp.array([0.5]), jax.random.fold_in(KEY, 0)).adversarial_inputs(
        network, IMAGES
    )
    assert 0 < (learned != IMAGES).any(axis=(1, 2, 3)).sum() < 12

    def by_hand(network: Any) -> Any:
        return cross_entropy(network.in_training(learned)[0], LABELS).mean()

    ours = jax.grad(lambda network: found(network, WIDE, 0.5).minimized)(network)
    for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(jax.grad(by_hand)(network)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_at_weight_0_or_where_nothing_is_critical_training_is_as_without() -> None:
    network = ARCHITECTURES[0].build((4, 4, 1), 3, KEY)
    plain = objective_of(CrossEntropy(), (), jnp.zeros(0), KEY)(network, IMAGES, LABELS, jnp.array(0)).minimized
    np.testing.assert_allclose(found(network, WIDE, 0.0).minimized, plain, rtol=1e-6)
    tiny = dataclasses.replace(WIDE, radius=1e-6)
    np.testing.assert_allclose(found(network, tiny, 0.9).minimized, plain, rtol=1e-6)


def test_in_a_population_with_dropout_each_member_is_what_it_is_alone() -> None:
    recipe = Recipe(MLP((6,)), SGD(0.2), batch_size=8, epochs=2, regularizers=(Dropout(), WIDE))
    members = [Member(seed, strengths=strengths) for strengths in ((0.2, 0.3), (0.0, 0.7)) for seed in (0, 1)]
    together = Population(PopulationSweep(recipe, tuple(members)), SPLIT).train(members)
    alone = Population(PopulationSweep(recipe, (members[2],)), SPLIT).train([members[2]])
    for one, other in zip(
        *map(jax.tree.leaves, (together.network(members[2]), alone.network(members[2]))), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert together.trace.adversarial_training.values.tolist() == [0.3, 0.3, 0.7, 0.7]


def test_settings_that_make_no_sense_in_training_are_refused() -> None:
    with pytest.raises(BadInput, match="`weight` must be between 0 and 1"):
        AdversarialTraining(1.5)
    with pytest.raises(BadInput, match=r"`weight` must be at most `largest_weight`, 0.3: .* got 0.5"):
        AdversarialTraining(0.5, largest_weight=0.3)
    with pytest.raises(BadInput, match="`radius` must be a finite number above 0"):
        AdversarialTraining(radius=0)
    for search in (LASS(restarts=1), LASS(stop=GlobalStop())):
        with pytest.raises(BadInput, match="no restarts and no global stop"):
            AdversarialTraining(search=search)


def test_points_stay_within_the_bounds_of_the_search_and_pixels_outside_go_no_farther() -> None:
    predict, images = linear(3), points(60)
    free, _ = first_crossings(predict, images, 0.5, LASS(budget=6, noise_scale=0.0), KEY)
    kept, is_found = first_crossings(predict, images, 0.5, LASS(budget=6, noise_scale=0.0, bounds=(0.1, (0.9,))), KEY)
    assert is_found.any()
    assert (np.asarray(free) < -0.05).any()
    assert (kept >= jnp.minimum(images, 0.1)).all()
    assert (kept <= jnp.maximum(images, 0.9)).all()


def test_bounds_of_other_channels_are_refused_before_anything_trains() -> None:
    search = LASS(budget=2, noise_scale=0.0, bounds=((0, 0, 0), 1))
    recipe = Recipe(MLP((3,)), batch_size=8, epochs=1, regularizers=(AdversarialTraining(search=search),))
    with pytest.raises(BadInput, match="`bounds` must be numbers, or one for each of 1 channels"):
        Population(PopulationSweep(recipe, ()), SPLIT).train([Member()])


def test_points_whose_logits_are_not_finite_are_not_found() -> None:
    """NaN is the largest of logits, and would pass for another class."""

    def broken(images: jax.Array) -> jax.Array:
        mean = images.mean(axis=(1, 2, 3))
        return jnp.stack([0.7 - mean, jnp.where(mean > 0.55, jnp.nan, mean - 0.7)], axis=1)

    images = jnp.full((2, 4, 4, 1), 0.5)
    _, is_found = first_crossings(broken, images, 0.3, LASS(budget=4, step_size=0.1, noise_scale=0.0), KEY)
    assert not is_found.any()
