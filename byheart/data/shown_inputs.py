"""The inputs that pages show: those of the data, or those of the source if networks see an embedding of it."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from byheart.data.dataset import Dataset
from byheart.data.legend import Legend
from byheart.inputs import InputShape, are_images


def shown_shape(data: Dataset) -> InputShape:
    """Return the shape of one input as it is shown."""
    own = (data.legend or Legend()).inputs
    return data.input_shape if own is None else own.shape[1:]


def shows_pictures(data: Dataset) -> bool:
    """Return whether examples are shown as pictures: the data, or their source, are images.

    >>> source = np.zeros((2, 1, 1, 1), np.uint8)
    >>> shows_pictures(Dataset([[1.0], [2.0]], [0, 1], legend=Legend(inputs=source)))
    True
    """
    return are_images(shown_shape(data))


def shown_inputs(data: Dataset, places: Int[np.ndarray, " chosen"]) -> Float[np.ndarray, "chosen *input"]:
    """Return the inputs to show for examples: images in [0, 1], or vectors.

    Args:
        data: the examples.
        places: (chosen,) positions in `data`.
    """
    own = (data.legend or Legend()).inputs
    if own is None:
        return data.inputs[places]
    chosen: npt.NDArray[np.generic] = own[data.index[places]]
    scale = 255 if own.ndim > 2 and own.dtype == np.uint8 else 1
    return np.asarray(chosen, np.float32) / np.float32(scale)
