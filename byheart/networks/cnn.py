"""The convolutional network of footnote 2 of the paper, with sizes that can be chosen."""

import dataclasses
import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from byheart import checks, literals
from byheart.inputs import InputShape, image_shape
from byheart.keys import KeyLike, one_key
from byheart.networks.affine import convolved, dense, moved, normalized
from byheart.networks.convolution import Convolution, convolved_batch_norm, examples_last, pooled_batch_norm
from byheart.networks.layers import BatchNorm, Dense, Moments, glorot_uniform
from byheart.networks.network import Hidden, HiddenLayer, Network, equal_sizes, untouched
from byheart.networks.steps import MaxPool, ReLU, Step

DEFAULT_FROM_SIDE = 32
"""Smaller side, in pixels, from which images of any number of channels have a CNN by default. Gray images that are
smaller, such as MNIST's, have an MLP, as in the paper; color images have a CNN as soon as it fits."""


@literals.register
@dataclasses.dataclass(frozen=True)
class CNN:
    """A convolutional network: crop, convolutions with batch norm, ReLU and max pooling, then dense layers.

    Dense layers have batch norm and ReLU, too. `CNN()` is the paper's: Crop(2, 2), two times Conv(200, 5, 5) - BN -
    ReLU - MaxPooling(3, 3), Dense(384), Dense(192). The paper states neither padding nor pooling stride; the defaults
    are those of the library that it used (docs/choices.md).

    Attributes:
        channels: output channels of each convolution.
        dense: widths of the hidden dense layers.
        crop: pixels cut from each side of the image.
        kernel: side of the convolution kernels, in pixels.
        padding: zeros added on each side before a convolution.
        pool: side of the pooling window, in pixels.
        pool_stride: step of the pooling window; None takes `pool`.
    """

    channels: tuple[int, ...] = (200, 200)
    dense: tuple[int, ...] = (384, 192)
    crop: int = 2
    kernel: int = 5
    padding: int = 0
    pool: int = 3
    pool_stride: int | None = None

    def __post_init__(self) -> None:
        sizes = checks.each(checks.count)
        checks.fields(self, channels=sizes, dense=sizes, kernel=checks.count, pool=checks.count)
        checks.fields(self, crop=checks.count_from_0, padding=checks.count_from_0)
        checks.fields(self, pool_stride=checks.optional(checks.count))

    @property
    def width(self) -> int:
        """Number of channels of the first convolution; 0 if there is none."""
        return next(iter(self.channels), 0)

    @property
    def depth(self) -> int:
        """Number of convolutions."""
        return len(self.channels)

    def resized(self, width: int | None, depth: int | None) -> "CNN":
        """Return the same CNN with `depth` convolutions of `width` channels; None keeps the present value.

        Dense layers do not change.
        """
        return dataclasses.replace(self, channels=equal_sizes(self.channels, width, depth))

    @property
    def stride(self) -> int:
        """Step of the pooling window, in pixels."""
        return self.pool if self.pool_stride is None else self.pool_stride

    def side_after(self, side: int) -> int:
        """Return the side, in pixels, of the last feature maps for an image of `side` pixels; 0 if it is too small."""
        side -= 2 * self.crop
        for _ in self.channels:
            side += 2 * self.padding - self.kernel + 1
            side = (side - self.pool) // self.stride + 1 if side >= self.pool else 0
            if side <= 0:
                return 0
        return side

    def fits(self, input_shape: InputShape) -> bool:
        """Return whether inputs of this shape are images, and large enough."""
        return len(input_shape) == 3 and min(map(self.side_after, input_shape[:2])) > 0

    def smallest_side(self) -> int:
        """Return the smallest side, in pixels, of an image that is large enough."""
        return next(side for side in range(1, 10_000) if self.side_after(side) > 0)

    def check(self, input_shape: InputShape) -> None:
        """Raise `BadInput` if inputs of this shape are not images, or are too small."""
        height, width, _ = image_shape(repr(self), input_shape)
        if not self.fits(input_shape):
            without_crop = dataclasses.replace(self, crop=0)
            advice = (
                "`crop=0`"
                if without_crop.fits(input_shape)
                else "fewer or smaller `channels`, `kernel` or `pool`, or an MLP"
            )
            raise checks.BadInput(
                f"{self!r} needs images of at least {self.smallest_side()} x {self.smallest_side()} pixels; "
                f"got {height} x {width}. Use {advice}."
            )

    def build(self, input_shape: InputShape, n_classes: int, key: KeyLike) -> "CNNNetwork":
        """Return a network with Glorot-uniform weights and zero biases."""
        self.check(input_shape)
        height, width, n_channels = image_shape(repr(self), input_shape)
        n_layers = len(self.channels) + len(self.dense) + 1
        *keys, last = jax.random.split(one_key(key), n_layers)
        sizes = (n_channels, *self.channels)
        convolutions = tuple(
            _convolution(self, n_in, n_out, key) for n_in, n_out, key in zip(sizes, sizes[1:], keys, strict=False)
        )
        flat = math.prod((self.side_after(height), self.side_after(width), sizes[-1]))
        widths = (flat, *self.dense)
        weights = tuple(
            glorot_uniform(key, (n_out, n_in), n_in, n_out)
            for n_in, n_out, key in zip(widths, widths[1:], keys[len(self.channels) :], strict=False)
        )
        norms = tuple(BatchNorm.initialized(n) for n in (*self.channels, *self.dense))
        return CNNNetwork(convolutions, weights, norms, Dense.initialized(widths[-1], n_classes, last), self)


class CNNNetwork(Network):
    """A built `CNN`. Layers before a batch norm have no bias of their own: the shift of the norm is their bias.

    Attributes:
        convolutions: the convolutional layers.
        weights: (output, input) of each hidden dense layer.
        norms: the batch norms of the convolutions, then those of the hidden dense layers.
        output: the last layer.
        architecture: the `CNN` it was built from.
    """

    convolutions: tuple[Convolution, ...]
    weights: tuple[Float[Array, "_output _input"], ...]
    norms: tuple[BatchNorm, ...]
    output: Dense
    architecture: CNN = eqx.field(static=True)

    def __call__(self, images: Float[Array, "batch height width channel"]) -> Float[Array, "batch class"]:
        """Return the logits in inference mode: activations are normalized by running averages."""
        return self._forward(images, in_training=False)[0]

    def in_training(
        self, images: Float[Array, "batch height width channel"], hidden: Hidden = untouched
    ) -> tuple[Float[Array, "batch class"], "CNNNetwork"]:
        """Return the logits in training mode, and the network with its running averages updated.

        Activations are normalized by the moments of the batch.
        """
        logits, norms = self._forward(images, in_training=True, hidden=hidden)
        return logits, eqx.tree_at(lambda network: network.norms, self, norms)

    def _forward(
        self, images: Float[Array, "batch height width channel"], in_training: bool, hidden: Hidden = untouched
    ) -> tuple[Float[Array, "batch class"], tuple[BatchNorm, ...]]:
        how = self.architecture
        height, width = images.shape[1:3]
        cropped = images[:, how.crop : height - how.crop, how.crop : width - how.crop]
        x = examples_last(cropped)
        n_convolutions, updated = len(self.convolutions), []

        def moments(norm: BatchNorm, x: Array) -> Moments:
            found, after = norm.batch_moments(x) if in_training else (norm.moments(), norm)
            updated.append(after)
            return found

        for index, (convolution, norm) in enumerate(zip(self.convolutions, self.norms[:n_convolutions], strict=True)):
            if in_training:
                x = convolution(x)
                x = pooled_batch_norm(norm, x, moments(norm, x), how.pool, how.stride)
            else:
                x = convolved_batch_norm(convolution, norm, x, how.pool, how.stride)
            x = jax.nn.relu(x)
            x = hidden(x, HiddenLayer(index, is_dense=False))
        x = x.reshape(-1, x.shape[-1])
        for index, (weight, norm) in enumerate(zip(self.weights, self.norms[n_convolutions:], strict=True)):
            x = weight @ x
            x = jax.nn.relu(norm(x, moments(norm, x)))
            x = hidden(x, HiddenLayer(n_convolutions + index, is_dense=True))
        return self.output(x.T), tuple(updated)

    def steps(self, input_shape: InputShape) -> tuple[Step, ...]:
        """Return the steps of the forward pass in inference mode, for bounds of its outputs."""
        height, width, _ = image_shape("A CNN", input_shape)
        how, n_convolutions = self.architecture, len(self.convolutions)
        rows, columns = slice(how.crop, height - how.crop), slice(how.crop, width - how.crop)
        steps: list[Step] = [moved(lambda image: image[rows, columns].transpose(2, 0, 1))]
        for convolution, norm in zip(self.convolutions, self.norms[:n_convolutions], strict=True):
            sign = jnp.where(norm.affine(norm.moments())[0] < 0, -1.0, 1.0)
            signed = Convolution(convolution.kernel * sign, convolution.padding)
            steps += [convolved(signed), MaxPool(how.pool, how.stride), normalized(norm, sign, n_axes=3), ReLU()]
        steps.append(moved(lambda maps: maps.reshape(-1)))
        for weight, norm in zip(self.weights, self.norms[n_convolutions:], strict=True):
            steps += [dense(weight.T, jnp.zeros(len(weight))), normalized(norm, 1.0, n_axes=1), ReLU()]
        return (*steps, dense(self.output.weight, self.output.bias))


def _convolution(how: CNN, n_in: int, n_out: int, key: Key[Array, ""]) -> Convolution:
    shape = (how.kernel, how.kernel, n_in, n_out)
    area = how.kernel**2
    return Convolution(glorot_uniform(key, shape, n_in * area, n_out * area), how.padding)
