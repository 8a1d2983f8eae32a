"""Small pictures of many examples, as sprites: one compressed picture for each hundred examples."""

import base64
import io
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int
from PIL import Image

from byheart.data.dataset import Dataset
from byheart.data.shown_inputs import shown_inputs

ACROSS, DOWN = 10, 10
"""Number of pictures in a row of a sprite, and of rows."""
LONGEST_SIDE = 128
"""Larger pictures are shrunk to this many pixels."""
QUALITY = 90
"""Quality of pictures in colors; grey ones are stored without loss."""


def sprites(data: Dataset, rows: Int[np.ndarray, " shown"]) -> Iterator[str]:
    """Yield the addresses (data:) of sprites of the examples at `rows`, 100 in each, in rows of 10, one by one.

    WebP is the smallest form that all browsers read: 154 bytes for a digit of MNIST and 440 for a picture of CIFAR-10,
    where PNG takes 168 and 2,150.

    Args:
        data: images, or an embedding of images.
        rows: (shown,), positions in `data`.
    """
    for start in range(0, len(rows), ACROSS * DOWN):
        yield address(_tiled([picture(data, row) for row in rows[start : start + ACROSS * DOWN].tolist()]))


def picture(data: Dataset, row: int) -> Image.Image:
    """Return an example: three channels as colors, the mean of any other number as grey, at most `LONGEST_SIDE`."""
    (values,) = shown_inputs(data, np.array([row]))
    has_colors = values.shape[-1] == 3
    shades = np.rint(255 * (values if has_colors else values.mean(axis=-1))).astype(np.uint8)
    found = Image.fromarray(shades)
    found.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return found


def address(whole: Image.Image) -> str:
    """Return a picture as an address that holds its bytes."""
    file = io.BytesIO()
    if whole.mode == "RGB":
        whole.save(file, "WEBP", quality=QUALITY, method=4)
    else:
        whole.save(file, "WEBP", lossless=True, quality=100, method=4)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def _tiled(pictures: list[Image.Image]) -> Image.Image:
    """Return pictures of one size in one; a sprite always has `ACROSS` times `DOWN` places."""
    width, height = pictures[0].size
    whole = Image.new(pictures[0].mode, (ACROSS * width, DOWN * height))
    for place, one in enumerate(pictures):
        whole.paste(one, (place % ACROSS * width, place // ACROSS * height))
    return whole
