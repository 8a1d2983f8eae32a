"""The targeted search: exact on linear classifiers, and as good as a grid in two dimensions."""

import inspect
import re
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles.linear_boundary import critical_radius
from worlds import curved, linear, points

from byheart.checks import BadInput
from byheart.critical.climb import checkpoints
from byheart.critical.critical_samples import critical_samples
from byheart.critical.lass import LASS
from byheart.critical.targeted_search import TargetedSearch
from byheart.networks.mlp import MLP

KEY = jax.random.key(0)
SEARCH = TargetedSearch(10)


@pytest.mark.parametrize("n_classes", [2, 10])
def test_every_critical_sample_of_a_linear_classifier_is_found(n_classes: int) -> None:
    for seed in range(3):
        classifier, images = linear(n_classes, 64, seed), points(100, (8, 8, 1), seed)
        exact = critical_radius(classifier.weight, classifier.bias, images)
        for radius in np.quantile(exact, (0.25, 0.5, 0.75)):
            found = critical_samples(classifier, images, radius=float(radius), search=SEARCH, key=KEY)
            is_clear = np.abs(exact / radius - 1) > 1e-4
            np.testing.assert_array_equal(np.asarray(found.is_critical)[is_clear], (exact < radius)[is_clear])


def test_in_two_dimensions_it_finds_what_a_grid_finds() -> None:
    """Networks of 2 - 10 - 10 - 4 units, and 101 x 101 points of each box."""
    n_grid = n_found = 0
    images, radius = points(60, (1, 2, 1)), 0.1
    line = np.linspace(-radius, radius, 101)
    grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 1, 1, 2, 1)
    for seed in (4, 5):
        network = MLP((10, 10)).build((1, 2, 1), 4, jax.random.key(seed))
        classify = eqx.filter_jit(lambda x, network=network: network(x).argmax(axis=1))
        boxes = jnp.asarray(np.asarray(images)[None] + 0.999 * grid, jnp.float32).reshape(-1, 1, 2, 1)
        by_grid = (np.asarray(classify(boxes)).reshape(len(grid), -1) != np.asarray(classify(images))).any(axis=0)
        found = critical_samples(network, images, radius=radius, search=TargetedSearch(30, restarts=2), key=KEY)
        n_grid += by_grid.sum()
        n_found += (by_grid & np.asarray(found.is_critical)).sum()
    assert n_grid > 50
    assert n_found == n_grid


def test_points_lie_in_the_box_and_within_bounds_and_have_another_class() -> None:
    images, network = points(50), curved()
    radii = np.linspace(0.05, 0.6, 50).astype(np.float32)
    found = critical_samples(network, images, radius=radii, search=TargetedSearch(20, bounds=(0, 1)), key=KEY)
    is_critical, point = np.asarray(found.is_critical), np.asarray(found.critical_point)
    assert is_critical.sum() > 10
    assert (np.abs(point - np.asarray(images)).max(axis=(1, 2, 3)) <= radii + 1e-6).all()
    assert ((point >= 0) & (point <= 1)).all()
    classes = np.asarray(network(jnp.asarray(point))).argmax(axis=1)
    np.testing.assert_array_equal(is_critical, classes != np.asarray(network(images)).argmax(axis=1))


def test_samples_are_searched_independently_of_lanes() -> None:
    whole = critical_samples(curved(), points(50), radius=0.1, search=SEARCH, key=KEY)
    parts = critical_samples(curved(), points(50), radius=0.1, search=SEARCH, key=KEY, lanes=7)
    np.testing.assert_array_equal(whole.is_critical, parts.is_critical)
    np.testing.assert_array_equal(whole.steps, parts.steps)


def test_a_search_starts_at_the_points_given() -> None:
    """A start of another class is found before any step."""
    found = critical_samples(curved(), points(50), radius=0.3, search=TargetedSearch(30), key=KEY)
    again = critical_samples(
        curved(), points(50), radius=0.3, search=SEARCH, key=jax.random.key(1), starts=found.critical_point
    )
    is_critical = np.asarray(found.is_critical)
    assert is_critical.sum() > 10
    assert again.is_critical[is_critical].all()
    assert (np.asarray(again.steps)[is_critical] == 0).all()


@pytest.mark.parametrize("where", ["sample", "way"])
def test_logits_that_are_not_finite_end_the_search_of_a_sample(where: str) -> None:
    images = points(8)

    def network(inputs: jax.Array) -> jax.Array:
        distance = jnp.abs(inputs[:, None] - images[None]).max(axis=(2, 3, 4))
        is_bad = distance[:, 3] < 1e-2 if where == "sample" else distance.min(axis=1) > 1e-7
        return jnp.where(is_bad[:, None], jnp.nan, curved()(inputs))

    found = critical_samples(network, images, radius=1e-3, search=SEARCH, key=KEY, lanes=8)
    expected = np.arange(8) != 3 if where == "sample" else np.zeros(8, bool)
    np.testing.assert_array_equal(found.is_finite, expected)


def test_steps_between_checkpoints_shrink_from_22_to_6_percent_of_the_budget() -> None:
    lengths = checkpoints(100)
    assert lengths[lengths > 0].tolist() == [22, 19, 16, 13, 10, 7, 6, 6]
    assert np.flatnonzero(lengths).tolist() == [22, 41, 57, 70, 80, 87, 93, 99]


@pytest.mark.parametrize(
    ("search", "starts", "message"),
    [
        (LASS(), points(50), "`starts` must be None with LASS"),
        (SEARCH, points(49), "`starts` must have the shape of `inputs`"),
    ],
)
def test_starts_that_do_not_fit_are_refused(search: Any, starts: jax.Array, message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        inspect.unwrap(critical_samples)(curved(), points(50), radius=0.1, search=search, key=KEY, starts=starts)


def test_settings_out_of_range_are_refused() -> None:
    for change in ({"budget": 0}, {"n_targets": 0}, {"restarts": -1}, {"bounds": (1, 0)}):
        with pytest.raises(BadInput):
            TargetedSearch(**change)
