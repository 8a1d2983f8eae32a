"""Critical samples (section 4.1 of the paper): x is critical if its box of radius r holds a point of another class.

    argmax_i f_i(x) != argmax_j f_j(x_hat)   for some x_hat with ||x - x_hat||_inf <= r                          (Eq. 1)

The critical sample ratio (CSR) is the share of critical samples. A search can miss some but never invents any, so the
ratio is a lower bound.
"""

import dataclasses
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks
from byheart.critical.argument_checks import (
    check_logits,
    check_network,
    check_standardizer,
    checked_inputs,
    checked_radius,
    tried,
)
from byheart.critical.box_search import radius_of
from byheart.critical.lass import LASS
from byheart.critical.radius import Length
from byheart.critical.targeted_search import TargetedSearch
from byheart.inputs import Inputs, InStandardUnits, Standardizer, over_inputs
from byheart.jax_settings import usual_promotion
from byheart.keys import KeyLike, one_key
from byheart.networks.blocks import block_for, in_blocks
from byheart.networks.network import Predict
from byheart.protocols import is_torch_module

NumPyInputs = Float[np.ndarray, "sample *input"]
Radius = float | Length | Float[Array, ""] | Float[Array | np.ndarray, " sample"]
"""One radius for all samples, or one for each, in input units for images and standard deviations for vectors."""

BOX_TOLERANCE = 2 * float(jnp.finfo(jnp.float32).eps)
"""Distance, relative to |x| + r, by which float32 rounding of x +- r may put a point outside its box."""


class CriticalSamples(eqx.Module):
    """The result of a search for critical samples.

    Attributes:
        is_critical: (sample,), True if a point of another predicted class was found and confirmed by a second
            evaluation.
        critical_point: (sample, *input), the first such point; the sample itself if none was found.
        steps: (sample,), gradient steps taken, restarts included.
        is_finite: (sample,), False if logits at the sample or on the way determined no class, since one was NaN or plus
            infinity, or all were minus infinity; such samples are not critical. Minus infinity that masks some of the
            classes counts as finite.
    """

    is_critical: Bool[Array, " sample"]
    critical_point: Inputs
    steps: Int[Array, " sample"]
    is_finite: Bool[Array, " sample"]

    @property
    def ratio(self) -> Float[Array, ""]:
        """The critical sample ratio, in [0, 1]; NaN if `is_finite` is False for any sample."""
        return jnp.where(self.is_finite.all(), self.is_critical.mean(), jnp.nan)


@usual_promotion()
def critical_samples(
    predict: Predict | Any,
    inputs: Inputs | NumPyInputs | Any,
    *,
    radius: Radius,
    search: LASS | TargetedSearch = LASS(),
    key: KeyLike,
    lanes: int | None = None,
    standardizer: Standardizer | None = None,
    starts: Inputs | NumPyInputs | None = None,
) -> CriticalSamples:
    """Search the box of `radius` around each input for a point that `predict` puts into another class.

    The reference is the class predicted at the input itself; true labels play no part. Samples share `lanes`: when one
    is found or has spent its budget, the next takes its lane, so samples already found cost nothing more. The noise of
    a sample depends on `key` and its index alone, so neither lanes nor other samples change its search.

    Args:
        predict: any differentiable function from a batch of inputs to logits (batch, class), in inference mode. An
            Equinox module is compiled once for all its values; a new lambda is compiled anew. A class whose logit is
            minus infinity is never predicted. Or a torch module: it is put into evaluation mode meanwhile, and torch
            computes its gradients in its inputs, on its device.
        inputs: images (sample, height, width, channel) of floats, usually in [0, 1], or vectors (sample, feature), as
            an array or in lists; searched in float32. For a torch module, tensors or arrays as it takes them: images
            are (sample, channel, height, width), and so are the points found.
        radius: r as one number or as (sample,), in input units for images and in standard deviations of each feature
            for vectors. `Pixels(0.3)` is the paper's 0.3 on the 0-255 scale; `StandardDeviations(0.1)` says the unit.
        search: settings of the search: `LASS`, the paper's, or `TargetedSearch`, which finds more and takes longer;
            LASS for torch modules.
        key: random key of the noise, of either type of JAX (`byheart.keys.one_key`).
        lanes: number of samples searched at the same time; None takes `default_lanes`.
        standardizer: for vectors, that of the training data, `split.training.standardizer`; None for images. A feature
            that is constant in the training data stays where it is.
        starts: for `TargetedSearch`, one more point for each sample to start from, such as the corners of
            `certified_samples`; of the shape of `inputs`, in standard deviations for vectors.

    Returns:
        Which samples are critical, with the points found.

    Raises:
        BadInput: radius not above 0 or in a unit of other inputs, less than one lane, no input, or inputs or logits of
            a wrong shape or type; NaN or infinity, or pixels outside the bounds of the search; vectors without a
            standardizer; a network that returns probabilities, or whose
            logits of a sample depend on its batch or on chance, as in training mode. Of traced arguments, inside `jit`
            or a probe, only shapes and types are checked.

    Cost: for each input at most (budget + 1)(restarts + 1) forward and input-backward passes of `predict`, and a
    forward pass to confirm; two forward passes of a few inputs to try `predict`. Memory: `lanes` such passes, and twice
    the inputs.
    """
    key = one_key(key)
    if is_torch_module(predict):
        if not isinstance(search, LASS) or starts is not None:
            raise checks.BadInput(
                f"A torch module is searched by LASS, without `starts`; got {search!r}. Convert it by `from_torch` for "
                "other searches."
            )
        return _of_torch_module(predict, inputs, radius, search, key, lanes, standardizer)
    inputs = checked_inputs(inputs, search)
    check_standardizer(standardizer, inputs.shape[1:])
    radius = checked_radius(radius, inputs.shape[0], inputs.shape[1:])
    lanes = default_lanes(inputs.shape[1:]) if lanes is None else checks.count("lanes", lanes)
    check_network(predict, inputs)
    starts = _checked_starts(starts, inputs, search)
    if standardizer is None:
        return _search(predict, inputs, radius, search, key, lanes, starts)
    within = InStandardUnits(predict, standardizer)
    found = _search(within, standardizer(inputs), radius, search, key, lanes, starts)
    return dataclasses.replace(found, critical_point=standardizer.moved(inputs, found.critical_point))


def default_lanes(input_shape: tuple[int, ...]) -> int:
    """Return the default number of samples searched at the same time.

    On a CPU it is what was fastest for the MLP and for the CNN (docs/choices.md), on other devices 1,024.
    """
    if jax.default_backend() != "cpu":
        return 1024
    return 128 if math.prod(input_shape) <= 1024 else 32


def _checked_starts(starts: Any, inputs: Inputs, search: LASS | TargetedSearch) -> Inputs | None:
    if starts is None:
        return None
    if not search.takes_starts:
        raise checks.BadInput(f"`starts` must be None with {search!r}, which starts at the samples.")
    if np.shape(starts) != inputs.shape:
        raise checks.BadInput(f"`starts` must have the shape of `inputs`, {inputs.shape}; got {np.shape(starts)}.")
    return jnp.asarray(starts, jnp.float32)


def _of_torch_module(
    module: Any, inputs: Any, radius: Any, search: LASS, key: Key[Array, ""], lanes: int | None, standardizer: Any
) -> CriticalSamples:
    """Return the critical samples of a torch module, by the same search with torch's gradients."""
    from byheart.critical.torch_predict import TorchPredict, as_numbers, in_evaluation

    given = as_numbers(inputs)
    are_maps = getattr(given, "ndim", 0) == 4
    images = np.array(checked_inputs(np.moveaxis(given, 1, -1) if are_maps else given, search))
    shape = images.shape[1:]
    check_standardizer(standardizer, shape)
    radius = np.array(checked_radius(as_numbers(radius), len(images), shape))
    lanes = default_lanes(shape) if lanes is None else checks.count("lanes", lanes)
    predict = TorchPredict(module, standardizer)
    points = images if standardizer is None else np.array(standardizer(jnp.asarray(images)))
    with in_evaluation(module):
        places = points[tried(len(points))]
        check_logits(np.concatenate([predict.logits(one[None]) for one in places]), predict.logits(places))
        found = search.stop.search_stepwise(search, predict.evaluated, points, radius, key, lanes)
        crossed = np.flatnonzero(found.is_crossed)
        is_critical = np.zeros(len(points), bool)
        for at in np.split(crossed, range(lanes, len(crossed), lanes)) if len(crossed) else []:
            center, point = points[at], np.asarray(found.point)[at]
            differs = predict.logits(center).argmax(axis=1) != predict.logits(point).argmax(axis=1)
            r = np.broadcast_to(radius, len(points))[at].reshape(-1, *[1] * len(shape))
            is_critical[at] = differs & _is_in_box(center, point, r)
    point = np.where(is_critical.reshape(-1, *[1] * len(shape)), found.point, points)
    if standardizer is not None:
        point = np.array(standardizer.moved(jnp.asarray(images), jnp.asarray(point)))
    return CriticalSamples(
        jnp.asarray(is_critical),
        jnp.asarray(np.moveaxis(point, -1, 1) if are_maps else point),
        found.steps,
        found.is_finite,
    )


def _is_in_box(center: Any, point: Any, radius: Any) -> Any:
    """Return whether points lie in their boxes, up to float rounding."""
    tolerance = BOX_TOLERANCE * (abs(center) + radius)
    return (abs(point - center) <= radius + tolerance).all(axis=tuple(range(1, center.ndim)))


@eqx.filter_jit
def _search(
    predict: Predict,
    inputs: Inputs,
    radius: Float[Array, ""] | Float[Array, " sample"],
    search: LASS | TargetedSearch,
    key: Key[Array, ""],
    lanes: int,
    starts: Inputs | None,
) -> CriticalSamples:
    found = search.run(predict, inputs, radius, key, lanes, starts)
    is_critical = found.is_crossed & _is_still_crossed(predict, inputs, found.point, radius)
    point = jnp.where(over_inputs(is_critical, inputs), found.point, inputs)
    return CriticalSamples(is_critical, point, found.steps, found.is_finite)


def _is_still_crossed(
    predict: Predict, inputs: Inputs, points: Inputs, radius: Float[Array, ""] | Float[Array, " sample"]
) -> Bool[Array, " sample"]:
    """Return whether, evaluated again, classes differ and the point lies in its box (up to float rounding)."""

    def one_block(indices: Int[Array, " block"]) -> Bool[Array, " block"]:
        center, point, r = inputs[indices], points[indices], radius_of(indices, radius, inputs)
        differs = predict(center).argmax(axis=1) != predict(point).argmax(axis=1)
        return differs & _is_in_box(center, point, r)

    return in_blocks(one_block, inputs.shape[0], block_for(predict, inputs.shape[1:]))
