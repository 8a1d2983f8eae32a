"""Mean pooling of images."""

from byheart.checks import BadInput, count
from byheart.data.dataset import Dataset
from byheart.inputs import image_shape


def mean_pooled(dataset: Dataset, side: int) -> Dataset:
    """Return smaller images: each pixel is the mean of a tile of `side` x `side` pixels.

    Args:
        dataset: images whose height and width are multiples of `side`.
        side: size of a tile in pixels; 1 changes nothing.

    Raises:
        BadInput: `side` does not divide height and width, or the inputs are vectors.

    >>> import numpy as np
    >>> data = Dataset(np.array([[[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]]]), np.array([0, 1]))
    >>> mean_pooled(data, 2).inputs.ravel().tolist()
    [0.25, 1.0]
    """
    count("side", side)
    height, width, channels = image_shape("`mean_pooled`", dataset.input_shape)
    if height % side or width % side:
        raise BadInput(f"`side` must divide the size of the images, {height} x {width}; got {side}.")
    if side == 1:
        return dataset
    tiles = dataset.inputs.reshape(-1, height // side, side, width // side, side, channels)
    return dataset.with_inputs(tiles.mean((2, 4)))
