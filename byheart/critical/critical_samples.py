"""Critical samples (section 4.1 of the paper): x is critical if its box of radius r holds a point of another class.

    argmax_i f_i(x) != argmax_j f_j(x_hat)   for some x_hat with ||x - x_hat||_inf <= r                          (Eq. 1)

The critical sample ratio (CSR) is the share of critical samples. A search can miss some but never invents any, so the
ratio is a lower bound.
"""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks
from byheart.critical.box_search import radius_of
from byheart.critical.input_checks import check_network, checked_images, checked_radius
from byheart.critical.lass import LASS
from byheart.jax_settings import usual_promotion
from byheart.keys import KeyLike, one_key
from byheart.networks.blocks import block_for, in_blocks
from byheart.networks.network import Images, Predict

NumPyImages = Float[np.ndarray, "sample height width channel"]
Radius = float | Float[Array, ""] | Float[Array | np.ndarray, " sample"]
"""One radius for all samples, or one for each, in input units."""

BOX_TOLERANCE = 2 * float(jnp.finfo(jnp.float32).eps)
"""Distance, relative to |x| + r, by which float32 rounding of x +- r may put a point outside its box."""


class CriticalSamples(eqx.Module):
    """The result of a search for critical samples.

    Attributes:
        is_critical: (sample,), True if a point of another predicted class was found and confirmed by a second
            evaluation.
        critical_point: (sample, height, width, channel), the first such point; the sample itself if none was found.
        steps: (sample,), gradient steps taken, restarts included.
        is_finite: (sample,), False if logits at the sample or on the way determined no class, since one was NaN or plus
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
    """Search the box of `radius` around each image for a point that `predict` puts into another class.

    The reference is the class predicted at the image itself; true labels play no part. Samples share `lanes`: when one
    is found or has spent its budget, the next takes its lane, so samples already found cost nothing more. The noise of
    a sample depends on `key` and its index alone, so neither lanes nor other samples change its search.

    Args:
        predict: any differentiable function from a batch of images to logits (batch, class), in inference mode. An
            Equinox module is compiled once for all its values; a new lambda is compiled anew. A class whose logit is
            minus infinity is never predicted.
        images: floats in input units, usually [0, 1], as an array or in lists; searched in float32.
        radius: r in input units; `Pixels(0.3)` is the paper's 0.3 on the 0-255 scale. One number, or (sample,).
        search: settings of the search.
        key: random key of the noise, of either type of JAX (`byheart.keys.one_key`).
        lanes: number of samples searched at the same time; None takes `default_lanes`.

    Returns:
        Which samples are critical, with the points found.

    Raises:
        BadInput: radius not above 0, less than one lane, no image, or images or logits of a wrong shape or type; NaN or
            infinite pixels, or pixels outside the bounds of the search; a network that returns probabilities, or whose
            logits of a sample depend on its batch or on chance, as in training mode. Of traced arguments, inside `jit`
            or a probe, only shapes and types are checked.

    Cost: for each image at most (budget + 1)(restarts + 1) forward and input-backward passes of `predict`, and a
    forward pass to confirm; two forward passes of a few images to try `predict`. Memory: `lanes` such passes, and twice
    the images.
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
    """Return the share of `images` that are critical samples of `predict`, in [0, 1].

    Arguments are those of `critical_samples`.

    Raises:
        BadInput: as `critical_samples`; also if `is_finite` is False for a sample, since there is no ratio then.
    """
    found = critical_samples(predict, images, radius=radius, key=key, **how)
    is_lost = ~np.asarray(found.is_finite)
    if is_lost.any():
        raise checks.BadInput(
            "`predict` must return finite logits in the boxes around samples; "
            f"got NaN or infinity for {checks.some_of(is_lost, 'samples')}. "
            "Leave those out, or take the share of the others from `critical_samples`."
        )
    return float(found.ratio)


def default_lanes(image_shape: tuple[int, ...]) -> int:
    """Return the default number of samples searched at the same time.

    On a CPU it is what was fastest for the MLP and for the CNN (docs/choices.md), on other devices 1,024.
    """
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
    found = search.stop.search(search, predict, images, radius, key, lanes)
    is_critical = found.is_crossed & _is_still_crossed(predict, images, found.point, radius)
    point = jnp.where(is_critical[:, None, None, None], found.point, images)
    return CriticalSamples(is_critical, point, found.steps, found.is_finite)


def _is_still_crossed(
    predict: Predict, images: Images, points: Images, radius: Float[Array, ""] | Float[Array, " sample"]
) -> Bool[Array, " sample"]:
    """Return whether, evaluated again, classes differ and the point lies in its box (up to float rounding)."""

    def one_block(indices: Int[Array, " block"]) -> Bool[Array, " block"]:
        image, point, r = images[indices], points[indices], radius_of(indices, radius)
        differs = predict(image).argmax(axis=1) != predict(point).argmax(axis=1)
        tolerance = BOX_TOLERANCE * (jnp.abs(image) + r)
        return differs & (jnp.abs(point - image) <= r + tolerance).all(axis=(1, 2, 3))

    return in_blocks(one_block, images.shape[0], block_for(predict, images.shape[1:]))
