"""LASS: its settings, one step, and its direction."""

import dataclasses
import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import as_called, curved, points

from byheart.checks import BadInput
from byheart.critical.box_search import ascent_gradient, evaluate
from byheart.critical.lass import LASS, GlobalStop

RNG = np.random.default_rng(0)
CENTER, AWAY, NOISE, GRADIENT = (jnp.float32(RNG.normal(size=(5, 4, 4, 1))) for _ in range(4))


@pytest.mark.parametrize(
    ("search", "alpha", "beta"),
    [
        (LASS(), 0.25, 0.2),
        (LASS(step_size=0.1), 0.1, 0.2),
        (LASS(noise_scale=0.0), 0.25, 0.0),
        (LASS(step_size=0.01, noise_scale=0.3), 0.01, 0.3),
    ],
)
def test_a_step_is_the_one_of_algorithm_1(search: LASS, alpha: float, beta: float) -> None:
    radius = 0.3
    point = CENTER + jnp.clip(AWAY, -radius, radius)
    moved = np.asarray(point) + alpha * np.sign(GRADIENT) + beta * np.asarray(NOISE)
    expected = np.asarray(CENTER) + np.clip(moved - np.asarray(CENTER), -radius, radius)
    np.testing.assert_allclose(search.moved(point, GRADIENT, NOISE, CENTER, radius), expected, atol=1e-6)


@given(st.floats(1e-4, 10), st.floats(1e-3, 100))
def test_a_step_never_leaves_the_box(radius: float, step_size: float) -> None:
    moved = LASS(step_size=step_size).moved(CENTER, GRADIENT, NOISE, CENTER, radius)
    assert float(jnp.abs(moved - CENTER).max()) <= radius + 1e-6 * (1 + radius)


@pytest.mark.parametrize(("pixel", "sign"), [(1.0, 1), (0.0, -1)])
def test_a_step_may_leave_the_range_of_pixels_unless_it_is_clipped(pixel: float, sign: int) -> None:
    at = jnp.full((1, 4, 4, 1), pixel)
    gradient, still = sign * jnp.ones_like(at), jnp.zeros_like(at)
    np.testing.assert_allclose(LASS().moved(at, gradient, still, at, 0.3), at + 0.25 * sign, atol=1e-6)
    np.testing.assert_array_equal(LASS(clip_pixels=True).moved(at, gradient, still, at, 0.3), at)


@pytest.mark.parametrize(
    ("low", "high"), [(-0.5, 0.7), ((-0.5, -1.0), 0.7), (-0.5, (0.7, 0.2)), ((-1.0, 0.0), (0.5, 0.2))]
)
def test_a_point_stays_in_its_box_and_within_bounds_of_each_channel(low: Any, high: Any) -> None:
    """This holds for steps of any size; a pixel outside the bounds moves no farther out."""
    center = jnp.float32(RNG.uniform(-2, 2, (50, 4, 4, 2)))
    gradient, noise = jnp.float32(RNG.normal(size=(2, 50, 4, 4, 2)))
    moved = LASS(step_size=5.0, bounds=(low, high)).moved(center, gradient, noise, center, 0.3)
    lowest, highest = np.minimum(np.float32(low), center), np.maximum(np.float32(high), center)
    assert ((moved >= lowest) & (moved <= highest)).all()
    assert np.abs(moved - center).max() <= 0.3 + 1e-6
    assert (moved < center).any()
    assert (moved > center).any()


def test_inside_its_bounds_a_search_with_clipped_pixels_is_one_with_bounds_of_0_and_1() -> None:
    center = points(9)
    arguments = (center, GRADIENT[:1] * jnp.ones_like(center), NOISE[:1] * jnp.ones_like(center), center, 0.4)
    np.testing.assert_array_equal(LASS(bounds=(0, 1)).moved(*arguments), LASS(clip_pixels=True).moved(*arguments))
    np.testing.assert_array_equal(LASS(clip_pixels=True).moved(*arguments), jnp.clip(LASS().moved(*arguments), 0, 1))


def test_the_text_of_a_search_without_bounds_stays_what_it_was_since_stored_results_are_found_by_it() -> None:
    assert repr(LASS()) == (
        "LASS(budget=100, step_size=None, noise_scale=None, restarts=0, clip_pixels=False, stop=EachSample())"
    )
    assert repr(as_called(LASS, bounds=np.array([-1.0, 2.0]))).endswith("stop=EachSample(), bounds=(-1.0, 2.0))")


@pytest.mark.parametrize(
    "bounds",
    [
        (1, 0),
        (0, 0),
        (0, float("inf")),
        (0, float("nan")),
        1,
        (0, 1, 2),
        "01",
        ((0, 0), (1, 1, 1)),
        ((), ()),
        ((0, 1), 0.5),
    ],
    ids=str,
)
def test_bounds_that_are_none_are_refused(bounds: Any) -> None:
    with pytest.raises(
        BadInput,
        match=r"^`bounds` must be \(low, high\), each a finite number or one for each channel, low below high; got",
    ):
        as_called(LASS, bounds=bounds)


def test_without_a_gradient_noise_alone_moves_the_point() -> None:
    moved = LASS(noise_scale=1e-3).moved(CENTER, jnp.zeros_like(CENTER), NOISE, CENTER, 1.0)
    np.testing.assert_allclose(moved - CENTER, 1e-3 * NOISE, atol=1e-6)


def test_the_direction_is_the_gradient_of_the_cross_entropy_of_the_predicted_class() -> None:
    """Equal after division by 1 - p_k, up to rounding. A softmax applied twice would give another gradient."""
    network, at = curved(n_classes=4), points(6)
    seen = evaluate(network, at, jnp.ones(6, bool), jnp.zeros(6, int))
    k = network(at).argmax(axis=1)
    np.testing.assert_array_equal(seen.predicted, k)

    def loss(point: jax.Array, label: jax.Array) -> jax.Array:
        return -jax.nn.log_softmax(network(point[None])[0])[label]

    expected = jax.vmap(jax.grad(loss))(at, k)
    p = jnp.take_along_axis(jax.nn.softmax(network(at)), k[:, None], axis=1)
    np.testing.assert_allclose(seen.gradient * (1 - p)[:, :, None, None], expected, atol=1e-5)


def test_on_its_way_a_search_flees_the_class_of_the_sample_and_not_that_of_the_point() -> None:
    network, at = curved(n_classes=4), points(6)
    other = (network(at).argmax(axis=1) + 1) % 4
    seen = evaluate(network, at, jnp.zeros(6, bool), other)
    np.testing.assert_array_equal(seen.predicted, other)
    assert seen.is_crossed.all()
    p = jnp.take_along_axis(jax.nn.softmax(network(at)), other[:, None], axis=1)
    losses = jax.grad(lambda x: -jnp.take_along_axis(jax.nn.log_softmax(network(x)), other[:, None], axis=1).sum())
    np.testing.assert_allclose(seen.gradient * (1 - p)[:, :, None, None], losses(at), atol=1e-5)


@pytest.mark.parametrize("is_start", [True, False])
def test_a_step_evaluates_the_points_where_they_are_and_then_moves_them(is_start: bool) -> None:
    network, at, center = curved(n_classes=4), points(6), points(6, seed=1)
    noise, k = jnp.float32(RNG.normal(size=at.shape)), jnp.array([0, 1, 2, 3, 0, 1])
    moved, seen = LASS().step(
        network, at, is_start=jnp.array(is_start), predicted=k, noise=noise, center=center, radius=0.3
    )
    label = network(at).argmax(axis=1)
    np.testing.assert_array_equal(seen.predicted, label if is_start else k)
    np.testing.assert_array_equal(seen.is_crossed, label != seen.predicted)
    assert seen.is_finite.all()
    np.testing.assert_array_equal(moved, LASS().moved(at, seen.gradient, noise, center, 0.3))


@pytest.mark.parametrize("lead", [1.0, 20.0, 200.0, 1e30])
def test_the_direction_stays_however_confident_the_network_is(lead: float) -> None:
    """softmax(logits) - onehot loses the predicted class beyond a lead of 17 nats in float32, and all beyond 104."""
    gradient = ascent_gradient(jnp.array([[lead, 0.0, -1.0]]), jnp.array([0]))
    q = 1 / (1 + np.exp(-1))
    np.testing.assert_allclose(gradient, [[-1, q, 1 - q]], atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget": 0}, "`budget` must be a whole number of at least 1; got 0."),
        ({"restarts": -1}, "`restarts` must be a whole number of at least 0; got -1."),
        ({"step_size": 0.0}, "`step_size` must be a finite number above 0; got 0.0."),
        ({"noise_scale": -0.1}, "`noise_scale` must be a finite number of at least 0; got -0.1."),
        ({"stop": 20}, "`stop` must be EachSample() or GlobalStop(); got 20."),
        (
            {"restarts": 1, "stop": GlobalStop()},
            "`restarts` must be 0 with the author's `GlobalStop`, which has none.",
        ),
        (
            {"clip_pixels": True, "bounds": (0, 255)},
            "`clip_pixels` stands for bounds of 0 and 1, so `bounds` must be None with it.",
        ),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=f"^{re.escape(message)}$"):
        as_called(LASS, **settings)


def test_a_stop_at_fewer_than_none_is_refused() -> None:
    with pytest.raises(BadInput, match=r"`fewer_than` must be a whole number of at least 1; got 0."):
        GlobalStop(0)


def test_searches_are_values() -> None:
    assert LASS(restarts=2) == dataclasses.replace(LASS(), restarts=2)
    assert len({LASS(), LASS(), LASS(stop=GlobalStop())}) == 2
