"""Searches around vectors: radii in standard deviations of each feature, whatever its unit."""

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.critical.critical_samples import critical_samples
from byheart.critical.lass import LASS, GlobalStop
from byheart.critical.radius import Pixels, StandardDeviations
from byheart.inputs import Inputs, InStandardUnits, Standardizer

KEY = jax.random.key(0)
UNITS = np.array([1e-3, 1.0, 40.0, 2e5], np.float32)
"""Standard deviations of four features."""
STANDARDIZER = Standardizer(jnp.array([5.0, -1.0, 0.0, 1e6]), jnp.asarray(UNITS))
Z = jax.random.normal(jax.random.key(1), (200, 4))
VECTORS = STANDARDIZER.undo(Z)
NEEDS_IMAGES = "A search with `bounds` or `clip_pixels` needs images; got vectors of 4 features"
WEIGHT, BIAS = jnp.array([1.0, -2.0, 0.5, 3.0]), 0.4


def network(vectors: Inputs) -> jax.Array:
    """Return the logits of two classes, which differ by a linear function of standardized features."""
    margin = STANDARDIZER(vectors) @ WEIGHT + BIAS
    return jnp.stack([margin, -margin], axis=1)


@pytest.mark.parametrize(
    ("search", "most_missed"), [(LASS(), 0), (LASS(noise_scale=0.0), 0), (LASS(stop=GlobalStop(1)), 3)]
)
def test_vectors_are_critical_within_their_distance_to_the_boundary_in_standard_deviations(
    search: LASS, most_missed: int
) -> None:
    """A box of radius r reaches the boundary w z + b = 0 if |w z + b| <= r |w|_1.

    The global stop ends with the first sweep that finds nothing new. With 40 other keys it missed at most two.
    """
    exact = np.abs(np.asarray(Z @ WEIGHT + BIAS)) / float(jnp.abs(WEIGHT).sum())
    radius = float(np.median(exact))
    found = critical_samples(network, VECTORS, radius=radius, search=search, key=KEY, standardizer=STANDARDIZER)
    is_clear = np.abs(exact / radius - 1) > 0.02
    is_found, is_within = np.asarray(found.is_critical)[is_clear], (exact < radius)[is_clear]
    assert not (is_found & ~is_within).any()
    assert (is_within & ~is_found).sum() <= most_missed


def test_points_lie_in_boxes_of_the_radius_times_the_deviation_of_each_feature() -> None:
    found = critical_samples(network, VECTORS, radius=StandardDeviations(0.3), key=KEY, standardizer=STANDARDIZER)
    distance = np.abs(np.asarray(found.critical_point, float) - np.asarray(VECTORS, float)) / UNITS
    assert found.is_critical.any()
    assert 0.2 < distance.max() < 0.3 + 1e-3
    is_moved = np.asarray(network(found.critical_point).argmax(axis=1) != network(VECTORS).argmax(axis=1))
    assert (is_moved == np.asarray(found.is_critical)).mean() > 0.99  # Rounding may move a point on the boundary.
    still = ~np.asarray(found.is_critical)
    np.testing.assert_array_equal(found.critical_point[still], VECTORS[still])


def test_a_search_around_vectors_is_one_around_standardized_vectors() -> None:
    found = critical_samples(network, VECTORS, radius=0.2, key=KEY, standardizer=STANDARDIZER)
    inner = critical_samples(
        InStandardUnits(network, STANDARDIZER),
        STANDARDIZER(VECTORS),
        radius=0.2,
        key=KEY,
        standardizer=Standardizer.none(4),
    )
    np.testing.assert_array_equal(found.is_critical, inner.is_critical)
    np.testing.assert_array_equal(found.steps, inner.steps)


def test_a_feature_that_is_constant_in_the_training_data_stays_where_it_is() -> None:
    constant = Standardizer(STANDARDIZER.mean, STANDARDIZER.deviation.at[3].set(0))

    def blind(vectors: Inputs) -> jax.Array:
        """Return logits that depend on the last feature alone."""
        return jnp.stack([vectors[:, 3] - 1e6, 1e6 - vectors[:, 3]], axis=1)

    vectors = VECTORS.at[:, 3].set(1e6 + 1)
    found = critical_samples(blind, vectors, radius=10.0, key=KEY, standardizer=constant)
    assert not found.is_critical.any()
    np.testing.assert_array_equal(found.critical_point, vectors)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"standardizer": None},
            "Pass that of the training data, `split.training.standardizer`; or `Standardizer.none(4)`",
        ),
        (
            {"standardizer": Standardizer.none(3)},
            "`standardizer` must have a mean for each of 4 features; got the shape (3,).",
        ),
        ({"standardizer": 2.0}, "`standardizer` must be a Standardizer"),
        ({"radius": Pixels(3)}, "`radius` must be StandardDeviations(...) for vectors of 4 features"),
        (
            {"search": LASS(clip_pixels=True)},
            NEEDS_IMAGES,
        ),
        (
            {"search": LASS(bounds=(-1, 1))},
            NEEDS_IMAGES,
        ),
        (
            {"inputs": jnp.zeros((5, 4, 4, 1))},
            "`standardizer` must be None for images",
        ),
        (
            {"inputs": VECTORS.at[3, 1].set(jnp.nan)},
            "got NaN or infinity in 1 of 200 samples (3)",
        ),
    ],
)
def test_what_cannot_be_asked_of_vectors_is_refused(change: dict[str, Any], message: str) -> None:
    arguments = {"inputs": VECTORS, "radius": 0.2, "key": KEY, "standardizer": STANDARDIZER} | change
    with pytest.raises(BadInput) as raised:
        inspect.unwrap(critical_samples)(network, arguments.pop("inputs"), **arguments)
    assert message in str(raised.value)
