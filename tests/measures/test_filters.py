"""First-layer filters as images, and their energy at low frequencies, for filters of known spectrum."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from worlds import blobs, linear, seen_by

from byheart.checks import BadInput
from byheart.measures.filters import FirstLayer, first_layer_filters, low_frequency_share, share_of_white_noise
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP

KEY = jax.random.key(0)
SMALL_CNN = CNN((6,), (5,), crop=0, kernel=3, pool=2)


def test_a_filter_of_an_mlp_meets_an_image_pixel_by_pixel() -> None:
    network = MLP((7,)).build((4, 3, 2), 5, KEY)
    images = jax.random.uniform(KEY, (6, 4, 3, 2))
    filters = first_layer_filters(network, (4, 3, 2))
    expected = images.reshape(6, -1) @ network.layers[0].weight
    np.testing.assert_allclose(jnp.einsum("nhwc,fhwc->nf", images, filters), expected, rtol=1e-5, atol=1e-6)


def test_a_filter_of_a_cnn_meets_every_window_of_an_image() -> None:
    network = SMALL_CNN.build((5, 5, 2), 3, KEY)
    images = jax.random.uniform(KEY, (4, 5, 5, 2))
    filters = first_layer_filters(network, (5, 5, 2))
    assert filters.shape == (6, 3, 3, 2)
    maps = network.convolutions[0](jnp.transpose(images, (3, 1, 2, 0)))
    window = images[:, 1:4, 2:5]
    np.testing.assert_allclose(maps[:, 1, 2], jnp.einsum("nhwc,fhwc->fn", window, filters), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("network", [CNN((), (4,)).build((8, 8, 1), 2, KEY), linear(3)], ids=["cnn", "other"])
def test_a_network_without_such_filters_is_refused(network: eqx.Module) -> None:
    with pytest.raises(BadInput, match="`network` must be an MLP or a CNN with convolutions"):
        first_layer_filters(network, (8, 8, 1))


def wave(row: int, column: int, n: int = 8) -> np.ndarray:
    """Return a filter of a single spatial frequency, given in periods along each axis."""
    y, x = np.mgrid[:n, :n]
    return np.cos(2 * np.pi * (row * y + column * x) / n)[None, :, :, None]


@pytest.mark.parametrize(("row", "column", "share"), [(0, 0, 1), (2, 1, 1), (2, 2, 1), (3, 0, 0), (1, 3, 0), (4, 4, 0)])
def test_a_wave_is_low_up_to_a_quarter_of_a_cycle_a_pixel(row: int, column: int, share: float) -> None:
    assert float(low_frequency_share(jnp.array(wave(row, column)))) == pytest.approx(share, abs=1e-6)


def test_filters_count_by_their_energy() -> None:
    both = np.concatenate([wave(1, 0), 2 * wave(3, 3)])
    assert float(low_frequency_share(jnp.array(both))) == pytest.approx(1 / 5, rel=1e-5)
    scaled = np.concatenate([np.concatenate([wave(1, 0), wave(3, 3)], axis=3)])
    assert float(low_frequency_share(7 * jnp.array(scaled))) == pytest.approx(1 / 2, rel=1e-5)


@pytest.mark.parametrize("shape", [(5, 5), (28, 28), (4, 9)])
def test_independent_weights_have_the_share_of_white_noise(shape: tuple[int, int]) -> None:
    noise = jax.random.normal(KEY, (4000, *shape, 1))
    assert float(low_frequency_share(noise)) == pytest.approx(share_of_white_noise(*shape), abs=5e-3)


def test_the_share_is_that_of_a_plain_fourier_sum() -> None:
    filters = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    low = total = 0.0
    for one in filters.transpose(0, 3, 1, 2).reshape(-1, 3, 4):
        for k in range(3):
            for m in range(4):
                phase = np.exp(-2j * np.pi * (k * np.arange(3)[:, None] / 3 + m * np.arange(4) / 4))
                energy = abs((one * phase).sum()) ** 2
                total += energy
                low += energy * (min(k, 3 - k) / 3 <= 0.25 and min(m, 4 - m) / 4 <= 0.25)
    assert float(low_frequency_share(jnp.array(filters))) == pytest.approx(low / total, rel=1e-5)


def test_weights_that_are_all_0_have_no_share() -> None:
    assert np.isnan(low_frequency_share(jnp.zeros((2, 5, 5, 1))))


@pytest.mark.parametrize(("n_shown", "kept"), [(4, 4), (100, 9)])
def test_the_probe_keeps_the_filters_of_most_energy(n_shown: int, kept: int) -> None:
    network = MLP((9,)).build((4, 4, 1), 2, KEY)
    found = FirstLayer(n_shown)(network, seen_by(blobs()), KEY)
    assert set(found) == set(FirstLayer().variables)
    filters = np.asarray(first_layer_filters(network, (4, 4, 1)))
    energy = np.square(filters).sum((1, 2, 3))
    np.testing.assert_array_equal(found["filter_weight"], filters[np.argsort(-energy)][:kept])
    assert float(found["low_frequency_share"]) == pytest.approx(float(low_frequency_share(jnp.array(filters))))
