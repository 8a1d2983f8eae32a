"""Checks before a search: images, radii and keys of any type, and networks that depend on other samples."""

import inspect
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from worlds import curved, points

from byheart.checks import BadInput
from byheart.critical.argument_checks import LOOKED_AT, check_network, checked_inputs
from byheart.critical.critical_samples import CriticalSamples, critical_samples
from byheart.critical.lass import LASS
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP

KEY = jax.random.key(0)
NETWORK, IMAGES = curved(), points(20)
SEARCH = LASS(budget=3)


def searched(**change: Any) -> CriticalSamples:
    """Call as a user does, without the tests' own checks of shapes."""
    arguments = {"predict": NETWORK, "inputs": IMAGES, "radius": 0.1, "search": SEARCH, "key": KEY} | change
    return inspect.unwrap(critical_samples)(arguments.pop("predict"), arguments.pop("inputs"), **arguments)


def refusal(**change: Any) -> str:
    with pytest.raises(BadInput) as raised:
        searched(**change)
    return str(raised.value)


def test_images_outside_the_bounds_that_the_search_keeps_are_refused_with_what_to_pass() -> None:
    message = refusal(inputs=255 * IMAGES.at[3].set(0), search=LASS(clip_pixels=True))
    assert message.startswith(
        "`inputs` must lie within (0, 1), the range of `clip_pixels` of the search; got values from 0 to "
    )
    assert "outside in 19 of 20 samples (0, 1, 2, 4, 5, ...). Pass `LASS(bounds=(low, high))`" in message
    standardized = (IMAGES - 0.5) / 0.25
    assert "the range of `bounds` of the search" in refusal(inputs=standardized, search=LASS(bounds=(-1, 2.0)))
    two = jnp.concatenate([IMAGES, standardized], axis=3)
    network = curved(n_pixels=32)
    assert "20 of 20" in refusal(predict=network, inputs=two, search=LASS(bounds=((-2, 0), (2, 1))))
    checked_inputs(two, LASS(bounds=((0, -2), (1, 2))))


def test_inputs_on_another_scale_are_searched_within_bounds_as_pixels_are_in_0_to_1() -> None:
    """Without explicit bounds, images from 0 to 255 lost every point to clipping."""

    def on_bytes(images: jax.Array) -> jax.Array:
        return NETWORK(images / 255)

    plain = searched(radius=0.2, search=LASS(budget=3, clip_pixels=True))
    found = searched(predict=on_bytes, inputs=255 * IMAGES, radius=51.0, search=LASS(budget=3, bounds=(0, 255)))
    assert 0 < plain.ratio < 1
    np.testing.assert_array_equal(found.is_critical, plain.is_critical)


def test_inputs_on_their_bounds_to_rounding_are_searched() -> None:
    checked_inputs(jnp.clip(IMAGES, 0.2, 0.8) + 1e-7, LASS(bounds=(0.2, 0.8)))


def test_bounds_by_channel_must_fit_the_images() -> None:
    message = refusal(search=LASS(bounds=((0, 0, 0), 1)))
    assert message == "`bounds` must be numbers, or one for each of 1 channels; got ((0, 0, 0), 1)."


@pytest.mark.parametrize("n", [1, 20])
def test_probabilities_in_the_place_of_logits_are_refused(n: int) -> None:
    message = refusal(predict=lambda images: jax.nn.softmax(NETWORK(images)), inputs=IMAGES[:n])
    assert message.startswith("`predict` must return logits; got rows that are not negative and sum to 1")
    check_network(lambda images: jnp.log(jax.nn.softmax(NETWORK(images))), IMAGES)


def with_batch_statistics(images: jax.Array) -> jax.Array:
    logits = NETWORK(images)
    return logits - logits.mean(axis=0, keepdims=True)


def with_dropout(images: jax.Array) -> jax.Array:
    """Return logits after dropout with one key for all calls, so calls repeat; each sample has another mask."""
    return NETWORK(images * jax.random.bernoulli(KEY, 0.8, images.shape))


class Unsteady:
    """A network that draws new numbers whenever it is traced."""

    def __init__(self) -> None:
        self.n_calls = 0

    def __call__(self, images: jax.Array) -> jax.Array:
        self.n_calls += 1
        return NETWORK(images) + jax.random.normal(jax.random.key(self.n_calls), (1, 3))


@pytest.mark.parametrize("predict", [with_batch_statistics, with_dropout, Unsteady()])
def test_a_network_in_training_mode_is_refused_with_how_to_leave_it(predict: Any) -> None:
    message = refusal(predict=predict)
    assert message.startswith(
        "`predict` must return the same logits for a sample alone and in a batch; got different ones"
    )
    assert f"of {LOOKED_AT} samples tried" in message
    assert "`eqx.nn.inference_mode(network)`" in message


def test_a_network_of_equinox_is_refused_in_training_mode_and_searched_in_inference_mode() -> None:
    class Dropping(eqx.Module):
        dropout: eqx.nn.Dropout

        def __call__(self, images: jax.Array) -> jax.Array:
            return NETWORK(self.dropout(images, key=KEY))

    network = Dropping(eqx.nn.Dropout(0.3))
    assert "training mode" in refusal(predict=network)
    check_network(eqx.nn.inference_mode(network), IMAGES)


@pytest.mark.parametrize("architecture", [MLP((300, 300)), CNN((8, 8), (20,), crop=0, kernel=3, pool=2)], ids=repr)
def test_rounding_and_large_logits_are_not_taken_for_training_mode(architecture: MLP | CNN) -> None:
    network, images = architecture.build((12, 12, 3), 10, KEY), points(30, (12, 12, 3))
    for scale in (1e-6, 1e6):
        check_network(lambda x, scale=scale: scale * network(x), images)
    halved = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), network)
    check_network(lambda x: halved(x.astype(jnp.bfloat16)), images)


def test_what_is_traced_is_searched_without_a_look_at_its_values() -> None:
    """This also holds if the network is traced only inside a function that closes over it."""
    expected = searched().ratio

    def ratio(network: Any, images: jax.Array, radius: jax.Array) -> jax.Array:
        return searched(predict=lambda x: network(x), inputs=images, radius=radius).ratio

    assert jax.jit(ratio)(NETWORK, IMAGES, 0.1) == expected
    assert jax.jit(lambda network: ratio(network, IMAGES, 0.1))(NETWORK) == expected
    assert jax.jit(lambda radius: ratio(NETWORK, IMAGES, radius))(0.1) == expected
    assert jax.jit(lambda radii: ratio(NETWORK, IMAGES, radii))(jnp.full(20, 0.1)) == expected


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e39])
def test_pixels_that_are_not_finite_are_refused_and_their_samples_named(bad: float) -> None:
    images = np.asarray(IMAGES, np.float64)
    images[[2, 7], 1, 1] = bad
    message = "`inputs` must be finite; got NaN or infinity in 2 of 20 samples (2, 7). Repair or drop those."
    assert refusal(inputs=images) == message


@pytest.mark.parametrize("kind", [np.float32, np.array, jnp.array, jnp.bfloat16, lambda value: [value] * 20])
def test_a_radius_may_be_a_number_of_any_kind(kind: Any) -> None:
    assert searched(radius=kind(0.125)).ratio == searched(radius=0.125).ratio


@pytest.mark.parametrize("bad", [-0.5, 0.0, np.nan, np.inf])
def test_a_radius_that_is_not_above_0_is_refused_whatever_its_type(bad: float) -> None:
    for kind in (float, np.float32, np.array, jnp.array):
        assert refusal(radius=kind(bad)) == f"`radius` must be a finite number above 0; got {float(bad)!r}."
    radii = np.full(20, 0.1)
    radii[[4, 9]] = bad
    for radius in (radii, jnp.asarray(radii), radii.tolist()):
        message = f"`radius` must be finite numbers above 0; got {float(bad)!r} for 2 of 20 samples (4, 9)."
        assert refusal(radius=radius) == message


@pytest.mark.parametrize(
    ("radius", "came"),
    [
        (np.full(7, 0.1), "an array of float64 with shape (7,)"),
        (jnp.full((20, 1), 0.1), "an array of float32 with shape (20, 1)"),
        ([[0.1], [0.1, 0.2]], "[[0.1], [0.1, 0.2]]"),
    ],
    ids=str,
)
def test_radii_that_are_not_one_a_sample_are_refused(radius: Any, came: str) -> None:
    assert refusal(radius=radius) == f"`radius` must be one number, or one for each of 20 samples; got {came}."


@pytest.mark.parametrize("radius", [None, "0.1", True])
def test_a_radius_that_is_no_number_is_refused(radius: Any) -> None:
    assert refusal(radius=radius) == f"`radius` must be a finite number above 0; got {radius!r}."


def test_images_in_lists_are_searched_as_arrays_are() -> None:
    jax.tree.map(np.testing.assert_array_equal, searched(inputs=IMAGES.tolist()), searched())


@pytest.mark.parametrize("images", [[[1.0], [1.0, 2.0]], "images", None, 3.0, [[[["a"]]]]], ids=str)
def test_what_is_no_array_of_images_is_refused(images: Any) -> None:
    assert refusal(inputs=images).startswith("`inputs` must be floats with the axes (sample, height, width, channel)")


def test_a_key_is_one_key_of_either_kind() -> None:
    jax.tree.map(np.testing.assert_array_equal, searched(key=jax.random.PRNGKey(0)), searched())
    for key in (0, None, jax.random.split(KEY, 20), jax.random.split(jax.random.PRNGKey(0), 20), jnp.zeros(2), "key"):
        assert refusal(key=key).startswith("`key` must be one key, such as `jax.random.key(0)`; got ")


@pytest.mark.parametrize("predict", [None, lambda images: NETWORK(images).argsort(axis=1)])
def test_what_gives_no_logits_is_refused(predict: Any) -> None:
    assert refusal(predict=predict).startswith("`predict` must ")
