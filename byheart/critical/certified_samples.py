"""Certified samples: images whose predicted class provably does not change within a box.

A certified sample is not critical, so the share of samples that are not certified is an upper bound of the critical
sample ratio. The proof is by CROWN (`crown`), and includes the rounding of the network's forward pass in float32.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from byheart import checks
from byheart.critical.argument_checks import check_standardizer, checked_inputs, checked_radius
from byheart.critical.bounds import Bound
from byheart.critical.critical_samples import BOX_TOLERANCE, NumPyInputs, Radius
from byheart.critical.crown import MarginBounds, margins, relax
from byheart.critical.lass import LASS
from byheart.inputs import Inputs, InputShape, InStandardUnits, Standardizer
from byheart.jax_settings import usual_promotion
from byheart.networks.affine import in_units
from byheart.networks.blocks import block_for, in_blocks, largest_bytes
from byheart.networks.network import Architecture, HasOwnLogits, Predict
from byheart.networks.steps import Bounds, HasSteps, Step
from byheart.progress_bar import bar_of

BLOCK_BYTES = 2**28
"""Bytes of coefficients that are propagated at the same time."""
MOST_IMAGES = 16
"""Most images whose bounds are computed at the same time."""
MOST_UNITS = 32
"""Most hidden units whose bounds are computed at the same time for an image; more would often be too many."""
ROUNDED_RADIUS = 1 + 2.0**-20
"""Factor by which float32 rounding may widen the box in which a search confirms its points."""

PROBED = 16
"""Number of samples that are certified first, to see whether certification can succeed at a radius."""


class CertifiedSamples(eqx.Module):
    """The result of certification.

    Attributes:
        is_certified: (sample,), True if the predicted class provably does not change in the box.
        margin: (sample,), lower bound over the box of the smallest difference between the logit of the predicted class
            and another; minus infinity if the network may overflow. A sample is certified if it is above 0. Margins of
            certified samples are loose unless they were asked to be tight.
        predicted: (sample,), the class predicted at the sample.
        corner: (sample, *input), the corner of the box where the linear bound of the smallest margin is attained: a
            place to start a search. For vectors it is in standard deviations.
    """

    is_certified: Bool[np.ndarray, " sample"]
    margin: Float[np.ndarray, " sample"]
    predicted: Int[np.ndarray, " sample"]
    corner: Float[np.ndarray, "sample *input"]

    @property
    def upper_ratio(self) -> float:
        """The share of samples that are not certified, in [0, 1]: an upper bound of the critical sample ratio."""
        return float(1 - self.is_certified.mean())


@usual_promotion()
def certified_samples(
    network: HasSteps,
    inputs: Inputs | NumPyInputs,
    *,
    radius: Radius,
    bounds: tuple[Bound, Bound] | None = None,
    standardizer: Standardizer | None = None,
    tight: bool = False,
    show_progress: bool = True,
) -> CertifiedSamples:
    """Prove for samples that no point in the box of `radius` around them is predicted as another class.

    Each step of the network is bounded by linear functions, from the logits back to the inputs (CROWN: Zhang et al.,
    2018; the lower line of an undecided ReLU has slope 0 or 1). Bounds of hidden units come from interval arithmetic
    first. Where these are too wide to certify a sample, they come from the same method, intersected with intervals. A
    sample that is not certified may still have no other class in its box.

    The proof covers what a float32 forward pass returns, in any order of summation. Each sum of n products is taken to
    be off by gamma_n = n u / (1 - n u) times the sum of their absolute values, u = 2^-24, and the box is as much wider
    as rounding can move a point of a search. So `critical_samples` finds nothing at a certified sample.

    Args:
        network: a built `MLP` or `CNN`, a converted torch module of such layers, or a network of yours with a method
            `steps` as theirs.
        inputs: images (sample, height, width, channel) or vectors (sample, feature), as for `critical_samples`.
        radius: r, as for `critical_samples`.
        bounds: (low, high) of inputs, as `LASS(bounds=...)`: points outside do not count. None: all points of the box.
        standardizer: for vectors, that of the training data; None for images.
        tight: bound hidden units of all samples by linear functions, for margins as high as byheart can prove.
        show_progress: show a bar in a terminal or a notebook.

    Returns:
        Which samples are certified, with lower bounds of margins.

    Raises:
        BadInput: a network whose steps are not known or not in float32; traced inputs; inputs, radius, bounds or
            standardizer as for `critical_samples`.

    Cost: for each input a backward pass through the network for each class. For each input that this does not certify,
        two more for each hidden unit after the first layer that interval arithmetic leaves undecided, in float64: for
        an MLP of widths m, m and d inputs at most 2 m^2 (m + d) multiplications, and fewer the smaller the radius.
        Memory: at most about `BLOCK_BYTES`. Samples go through two programs in blocks of `MOST_IMAGES`, whatever their
        number.
    """
    network = checked_steps(network)
    inputs = checked_inputs(inputs, LASS(bounds=bounds))
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((network, inputs))):
        raise checks.BadInput("`network` and `inputs` must be numbers; got traced ones. Call this outside `jit`.")
    check_standardizer(standardizer, inputs.shape[1:])
    radii = np.broadcast_to(np.asarray(checked_radius(radius, len(inputs), inputs.shape[1:])), len(inputs))
    predict: Predict = network
    if standardizer is not None:
        inputs, predict = standardizer(inputs), InStandardUnits(network, standardizer)
    is_deep = _has_hidden_bounds(network, inputs.shape[1:])  # Before any work: steps may be refused.
    predicted = _predicted(predict, inputs)
    images, units = _blocks(predict, inputs.shape[1:])
    margin, corner = np.full(len(inputs), -np.inf), np.empty(inputs.shape, np.float32)

    def prove(rows: Int[np.ndarray, " some"], unit_block: int | None) -> None:
        """Bound the margins of a block of samples; the last one stands for those that it lacks."""
        some = rows[np.minimum(np.arange(images), len(rows) - 1)]
        low, high = _boxes(np.asarray(inputs[some], float), np.asarray(radii[some], float), bounds)
        with jax.enable_x64(True):
            boxes = Bounds(jnp.asarray(low), jnp.asarray(high))
            found, corner[some] = _margins(network, standardizer, boxes, predicted[some], unit_block)
        margin[some] = np.maximum(margin[some], found)

    with bar_of("certifying", len(inputs), " samples", show_progress) as add:
        left = np.arange(len(inputs))
        if is_deep:
            for block in _split(left, images):
                prove(block, None)
                add(0 if tight else int((margin[block] > 0).sum()))
            left = left if tight else np.flatnonzero(~(margin > 0))
        for block in _split(left, images):
            prove(block, units)
            add(len(block))
    return CertifiedSamples(margin > 0, margin, np.asarray(predicted), corner)


def certified_if_any(
    network: HasSteps,
    inputs: Inputs | NumPyInputs,
    *,
    radius: Radius,
    bounds: tuple[Bound, Bound] | None = None,
    standardizer: Standardizer | None = None,
    show_progress: bool = True,
) -> CertifiedSamples | None:
    """Return `certified_samples`, or None if none of `PROBED` samples, spread over the inputs, can be certified."""
    n = len(inputs)
    rows = np.linspace(0, n - 1, PROBED).round().astype(int)
    how: dict[str, Any] = {"bounds": bounds, "standardizer": standardizer, "show_progress": show_progress}
    if n > PROBED:
        some: Any = radius if np.ndim(radius) == 0 else np.asarray(radius)[rows]  # type: ignore[arg-type]
        if not certified_samples(network, inputs[rows], radius=some, **how).is_certified.any():
            return None
    return certified_samples(network, inputs, radius=radius, **how)


def bounds_of_one(network: Any, input_shape: InputShape, standardizer: Standardizer | None) -> MarginBounds:
    """Return the bounds of one blank input in float32: the operations of one certificate, for estimates of cost."""
    blank, all_units = jnp.zeros(input_shape), 2**31
    return margins(relax(_steps(network, standardizer, input_shape), Bounds(blank, blank), all_units), jnp.array(0))


def checked_steps(network: Any) -> HasSteps:
    """Return a network whose outputs can be bounded.

    Raises:
        BadInput: its steps are not known, or not in float32.
    """
    if not isinstance(network, HasSteps):
        raise checks.BadInput(
            "`network` must be a built MLP or CNN of byheart, or a callable with a method `steps` that returns its "
            f"affine maps, ReLUs and max poolings (byheart.networks.affine and steps); got {checks.shown(network)}."
        )
    kinds = {str(leaf.dtype) for leaf in jax.tree.leaves(network) if eqx.is_inexact_array(leaf)}
    if kinds - {"float32"}:
        raise checks.BadInput(
            f"`network` must have float32 parameters, whose rounding the proof covers; got {sorted(kinds)}."
        )
    return network


def check_can_be_certified(setting: str, architecture: Architecture, input_shape: InputShape) -> None:
    """Raise `BadInput` if networks of an architecture that fits the inputs have no known bounds.

    Args:
        setting: the name of the setting that asks for bounds, for the message.
        architecture: of the networks.
        input_shape: of the inputs.
    """
    try:
        architecture.check(input_shape)
    except checks.BadInput:
        return  # The check of the recipe says so.
    n_logits = architecture.n_logits(input_shape) if isinstance(architecture, HasOwnLogits) else 2

    def steps(key: Key[Array, ""]) -> tuple[Step, ...] | None:
        network = architecture.build(input_shape, n_logits, key)
        return network.steps(input_shape) if isinstance(network, HasSteps) else None

    if eqx.filter_eval_shape(steps, jax.random.key(0)) is None:
        raise checks.BadInput(
            f"`{setting}` needs networks whose outputs can be bounded: byheart's MLP or CNN, or networks with a method "
            f"`steps` as theirs; got {architecture!r}. Leave it out, or choose another architecture."
        )


def _boxes(
    centers: Float[np.ndarray, "sample *input"],
    radii: Float[np.ndarray, " sample"],
    bounds: tuple[Bound, Bound] | None,
) -> tuple[Float[np.ndarray, "sample *input"], Float[np.ndarray, "sample *input"]]:
    """Return the lowest and the highest inputs that a search may call a point of the box, in float64."""
    r = radii.reshape(-1, *[1] * (centers.ndim - 1))
    reach = (r + BOX_TOLERANCE * (np.abs(centers) + r)) * ROUNDED_RADIUS
    low, high = centers - reach, centers + reach
    if bounds is None:
        return low, high
    lowest, highest = (np.asarray(bound, np.float32).astype(float) for bound in bounds)
    return np.maximum(low, np.minimum(lowest, centers)), np.minimum(high, np.maximum(highest, centers))


def _blocks(predict: Predict, input_shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the number of images, and for each the number of units, whose bounds are computed at the same time."""
    fitting = max(1, BLOCK_BYTES // (6 * largest_bytes(predict, input_shape)))
    units = min(MOST_UNITS, max(1, fitting // MOST_IMAGES))
    return min(MOST_IMAGES, fitting), units


def _split(rows: Int[np.ndarray, " some"], size: int) -> list[Int[np.ndarray, " block"]]:
    """Return blocks of at most `size` rows."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _has_hidden_bounds(network: HasSteps, input_shape: InputShape) -> bool:
    """Return whether a step that is not linear lies behind another one: only there intervals are not exact."""
    steps = eqx.filter_eval_shape(lambda: network.steps(input_shape))
    return sum(not step.is_linear for step in steps) > 1


@eqx.filter_jit
def _predicted(predict: Predict, inputs: Inputs) -> Int[Array, " sample"]:
    def one_block(indices: Int[Array, " block"]) -> Int[Array, " block"]:
        return predict(inputs[indices]).argmax(axis=1)

    return in_blocks(one_block, len(inputs), block_for(predict, inputs.shape[1:]))


@eqx.filter_jit
def _margins(
    network: HasSteps,
    standardizer: Standardizer | None,
    boxes: Bounds,
    predicted: Int[Array, " sample"],
    unit_block: int | None,
) -> tuple[Float[Array, " sample"], Float[Array, "sample *input"]]:
    """Return the smallest lower bound of a margin of each sample, and the corner where it is attained."""
    steps = jax.tree.map(_in_float64, _steps(network, standardizer, boxes.low.shape[1:]))

    def of_one(box_and_class: tuple[Bounds, Int[Array, ""]]) -> tuple[Float[Array, ""], Float[Array, "*input"]]:
        box, label = box_and_class
        found = margins(relax(steps, box, unit_block), label)
        return found.margin.min(), found.corner

    return jax.vmap(of_one)((boxes, predicted))


def _steps(network: HasSteps, standardizer: Standardizer | None, input_shape: InputShape) -> tuple[Step, ...]:
    steps = network.steps(input_shape)
    return steps if standardizer is None else (in_units(standardizer), *steps)


def _in_float64(leaf: Any) -> Any:
    return leaf.astype(jnp.float64) if eqx.is_inexact_array(leaf) else leaf
