"""Many pictures as one array; Pillow is imported when pictures are decoded."""

import concurrent.futures
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil

from byheart.checks import BadInput
from byheart.progress_bar import bar_of


def decode_all(
    sources: Sequence[str | bytes], size: int, show_progress: bool
) -> tuple[list[npt.NDArray[Any]], dict[int, str], set[tuple[int, int]]]:
    """Return the pixels of pictures, the problems by the position of the picture, and the sizes in the files.

    Args:
        sources: paths of files, or their bytes.
        size: width and height, in pixels.
        show_progress: show a bar in a terminal or a notebook.

    Raises:
        BadInput: `size` is too large for the memory of this machine.
    """
    _check_memory(len(sources), size, 1)
    from PIL import Image

    from byheart.data.loading.pictures.decoding import Picture, Unreadable, decoded

    def attempt(source: str | bytes) -> Picture | str:
        try:
            return decoded(source, size)
        except Unreadable as problem:
            return str(problem)

    pixels, problems, sizes, has_color = [], {}, set(), False
    with warnings.catch_warnings(), bar_of("pictures", len(sources), "pictures", show_progress) as add:
        warnings.filterwarnings("ignore", module="PIL")  # Such as about damaged EXIF.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        pool = concurrent.futures.ThreadPoolExecutor()
        try:
            for place, one in enumerate(pool.map(attempt, sources)):
                if isinstance(one, str):
                    problems[place] = one
                else:
                    if one.pixels.ndim == 3 and not has_color:
                        _check_memory(len(sources), size, 3)
                        has_color = True
                    pixels.append(one.pixels)
                    sizes.add((one.width, one.height))
                add(1)
        finally:
            pool.shutdown(cancel_futures=True)
    return pixels, problems, sizes


def _check_memory(n_pictures: int, size: int, n_channels: int) -> None:
    """Check that pictures fit into memory as numbers, which networks need."""
    needed = n_pictures * size**2 * n_channels * np.dtype(np.float32).itemsize
    total = psutil.virtual_memory().total
    if needed > total:
        raise BadInput(
            f"`size` (--size) must let {n_pictures:,} pictures fit into memory; with {size} x {size} pixels they take "
            f"{needed / 1e9:,.0f} GB, and this machine has {total / 1e9:,.0f} GB. Choose a smaller size."
        )


def stacked(pictures: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return pictures as one array (picture, height, width, channel), read-only.

    It has one channel if all pictures are grey, and is float32 in [0, 1] if any has more than 8 bits.
    """
    are_grey = all(one.ndim == 2 for one in pictures)
    are_deep = any(one.dtype != np.uint8 for one in pictures)
    shape = pictures[0].shape[:2]
    images = np.empty((len(pictures), *shape, 1 if are_grey else 3), np.float32 if are_deep else np.uint8)
    for place, one in enumerate(pictures):
        values = one / np.float32(255) if are_deep and one.dtype == np.uint8 else one
        images[place] = values if values.ndim == 3 else values[..., None]
    images.flags.writeable = False
    return images
