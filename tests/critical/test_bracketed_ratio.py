"""Two true bounds of the critical sample ratio."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles.linear_boundary import critical_radius
from worlds import points

from byheart.checks import BadInput, Caution
from byheart.critical.bracketed_ratio import BracketedRatio, bracketed_ratio
from byheart.critical.critical_sample_ratio import critical_sample_ratio
from byheart.networks.mlp import MLP
from byheart.statistics.rate_interval import rate_interval

KEY = jax.random.key(0)
IMAGES = points(150)
LINEAR = MLP(()).build((4, 4, 1), 2, KEY)
HIDDEN = MLP((12, 12)).build((4, 4, 1), 4, KEY)


def test_both_bounds_are_the_true_ratio_of_a_linear_classifier() -> None:
    (layer,) = LINEAR.layers
    exact = critical_radius(np.asarray(layer.weight), np.asarray(layer.bias), np.asarray(IMAGES))
    radius = float(np.sort(exact)[60:62].mean())
    found = critical_sample_ratio(LINEAR, IMAGES, radius=radius, key=KEY, bracket=True)
    np.testing.assert_array_equal(found.is_critical, exact < radius)
    np.testing.assert_array_equal(found.is_certified, exact > radius)
    assert (found.lower, found.upper, found.undecided) == (61 / 150, pytest.approx(61 / 150), 0)


def test_bounds_enclose_what_is_undecided_and_the_interval_encloses_both() -> None:
    radii = np.linspace(0.01, 0.15, 150).astype(np.float32)
    found = bracketed_ratio(HIDDEN, IMAGES, radius=radii, key=KEY)
    assert 0 < found.lower < found.upper < 1
    assert found.undecided == pytest.approx(found.upper - found.lower)
    assert not (found.is_critical & found.is_certified).any()
    n_found, n_open = int(found.is_critical.sum()), int((~found.is_certified).sum())
    assert found.interval == (rate_interval(n_found, 150)[0], rate_interval(n_open, 150)[1])
    assert found.interval[0] < found.lower
    assert found.upper < found.interval[1]


def test_where_nothing_can_be_certified_a_caution_says_so_before_the_work_is_done() -> None:
    with pytest.warns(Caution, match="None of 16 samples could be certified at this radius"):
        found = bracketed_ratio(HIDDEN, IMAGES, radius=1.0, key=KEY)
    assert (found.upper, found.is_certified.any()) == (1.0, False)
    assert found.lower == critical_sample_ratio(HIDDEN, IMAGES, radius=1.0, key=KEY)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = bracketed_ratio(HIDDEN, IMAGES, radius=1.0, key=KEY, certify_anyway=True)
    assert again.upper == 1.0


def test_logits_that_are_not_finite_are_refused() -> None:
    broken = jax.tree.map(lambda leaf: leaf * jnp.nan, HIDDEN)
    with pytest.raises(BadInput, match="must return finite logits"):
        bracketed_ratio(broken, IMAGES, radius=0.01, key=KEY, certify_anyway=True)


def test_a_bracket_prints_its_bounds() -> None:
    assert str(BracketedRatio(np.array([True, False]), np.array([False, True]))) == "0.500 to 0.500 of 2 samples"
