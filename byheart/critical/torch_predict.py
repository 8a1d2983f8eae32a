"""A torch module as the search of critical samples needs it: classes, and gradients of inputs by torch's autograd.

Only this file of the room knows torch, which is imported when it is used.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from byheart import checks
from byheart.critical.box_search import ascent_gradient, has_class
from byheart.critical.stepwise_search import Numbers, Seen, filled
from byheart.inputs import Standardizer


class TorchPredict:
    """A torch module in evaluation mode, as a function of NumPy arrays.

    Images are (sample, height, width, channel) here and (sample, channel, height, width) for the module. Gradients of
    parameters are neither computed nor changed.

    Args:
        module: the module, on any device.
        standardizer: for vectors; points are then in standard units. None for images.
    """

    def __init__(self, module: Any, standardizer: Standardizer | None) -> None:
        import torch

        self._torch, self._module, self._standardizer = torch, module, standardizer
        of = next((one for one in (*module.parameters(), *module.buffers()) if one.is_floating_point()), None)
        self._largest = 0
        self._like = torch.zeros(()) if of is None else of

    def logits(self, points: Numbers) -> Float[np.ndarray, "sample class"]:
        """Return the logits at points."""
        with self._torch.no_grad():
            return self._checked(self._module(self._given(points)), len(points)).float().cpu().numpy()

    def evaluated(self, points: Numbers, is_start: np.ndarray, predicted: np.ndarray) -> Seen:
        """Return the classes at points, and the gradient that climbs the loss of `predicted`."""
        with self._torch.enable_grad():
            given = self._given(points).requires_grad_(True)
            outputs = self._checked(self._module(given), len(points))
            logits = outputs.detach().float().cpu().numpy()
            label = logits.argmax(axis=1).astype(np.int32)
            predicted = np.where(is_start, label, predicted)
            ascent, is_finite = self._ascent(logits, predicted)
            if not outputs.requires_grad:
                raise checks.BadInput(
                    "The module's logits have no gradient in its inputs, which the search climbs. Does its forward "
                    "pass detach them, or turn gradients off?"
                )
            (gradient,) = self._torch.autograd.grad(
                outputs, given, self._torch.as_tensor(ascent).to(outputs.device, outputs.dtype)
            )
        is_crossed = is_finite & (label != predicted)
        return Seen(predicted, is_finite, is_crossed, self._back(gradient.float().cpu().numpy()))

    def _ascent(self, logits: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradient to climb with respect to logits, and whether they determine a class."""
        n, self._largest = len(logits), max(self._largest, len(logits))
        given = (filled(one, self._largest) for one in (logits, predicted.astype(np.int32)))
        ascent, is_finite = _ascent_and_class(*given)
        return np.array(ascent)[:n], np.array(is_finite)[:n]

    def _given(self, points: Numbers) -> Any:
        """Return points as the module takes them."""
        here = points if self._standardizer is None else np.array(self._standardizer.undo(jnp.asarray(points)))
        moved = np.ascontiguousarray(np.moveaxis(here, -1, 1) if here.ndim == 4 else here, np.float32)
        return self._torch.tensor(moved).to(self._like.device, self._like.dtype)

    def _back(self, gradient: np.ndarray) -> Numbers:
        """Return a gradient in the units and axes of points."""
        if self._standardizer is not None:
            return gradient * np.asarray(self._standardizer.deviation)
        return np.moveaxis(gradient, 1, -1) if gradient.ndim == 4 else gradient

    def _checked(self, outputs: Any, n: int) -> Any:
        shape = tuple(getattr(outputs, "shape", ()))
        if not isinstance(outputs, self._torch.Tensor) or len(shape) != 2 or shape[0] != n or shape[1] < 2:
            came = f"the shape {shape}" if shape else type(outputs).__name__
            raise checks.BadInput(
                f"The module must return one tensor of logits of shape ({n}, class), with at least 2 classes; got "
                f"{came}. Wrap it in a module that returns the logits alone."
            )
        return outputs


@jax.jit
def _ascent_and_class(logits: Array, predicted: Array) -> tuple[Array, Array]:
    return ascent_gradient(logits, predicted), has_class(logits)


@contextlib.contextmanager
def in_evaluation(module: Any) -> Iterator[None]:
    """Put all parts of a torch module into evaluation mode, and back at the end, whatever happens."""
    before = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, was_training in before:
            part.training = was_training


def as_numbers(inputs: Any) -> Any:
    """Return the numbers of a torch tensor as a NumPy array; anything else as it is."""
    return inputs.detach().cpu().numpy() if hasattr(inputs, "detach") and hasattr(inputs, "cpu") else inputs
