"""An encoder that is named by text: it turns pictures, vectors or texts into a vector each, by torch."""

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32, Num

from byheart import checks, literals
from byheart.torch_bridge.installed import torch_module
from byheart.torch_bridge.network import LAYOUTS

PREFIX = "torch:"
ALONE = 8
"""Number of examples that are encoded together and alone, to see whether a vector depends on the others."""
LARGEST_DIFFERENCE = 0.01
"""Largest difference between both, as a share of the range of the vectors; rounding is far below."""

Batch = Num[np.ndarray, "example *input"] | Sequence[str]


class Encoder:
    """A function from a batch of examples to a vector for each, without gradients and in evaluation mode.

    Images are (example, height, width, channel) here, in [0, 1], and (example, channel, height, width) for the encoder,
    unless the layout is "NHWC"; it normalizes them itself. They come as a float32 tensor on the device, and in the
    precision, of its first parameter; so do vectors. Texts come as a list.

    Args:
        written: `torch:my_module:encoder()`: a call that returns a torch module, or a function of a batch.
        layout: axes of the images that it takes.

    Raises:
        BadInput: torch is not installed, the call fails, or it returns nothing that can be called.
    """

    def __init__(self, written: str, layout: str = "NCHW") -> None:
        if not written.startswith(PREFIX):
            raise checks.BadInput(f"An encoder is written like torch:my_module:encoder(); got {written!r}.")
        self._torch = torch_module()  # Before the user's module fails to import it.
        self._written = written
        self._is_first = checks.known("layout", layout, LAYOUTS) == "NCHW"
        found = literals.called(written.removeprefix(PREFIX))
        if not callable(found):
            raise checks.BadInput(
                f"{written} must return a torch module or a function of a batch; got {type(found).__name__}."
            )
        self._function = found
        self._like = self._torch.zeros(())
        if isinstance(found, self._torch.nn.Module):
            found.eval()
            numbers = (*found.parameters(), *found.buffers())
            self._like = next((one for one in numbers if one.is_floating_point()), self._like)

    def __call__(self, batch: Batch) -> Float32[np.ndarray, "example feature"]:
        """Return the vectors of a batch.

        Raises:
            BadInput: the encoder fails, or returns something other than a vector for each example.
        """
        given = self._given(batch)
        with self._torch.no_grad():
            try:
                found = self._function(given)
            except checks.BadInput:
                raise
            except Exception as problem:
                raise checks.BadInput(
                    f"{self._written} fails for {_in_words(given)}: {type(problem).__name__}: {problem}"
                ) from problem
            return self._checked(found, len(batch))

    def checked_first(self, examples: Batch) -> Float32[np.ndarray, "first feature"]:
        """Return the vectors of the first examples, after checking that each is the same alone.

        Raises:
            BadInput: a vector depends on the other examples, or on chance.
        """
        together = self(examples[:ALONE])
        alone = self(examples[:1])
        if differ(alone, together[:1], together):
            raise checks.BadInput(
                f"{self._written} gives an example another vector alone than among {len(together)}. Is a part of it in "
                "training mode? A function must put its modules into evaluation mode itself (`module.eval()`)."
            )
        return together

    def _given(self, batch: Batch) -> Any:
        """Return a batch as the encoder takes it."""
        if not isinstance(batch, np.ndarray):
            return [str(text) for text in batch]
        numbers = np.asarray(batch, np.float32)
        if batch.ndim == 4:
            if batch.dtype == np.uint8:
                numbers = numbers / np.float32(255)
            numbers = np.moveaxis(numbers, -1, 1) if self._is_first else numbers
        tensor = self._torch.tensor(np.ascontiguousarray(numbers))
        return tensor.to(self._like.device, self._like.dtype)

    def _checked(self, found: Any, n: int) -> Float32[np.ndarray, "example feature"]:
        kind = type(found).__name__
        if isinstance(found, self._torch.Tensor):
            found = found.detach().to("cpu")
            found = (found.float() if found.is_floating_point() else found).numpy()
        with contextlib.suppress(TypeError, ValueError):
            found = np.asarray(found)
        shape: tuple[int, ...] = getattr(found, "shape", ())
        is_array = isinstance(found, np.ndarray) and found.dtype.kind in "biuf"
        if not is_array or len(shape) != 2 or shape[0] != n or shape[1] == 0:
            came = f"the shape {tuple(shape)}" if is_array else kind
            flat = " Flatten or average the other axes." if is_array and len(shape) > 2 else ""
            raise checks.BadInput(f"{self._written} must return a tensor of shape ({n}, feature); got {came}.{flat}")
        with np.errstate(over="ignore"):
            return np.asarray(found, np.float32)


def differ(
    one: Float32[np.ndarray, "example feature"],
    other: Float32[np.ndarray, "example feature"],
    of: Float32[np.ndarray, "_ feature"],
) -> bool:
    """Return whether vectors differ by more than rounding: 1 % of the range of the vectors `of`, beyond NaN in both."""
    if one.shape != other.shape:
        return True
    largest = LARGEST_DIFFERENCE * np.ptp(np.nan_to_num(of))
    return not np.allclose(one, other, rtol=0, atol=float(largest) + 1e-12, equal_nan=True)


def _in_words(given: Any) -> str:
    return f"{len(given)} texts" if isinstance(given, list) else f"a tensor of shape {tuple(given.shape)}"
