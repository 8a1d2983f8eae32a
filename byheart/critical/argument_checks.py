"""Checks of a search's arguments before it compiles: inputs, radii, bounds, the network.

Of traced inputs, radii and networks only shapes and types can be checked.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from byheart import checks
from byheart.critical.lass import LASS
from byheart.critical.radius import Length, in_search_units
from byheart.critical.targeted_search import TargetedSearch
from byheart.inputs import Inputs, InputShape, Standardizer, are_images, in_words
from byheart.networks.network import Predict

LOOKED_AT = 8
"""Number of samples with which a network is tried."""
TOLERANCE = 1e-2
"""Largest difference between the logits of a sample alone and in a batch, relative to their range.

It is far larger than rounding, also of TF32 and bfloat16, and far smaller than the effect of batch statistics and
dropout.
"""
BOUNDS_TOLERANCE = 1e-5
"""Distance by which inputs may lie outside bounds because of rounding, relative to the distance of the bounds."""


def checked_inputs(inputs: Any, search: LASS | TargetedSearch) -> Inputs:
    """Return `inputs` as float32.

    Raises:
        BadInput: another shape or type, NaN or infinite numbers, or pixels outside the bounds of the search.
    """
    found = inputs if isinstance(inputs, jax.Array) else _array(inputs)
    if found is None or found.ndim not in (2, 4) or found.size == 0 or not jnp.issubdtype(found.dtype, jnp.floating):
        came = checks.shown(inputs) if found is None else f"{found.dtype} of shape {found.shape}"
        raise checks.BadInput(
            "`inputs` must be floats with the axes (sample, height, width, channel) of images or (sample, feature) of "
            f"vectors, with at least one sample; got {came}."
        )
    search.check_shape(found.shape[1:])
    if not isinstance(found, jax.core.Tracer):
        with np.errstate(over="ignore"):
            _check_values(np.asarray(found, np.float32), search)
    return jnp.asarray(found, jnp.float32)


def check_standardizer(standardizer: Any, input_shape: InputShape) -> None:
    """Check that vectors come with a standardizer for their features, and images with none.

    Raises:
        BadInput: they do not.
    """
    if are_images(input_shape):
        if standardizer is not None:
            raise checks.BadInput("`standardizer` must be None for images, whose radius is in input units.")
        return
    if standardizer is None:
        raise checks.BadInput(
            "`standardizer` must be given for vectors, since their radius is in standard deviations of each feature. "
            "Pass that of the training data, `split.training.standardizer`; or "
            f"`Standardizer.none({input_shape[0]})` if all features share one unit, for a radius in that unit."
        )
    checks.instance("standardizer", standardizer, Standardizer, "a Standardizer, such as `split.training.standardizer`")
    for name in ("mean", "deviation"):
        if (shape := jnp.shape(getattr(standardizer, name))) != input_shape:
            raise checks.BadInput(
                f"`standardizer` must have a {name} for each of {in_words(input_shape)}; got the shape {shape}."
            )


def checked_radius(radius: Any, n_samples: int, input_shape: InputShape) -> Float[Array, ""] | Float[Array, " sample"]:
    """Return `radius` as float32, in the units of the search: one for all samples, or one for each.

    Raises:
        BadInput: another shape, a radius that is not finite and above 0, or a unit that is not one of these inputs.
    """
    if isinstance(radius, Length):
        radius = in_search_units("radius", radius, input_shape)
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


def check_network(predict: Any, inputs: Inputs) -> None:
    """Try `predict` on a few samples, unless `predict` or the samples are traced.

    Raises:
        BadInput: the result is not floating-point logits (sample, class), or is probabilities, or the logits of a
            sample depend on the rest of its batch or on chance, as they do in training mode.

    Cost: a program that evaluates `LOOKED_AT` samples twice, compiled once for a module.
    """
    if hasattr(predict, "fit") and hasattr(predict, "predict"):
        raise checks.BadInput(
            f"`predict` must have gradients in its inputs, which the search climbs; a scikit-learn estimator such as "
            f"{type(predict).__name__} has none. Pass a JAX function or a torch module."
        )
    if not callable(predict):
        raise checks.BadInput(f"`predict` must be a function from inputs to logits; got {checks.shown(predict)}.")
    n, logits = len(inputs), jax.eval_shape(predict, jax.ShapeDtypeStruct(inputs.shape, inputs.dtype))
    shape: tuple[int, ...] = getattr(logits, "shape", ())
    if len(shape) != 2 or shape[0] != n or shape[1] < 2 or not jnp.issubdtype(logits.dtype, jnp.floating):
        raise checks.BadInput(
            f"`predict` must return logits of shape ({n}, class), with at least 2 classes, as floats; got {logits}."
        )
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((predict, inputs))):
        return
    places = tried(n)
    found = _alone_and_together(predict, inputs[places])
    if not any(isinstance(one, jax.core.Tracer) for one in found):  # As where `predict` closes over something traced.
        check_logits(*(np.asarray(one, np.float32) for one in found))


def tried(n: int) -> np.ndarray:
    """Return the indices of the samples, of `n`, with which a network is tried."""
    return np.unique(np.linspace(0, n - 1, LOOKED_AT).round().astype(int))


def check_logits(alone: Float[np.ndarray, "sample class"], together: Float[np.ndarray, "sample class"]) -> None:
    """Raise `BadInput` if logits are probabilities, or differ between samples alone and in a batch."""
    _check_are_logits(together)
    _check_is_inference(alone, together)


def _array(values: Any, kind: Any = None) -> np.ndarray | None:
    """Return `values` as an array; None if that is impossible, as for lists of unequal lengths."""
    try:
        return np.asarray(values, kind)
    except (ValueError, TypeError):
        return None


def _check_values(values: Float[np.ndarray, "sample *input"], search: LASS | TargetedSearch) -> None:
    of_an_input = tuple(range(1, values.ndim))
    is_finite = np.isfinite(values).all(axis=of_an_input)
    if not is_finite.all():
        raise checks.BadInput(
            f"`inputs` must be finite; got NaN or infinity in {checks.some_of(~is_finite, 'samples')}. "
            "Repair or drop those."
        )
    if search.limits is None:
        return
    low, high = (np.asarray(bound, np.float32) for bound in search.limits)
    slack = BOUNDS_TOLERANCE * (high - low)
    is_outside = np.asarray(((values < low - slack) | (values > high + slack)).any(axis=of_an_input))
    if is_outside.any():
        given = "`bounds`" if search.bounds is not None else "`clip_pixels`"
        raise checks.BadInput(
            f"`inputs` must lie within {search.limits}, the range of {given} of the search; got values from "
            f"{values.min():g} to {values.max():g}, outside in {checks.some_of(is_outside, 'samples')}. "
            "Pass `LASS(bounds=(low, high))` with the range of inputs, or neither `bounds` nor `clip_pixels`."
        )


@eqx.filter_jit
def _alone_and_together(predict: Predict, inputs: Inputs) -> tuple[Array, Array]:
    return jax.lax.map(lambda one: predict(one[None])[0], inputs), predict(inputs)


def _check_are_logits(logits: Float[np.ndarray, "sample class"]) -> None:
    if (logits >= 0).all() and (np.abs(logits.sum(axis=1) - 1) < 1e-3).all():
        raise checks.BadInput(
            "`predict` must return logits; got rows that are not negative and sum to 1, as probabilities do. Their "
            "gradients vanish. Leave out the softmax, or pass `lambda inputs: jnp.log(predict(inputs))`."
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
