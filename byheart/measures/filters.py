"""First-layer filters, and the share of their energy at low spatial frequencies (Figure 2 of the paper).

Neighboring pixels of images are similar, so filters that learned from images vary slowly from pixel to pixel.
Independent weights, as after initialization, spread their energy evenly over all frequencies.
"""

import dataclasses
from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Float, Key

from byheart import array_checks, checks
from byheart.data.member_view import MemberData
from byheart.inputs import InputShape, image_shape
from byheart.networks.cnn import CNNNetwork
from byheart.networks.mlp import MLPNetwork
from byheart.sweeps.variable import Variable

LOW = 0.25
"""Largest low frequency along either axis, in cycles per pixel: half of the highest frequency."""

Filters = Float[Array, "filter row column channel"]


def first_layer_filters(network: eqx.Module, input_shape: InputShape) -> Filters:
    """Return the filters (filter, row, column, channel) of a CNN's first convolution or an MLP's first layer.

    Raises:
        BadInput: another kind of network, a CNN without convolutions, or vectors.
    """
    height, width, channels = image_shape("The first layer's filters", input_shape)
    if isinstance(network, CNNNetwork) and network.convolutions:
        return network.convolutions[0].kernel.transpose(3, 0, 1, 2)
    if isinstance(network, MLPNetwork):
        return network.layers[0].weight.T.reshape(-1, height, width, channels)
    raise checks.BadInput(f"`network` must be an MLP or a CNN with convolutions; got {checks.shown(network)}.")


def low_frequency_share(filters: Filters | npt.ArrayLike) -> Float[Array, ""]:
    """Share of the filters' energy at low spatial frequencies, those of at most `LOW`, including frequency 0.

    With F the discrete Fourier transform of a filter over its pixels, it is the sum of |F|^2 over low frequencies, all
    filters and channels, divided by the sum over all frequencies. For independent weights of mean 0 it is
    `share_of_white_noise`.

    Args:
        filters: (filter, row, column, channel) weights.

    Returns:
        the share, in [0, 1]; NaN if all weights are 0.

    Raises:
        BadInput: no numbers, or other axes.

    >>> bool(low_frequency_share(jnp.ones((2, 5, 5, 1))) == 1)
    True
    """
    filters = array_checks.jax_array("filters", filters, "filter row column channel")
    power = jnp.square(jnp.abs(jnp.fft.fft2(filters, axes=(1, 2)))).sum((0, 3))
    return jnp.where(is_low(*filters.shape[1:3]), power, 0).sum() / power.sum()


def share_of_white_noise(n_rows: int, n_columns: int) -> float:
    """Share of frequencies that are low, which is the share of energy of independent weights.

    >>> share_of_white_noise(5, 5)
    0.36
    """
    return float(is_low(n_rows, n_columns).mean())


def is_low(n_rows: int, n_columns: int) -> np.ndarray:
    """Return, for each (row, column) of the Fourier transform, whether both frequencies are at most `LOW`."""
    rows, columns = (np.abs(np.fft.fftfreq(n)) <= LOW for n in (n_rows, n_columns))
    return rows[:, None] & columns[None, :]


@dataclasses.dataclass(frozen=True)
class FirstLayer:
    """A probe: the low-frequency share of the first layer's filters, and its filters of largest energy.

    Attributes:
        n_shown: largest number of filters to return.
    """

    n_shown: int = 36

    def __post_init__(self) -> None:
        checks.fields(self, n_shown=checks.count)

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The low-frequency share and the filters."""
        axes = tuple((name, None) for name in ("filter", "row", "column", "channel"))
        return {
            "low_frequency_share": Variable(
                f"share of the first layer's energy at spatial frequencies of at most {LOW} cycles a pixel"
            ),
            "filter_weight": Variable("weights of the first layer's filters of most energy", axes),
        }

    def __call__(self, network: eqx.Module, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, "..."]]:
        """Return the share, and the filters by decreasing energy; `key` is not used."""
        del key
        filters = first_layer_filters(network, data.training.input_shape)
        strongest = jnp.argsort(-jnp.square(filters).sum((1, 2, 3)))[: self.n_shown]
        return {"low_frequency_share": low_frequency_share(filters), "filter_weight": filters[strongest]}
