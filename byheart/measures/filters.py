"""First-layer filters, and how much of them is structure: the share of their energy at low spatial frequencies (Figure 2 of the paper).

Neighboring pixels of images are alike, and filters that learned something of images vary slowly from pixel to pixel. Independent weights, as
after initialization, spread their energy evenly over all frequencies.
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
from byheart.networks.cnn import CNNNetwork
from byheart.networks.mlp import MLPNetwork
from byheart.sweeps.variable import Variable

LOW = 0.25
"""Frequencies up to this, in cycles a pixel along both axes, are low: half of those there are."""

Filters = Float[Array, "filter row column channel"]


def first_layer_filters(network: eqx.Module, image_shape: tuple[int, int, int]) -> Filters:
    """(filter, row, column, channel): the kernels of a CNN's first convolution, or the weights of an MLP's first layer, as images.

    Raises:
        BadInput: another kind of network, or a CNN without convolutions.
    """
    if isinstance(network, CNNNetwork) and network.convolutions:
        return network.convolutions[0].kernel.transpose(3, 0, 1, 2)
    if isinstance(network, MLPNetwork):
        return network.layers[0].weight.T.reshape(-1, *image_shape)
    raise checks.BadInput(f"First-layer filters are known of an MLP and of a CNN with convolutions; got {network!r}.")


def low_frequency_share(filters: Filters | npt.ArrayLike) -> Float[Array, ""]:
    """The share of the filters' energy at spatial frequencies of at most `LOW`, constants included; all filters count by their energy.

    With F the discrete Fourier transform of a filter over its pixels, the sum of |F|^2 over low frequencies, all filters and channels, over
    the sum over all frequencies. For independent weights of mean 0 it is `share_of_white_noise`.

    Args:
        filters: (filter, row, column, channel).

    Returns:
        In [0, 1]; NaN if all weights are 0.

    Raises:
        BadInput: no numbers, or other axes.

    >>> bool(low_frequency_share(jnp.ones((2, 5, 5, 1))) == 1)
    True
    """
    filters = array_checks.jax_array("filters", filters, "filter row column channel")
    power = jnp.square(jnp.abs(jnp.fft.fft2(filters, axes=(1, 2)))).sum((0, 3))
    return jnp.where(is_low(*filters.shape[1:3]), power, 0).sum() / power.sum()


def share_of_white_noise(n_rows: int, n_columns: int) -> float:
    """The share of frequencies that are low.

    >>> share_of_white_noise(5, 5)
    0.36
    """
    return float(is_low(n_rows, n_columns).mean())


def is_low(n_rows: int, n_columns: int) -> np.ndarray:
    """(row, column) of the Fourier transform: whether both frequencies are at most `LOW`."""
    rows, columns = (np.abs(np.fft.fftfreq(n)) <= LOW for n in (n_rows, n_columns))
    return rows[:, None] & columns[None, :]


@dataclasses.dataclass(frozen=True)
class FirstLayer:
    """A probe: the share of low frequencies in the first layer's filters, and those with most energy, the largest first.

    Attributes:
        n_shown: filters kept; fewer where the layer has fewer.
    """

    n_shown: int = 36

    def __post_init__(self) -> None:
        checks.fields(self, n_shown=checks.count)

    @property
    def variables(self) -> Mapping[str, Variable]:
        """The share, and the filters."""
        axes = tuple((name, None) for name in ("filter", "row", "column", "channel"))
        return {
            "low_frequency_share": Variable(
                f"share of the first layer's energy at spatial frequencies of at most {LOW} cycles a pixel"
            ),
            "filter_weight": Variable("weights of the first layer's filters of most energy", axes),
        }

    def __call__(self, network: eqx.Module, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, "..."]]:
        """Both; `key` is not needed."""
        del key
        height, width, channels = data.training.clean_images.shape[1:]
        filters = first_layer_filters(network, (height, width, channels))
        strongest = jnp.argsort(-jnp.square(filters).sum((1, 2, 3)))[: self.n_shown]
        return {"low_frequency_share": low_frequency_share(filters), "filter_weight": filters[strongest]}
