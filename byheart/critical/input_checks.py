"""Checks of a search's arguments before it compiles: images, radii, bounds, the network.

Of traced images, radii and networks only shapes and types can be checked.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from byheart import checks
from byheart.critical.lass import LASS
from byheart.networks.network import Images, Predict

LOOKED_AT = 8
"""Number of samples with which a network is tried."""
TOLERANCE = 1e-2
"""Largest difference between the logits of a sample alone and in a batch, relative to their range.

It is far larger than rounding, also of TF32 and bfloat16, and far smaller than the effect of batch statistics and
dropout.
"""
BOUNDS_TOLERANCE = 1e-5
"""Distance by which inputs may lie outside bounds because of rounding, relative to the distance of the bounds."""


def checked_images(images: Any, search: LASS) -> Images:
    """Return `images` as float32.

    Raises:
        BadInput: another shape or type, NaN or infinite pixels, or pixels outside the bounds of the search.
    """
    found = images if isinstance(images, jax.Array) else _array(images)
    if found is None or found.ndim != 4 or found.size == 0 or not jnp.issubdtype(found.dtype, jnp.floating):
        came = checks.shown(images) if found is None else f"{found.dtype} of shape {found.shape}"
        raise checks.BadInput(
            "`images` must be floats with the axes (sample, height, width, channel), with at least one sample; "
            f"got {came}."
        )
    search.check_channels(found.shape[-1])
    if not isinstance(found, jax.core.Tracer):
        with np.errstate(over="ignore"):
            _check_pixels(np.asarray(found, np.float32), search)
    return jnp.asarray(found, jnp.float32)


def checked_radius(radius: Any, n_samples: int) -> Float[Array, ""] | Float[Array, " sample"]:
    """Return `radius` as float32: one for all samples, or one for each.

    Raises:
        BadInput: another shape, or a radius that is not finite and above 0.
    """
    is_traced = isinstance(radius, jax.core.Tracer)
    found = radius if is_traced else _array(radius)
    if found is None or found.shape not in ((), (n_samples,)):
        raise checks.BadInput(
            f"`radius` must be one number, or one for each of {n_samples} samples; got {checks.shown(radius)}."
        )
    if not is_traced and found.shape == ():
        found = checks.positive("radius", radius)
    elif not is_traced:
        with np.errstate(over="ignore"):
            numbers = _array(found, np.float32)
        is_right = np.isfinite(numbers) & (numbers > 0) if numbers is not None else np.zeros(n_samples, bool)
        if not is_right.all():
            wrong = f"{checks.shown(found[~is_right][0])} for {checks.some_of(~is_right, 'samples')}"
            raise checks.BadInput(f"`radius` must be finite numbers above 0; got {wrong}.")
    return jnp.asarray(found, jnp.float32)


def check_network(predict: Any, images: Images) -> None:
    """Try `predict` on a few samples, unless `predict` or the samples are traced.

    Raises:
        BadInput: the result is not floating-point logits (sample, class), or is probabilities, or the logits of a
            sample depend on the rest of its batch or on chance, as they do in training mode.

    Cost: a program that evaluates `LOOKED_AT` samples twice, compiled once for a module.
    """
    if not callable(predict):
        raise checks.BadInput(f"`predict` must be a function from images to logits; got {checks.shown(predict)}.")
    n, logits = len(images), jax.eval_shape(predict, jax.ShapeDtypeStruct(images.shape, images.dtype))
    shape: tuple[int, ...] = getattr(logits, "shape", ())
    if len(shape) != 2 or shape[0] != n or shape[1] < 2 or not jnp.issubdtype(logits.dtype, jnp.floating):
        raise checks.BadInput(
            f"`predict` must return logits of shape ({n}, class), with at least 2 classes, as floats; got {logits}."
        )
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((predict, images))):
        return
    places = np.unique(np.linspace(0, n - 1, LOOKED_AT).round().astype(int))
    found = _alone_and_together(predict, images[places])
    if not any(isinstance(one, jax.core.Tracer) for one in found):  # As where `predict` closes over something traced.
        alone, together = (np.asarray(one, np.float32) for one in found)
        _check_are_logits(together)
        _check_is_inference(alone, together)


def _array(values: Any, kind: Any = None) -> np.ndarray | None:
    """Return `values` as an array; None if that is impossible, as for lists of unequal lengths."""
    try:
        return np.asarray(values, kind)
    except (ValueError, TypeError):
        return None


def _check_pixels(pixels: Float[np.ndarray, "sample height width channel"], search: LASS) -> None:
    is_finite = np.isfinite(pixels).all(axis=(1, 2, 3))
    if not is_finite.all():
        raise checks.BadInput(
            f"`images` must be finite; got NaN or infinite pixels in {checks.some_of(~is_finite, 'samples')}. "
            "Repair or drop those."
        )
    if search.limits is None:
        return
    low, high = (np.asarray(bound, np.float32) for bound in search.limits)
    slack = BOUNDS_TOLERANCE * (high - low)
    is_outside = np.asarray(((pixels < low - slack) | (pixels > high + slack)).any(axis=(1, 2, 3)))
    if is_outside.any():
        given = "`clip_pixels`" if search.clip_pixels else "`bounds`"
        raise checks.BadInput(
            f"`images` must lie within {search.limits}, the range of {given} of the search; got values from "
            f"{pixels.min():g} to {pixels.max():g}, outside in {checks.some_of(is_outside, 'samples')}. "
            "Pass `LASS(bounds=(low, high))` with the range of inputs, or neither `bounds` nor `clip_pixels`."
        )


@eqx.filter_jit
def _alone_and_together(predict: Predict, images: Images) -> tuple[Array, Array]:
    return jax.lax.map(lambda image: predict(image[None])[0], images), predict(images)


def _check_are_logits(logits: Float[np.ndarray, "sample class"]) -> None:
    if (logits >= 0).all() and (np.abs(logits.sum(axis=1) - 1) < 1e-3).all():
        raise checks.BadInput(
            "`predict` must return logits; got rows that are not negative and sum to 1, as probabilities do. Their "
            "gradients vanish. Leave out the softmax, or pass `lambda images: jnp.log(predict(images))`."
        )


def _check_is_inference(alone: Float[np.ndarray, "sample class"], together: Float[np.ndarray, "sample class"]) -> None:
    finite = together[np.isfinite(together)]
    if finite.size == 0:
        return
    allowed = TOLERANCE * np.ptp(finite) + 1e-5 * np.abs(finite).max()
    with np.errstate(invalid="ignore"):
        is_same = (np.abs(alone - together) <= allowed) | (alone == together) | (np.isnan(alone) & np.isnan(together))
    if not is_same.all():
        n = int((~is_same).any(axis=1).sum())
        raise checks.BadInput(
            "`predict` must return the same logits for a sample alone and in a batch; "
            f"got different ones for {n} of {len(alone)} samples tried. "
            "Is the network in training mode, with batch statistics or dropout? Put it into inference mode first, "
            "for example by `eqx.nn.inference_mode(network)`; byheart's own networks are in it when they are called."
        )
