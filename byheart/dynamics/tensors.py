"""NumPy arrays from tensors of any library, which are recognized by what they offer; no such library is imported."""

from typing import Any

import numpy as np
import numpy.typing as npt

from byheart import checks


def as_numpy(name: str, value: Any) -> npt.NDArray[Any]:
    """Return a tensor, an array or nested sequences as a NumPy array; bfloat16 becomes float32.

    Tensors of PyTorch are detached and copied from their device; those of JAX and TensorFlow convert themselves; others
    offer DLPack. The result may share memory with `value`.

    Args:
        name: name of the argument, for messages.
        value: the tensor.

    Raises:
        BadInput: a value that cannot be converted, or one traced by `jax.jit`.
    """
    if value is None or isinstance(value, str | bytes | dict | set):
        raise checks.BadInput(f"`{name}` must be an array; got {checks.shown(value)}.")
    try:
        array = _converted(value)
    except (TypeError, ValueError, RuntimeError, BufferError, NotImplementedError) as problem:
        what = checks.shown(value)
        if what.startswith("a traced value"):
            raise checks.BadInput(
                f"`{name}` must be known; got {what}. Return it from the compiled function, and pass the result."
            ) from None
        raise checks.BadInput(
            f"`{name}` must be an array; {type(value).__name__} cannot be converted: {problem}"
        ) from None
    is_reduced_float = array.dtype.kind == "V" and np.can_cast(array.dtype, np.float32)
    return array.astype(np.float32) if is_reduced_float else array


def _converted(value: Any) -> npt.NDArray[Any]:
    if hasattr(value, "detach"):
        value = value.detach()
        value = value.cpu() if hasattr(value, "cpu") else value
        try:
            return np.asarray(value)
        except TypeError:  # NumPy has no bfloat16.
            return np.asarray(value.float())
    if not hasattr(value, "__array__") and hasattr(value, "__dlpack__"):
        return np.from_dlpack(value)
    return np.asarray(value)
