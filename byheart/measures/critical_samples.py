"""Critical samples (section 4.1 of the paper): x is critical when its box of radius r holds a point of another predicted class.

    argmax_i f_i(x) != argmax_j f_j(x_hat)   for some x_hat with ||x - x_hat||_inf <= r                                 (Eq. 1)

The critical sample ratio (CSR) is the share of critical samples. A search can miss, never invent: the ratio is a lower bound.
"""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key, Shaped

from byheart import checks
from byheart.measures.accuracy import Predict
from byheart.measures.blocks import block_for, in_blocks
from byheart.measures.lane_search import search_each_sample
from byheart.measures.lass import LASS, GlobalStop
from byheart.measures.sweep_search import search_in_sweeps

Images = Float[Array, "sample height width channel"]
NumPyImages = Float[np.ndarray, "sample height width channel"]

ROUNDING = 2 * float(jnp.finfo(jnp.float32).eps)
"""How far, as a part of |x| + r, float32 rounding of x +- r may put a point outside its box."""


class CriticalSamples(eqx.Module):
    """What a search found.

    Attributes:
        is_critical: (sample,), True where a point of another predicted class was found and, evaluated again, still is one.
        critical_point: (sample, height, width, channel), the first such point; the sample itself where none was found.
        steps: (sample,), gradient steps taken, restarts included.
        is_finite: (sample,), False where logits of the sample or on its way were not finite; such samples are not critical.
    """

    is_critical: Bool[Array, " sample"]
    critical_point: Images
    steps: Int[Array, " sample"]
    is_finite: Bool[Array, " sample"]

    @property
    def ratio(self) -> Float[Array, ""]:
        """The critical sample ratio, in [0, 1]; NaN if logits of any sample were not finite."""
        return jnp.where(self.is_finite.all(), self.is_critical.mean(), jnp.nan)


def critical_samples(
    predict: Predict,
    images: Images | NumPyImages,
    *,
    radius: float | Float[Array, ""],
    search: LASS = LASS(),
    key: Key[Array, ""],
    lanes: int | None = None,
) -> CriticalSamples:
    """Searches the box of `radius` around each image for a point that `predict` puts into another class.

    The class that counts is the predicted one, at the image itself; true labels play no part. Samples share `lanes`: as soon as one is
    found or has spent its budget the next takes its lane, so samples already found cost nothing more. The noise of a sample depends on
    `key` and its index alone, so neither lanes nor other samples change its search.

    Args:
        predict: any differentiable function from a batch of images to logits (batch, class), in inference mode. As an Equinox module
            it is compiled once for all its values; a new lambda is compiled anew.
        images: floats in input units, usually [0, 1]; searched in float32.
        radius: r in input units; `Pixels(0.3)` is the paper's 0.3 on the 0-255 scale.
        search: how to search.
        key: for the noise.
        lanes: samples searched at the same time; None takes `default_lanes`.

    Returns:
        which samples are critical, with the points found.

    Raises:
        BadInput: radius not above 0, less than one lane, no image, or images or logits of a wrong shape or type.

    Cost: at most (budget + 1)(restarts + 1) forward and input-backward passes of `predict` an image, one more forward pass to check; memory for `lanes` of
    them, and twice the images.
    """
    _check(predict, images, radius)
    lanes = default_lanes(images.shape[1:]) if lanes is None else checks.count("lanes", lanes)
    return _search(predict, jnp.asarray(images, jnp.float32), jnp.asarray(radius, jnp.float32), search, key, lanes)


def critical_sample_ratio(
    predict: Predict, images: Images | NumPyImages, *, radius: float, key: Key[Array, ""], **how: Any
) -> float:
    """Share of `images` that are critical samples of `predict`, in [0, 1]; arguments as for `critical_samples`."""
    return float(critical_samples(predict, images, radius=radius, key=key, **how).ratio)


def default_lanes(image_shape: tuple[int, ...]) -> int:
    """Samples searched at the same time: on a CPU what was fastest for the MLP and for the CNN (docs/choices.md), elsewhere 1,024."""
    if jax.default_backend() != "cpu":
        return 1024
    return 128 if math.prod(image_shape) <= 1024 else 32


@eqx.filter_jit
def _search(
    predict: Predict, images: Images, radius: Float[Array, ""], search: LASS, key: Key[Array, ""], lanes: int
) -> CriticalSamples:
    if isinstance(search.stop, GlobalStop):
        found = search_in_sweeps(predict, images, radius, search, search.stop, key, lanes)
    else:
        found = search_each_sample(predict, images, radius, search, key, lanes)
    is_critical = found.is_crossed & _is_still_crossed(predict, images, found.point, radius)
    point = jnp.where(is_critical[:, None, None, None], found.point, images)
    return CriticalSamples(is_critical, point, found.steps, found.is_finite)


def _is_still_crossed(
    predict: Predict, images: Images, points: Images, radius: Float[Array, ""]
) -> Bool[Array, " sample"]:
    """Whether, evaluated again in another batch, the classes differ and the point lies in the box (up to float rounding)."""

    def one_block(indices: Int[Array, " block"]) -> Bool[Array, " block"]:
        image, point = images[indices], points[indices]
        differs = predict(image).argmax(axis=1) != predict(point).argmax(axis=1)
        tolerance = ROUNDING * (jnp.abs(image) + radius)
        return differs & (jnp.abs(point - image) <= radius + tolerance).all(axis=(1, 2, 3))

    return in_blocks(one_block, images.shape[0], block_for(predict, images.shape[1:]))


def _check(predict: Predict, images: Shaped[Array | np.ndarray, "..."], radius: float | Float[Array, ""]) -> None:
    if not isinstance(radius, jax.Array):
        checks.positive("radius", radius)
    if images.ndim != 4 or images.shape[0] == 0 or not jnp.issubdtype(images.dtype, jnp.floating):
        raise checks.BadInput(
            "`images` must be floats of the axes (sample, height, width, channel), with at least one sample; "
            f"got {images.dtype} of shape {images.shape}."
        )
    logits = jax.eval_shape(predict, jax.ShapeDtypeStruct(images.shape, jnp.float32))
    if getattr(logits, "ndim", None) != 2 or logits.shape[0] != images.shape[0] or logits.shape[1] < 2:
        raise checks.BadInput(
            f"`predict` must give logits of shape ({images.shape[0]}, class), with at least 2 classes; got {logits}."
        )
