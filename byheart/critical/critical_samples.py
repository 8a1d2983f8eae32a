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
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks
from byheart.critical.global_stop_search import search_in_sweeps
from byheart.critical.input_checks import Images, check_network, checked_images, checked_radius
from byheart.critical.lass import LASS, GlobalStop
from byheart.critical.per_sample_search import radius_of, search_each_sample
from byheart.jax_settings import usual_promotion
from byheart.keys import KeyLike, one_key
from byheart.networks.blocks import block_for, in_blocks
from byheart.networks.network import Predict

NumPyImages = Float[np.ndarray, "sample height width channel"]
Radius = float | Float[Array, ""] | Float[Array | np.ndarray, " sample"]
"""One of all samples, or one of each, in input units."""

ROUNDING = 2 * float(jnp.finfo(jnp.float32).eps)
"""How far, as a part of |x| + r, float32 rounding of x +- r may put a point outside its box."""


class CriticalSamples(eqx.Module):
    """What a search found.

    Attributes:
        is_critical: (sample,), True where a point of another predicted class was found and, evaluated again, still is one.
        critical_point: (sample, height, width, channel), the first such point; the sample itself where none was found.
        steps: (sample,), gradient steps taken, restarts included.
        is_finite: (sample,), False where logits of the sample or on its way told no class, since one was NaN or plus
            infinity, or all were minus infinity; such samples are not critical. Minus infinity that masks some of the
            classes counts as finite.
    """

    is_critical: Bool[Array, " sample"]
    critical_point: Images
    steps: Int[Array, " sample"]
    is_finite: Bool[Array, " sample"]

    @property
    def ratio(self) -> Float[Array, ""]:
        """The critical sample ratio, in [0, 1]; NaN if `is_finite` is False for any sample."""
        return jnp.where(self.is_finite.all(), self.is_critical.mean(), jnp.nan)


@usual_promotion()
def critical_samples(
    predict: Predict,
    images: Images | NumPyImages,
    *,
    radius: Radius,
    search: LASS = LASS(),
    key: KeyLike,
    lanes: int | None = None,
) -> CriticalSamples:
    """Searches the box of `radius` around each image for a point that `predict` puts into another class.

    The class that counts is the predicted one, at the image itself; true labels play no part. Samples share `lanes`: as soon as one is
    found or has spent its budget the next takes its lane, so samples already found cost nothing more. The noise of a sample depends on
    `key` and its index alone, so neither lanes nor other samples change its search.

    Args:
        predict: any differentiable function from a batch of images to logits (batch, class), in inference mode. As an Equinox module
            it is compiled once for all its values; a new lambda is compiled anew. A class whose logit is minus infinity
            is never predicted.
        images: floats in input units, usually [0, 1], as an array or in lists; searched in float32.
        radius: r in input units; `Pixels(0.3)` is the paper's 0.3 on the 0-255 scale. One a sample (sample,), where
            they differ.
        search: how to search.
        key: for the noise, of either kind of JAX (`byheart.keys.one_key`).
        lanes: samples searched at the same time; None takes `default_lanes`.

    Returns:
        which samples are critical, with the points found.

    Raises:
        BadInput: radius not above 0, less than one lane, no image, or images or logits of a wrong shape or type; NaN or
            infinite pixels, or pixels outside the bounds of the search; a network that gives probabilities, or whose
            logits of a sample depend on its batch or on chance, as in training mode. What is traced, inside `jit` or a
            probe, cannot be looked at, and is checked by shape and type alone.

    Cost: at most (budget + 1)(restarts + 1) forward and input-backward passes of `predict` an image, one more forward
    pass to check, and two of a few images to try `predict`; memory for `lanes` of them, and twice the images.
    """
    key = one_key(key)
    images = checked_images(images, search)
    radius = checked_radius(radius, images.shape[0])
    lanes = default_lanes(images.shape[1:]) if lanes is None else checks.count("lanes", lanes)
    check_network(predict, images)
    return _search(predict, images, radius, search, key, lanes)


def critical_sample_ratio(
    predict: Predict, images: Images | NumPyImages, *, radius: Radius, key: KeyLike, **how: Any
) -> float:
    """Share of `images` that are critical samples of `predict`, in [0, 1]; arguments as for `critical_samples`.

    Raises:
        BadInput: as `critical_samples`; also where `is_finite` is False for a sample, so that there is no ratio.
    """
    found = critical_samples(predict, images, radius=radius, key=key, **how)
    is_lost = ~np.asarray(found.is_finite)
    if is_lost.any():
        raise checks.BadInput(
            "`predict` must give finite logits in the boxes around samples; "
            f"got NaN or infinity for {checks.some_of(is_lost, 'samples')}. "
            "Leave those out, or take the others' share from `critical_samples`."
        )
    return float(found.ratio)


def default_lanes(image_shape: tuple[int, ...]) -> int:
    """Samples searched at the same time: on a CPU what was fastest for the MLP and for the CNN (docs/choices.md), elsewhere 1,024."""
    if jax.default_backend() != "cpu":
        return 1024
    return 128 if math.prod(image_shape) <= 1024 else 32


@eqx.filter_jit
def _search(
    predict: Predict,
    images: Images,
    radius: Float[Array, ""] | Float[Array, " sample"],
    search: LASS,
    key: Key[Array, ""],
    lanes: int,
) -> CriticalSamples:
    if isinstance(search.stop, GlobalStop):
        found = search_in_sweeps(predict, images, radius, search, search.stop, key, lanes)
    else:
        found = search_each_sample(predict, images, radius, search, key, lanes)
    is_critical = found.is_crossed & _is_still_crossed(predict, images, found.point, radius)
    point = jnp.where(is_critical[:, None, None, None], found.point, images)
    return CriticalSamples(is_critical, point, found.steps, found.is_finite)


def _is_still_crossed(
    predict: Predict, images: Images, points: Images, radius: Float[Array, ""] | Float[Array, " sample"]
) -> Bool[Array, " sample"]:
    """Whether, evaluated again in another batch, the classes differ and the point lies in the box (up to float rounding)."""

    def one_block(indices: Int[Array, " block"]) -> Bool[Array, " block"]:
        image, point, r = images[indices], points[indices], radius_of(indices, radius)
        differs = predict(image).argmax(axis=1) != predict(point).argmax(axis=1)
        tolerance = ROUNDING * (jnp.abs(image) + r)
        return differs & (jnp.abs(point - image) <= r + tolerance).all(axis=(1, 2, 3))

    return in_blocks(one_block, images.shape[0], block_for(predict, images.shape[1:]))
