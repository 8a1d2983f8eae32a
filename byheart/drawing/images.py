"""Panels of small images side by side."""

from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from byheart.drawing.text import drawable

Picture = Float[np.ndarray, "row column channel"]
"""An image in [0, 1]; three channels are colors, and the mean of any other number of channels is drawn."""
LONGEST_NAME = 8
"""Most letters of a name above a column; longer names would overlap."""
LINE = 1.35
"""Height of a line of words, relative to the height of letters."""
_SPACES = {"bold": 0.5, "normal": 0.25}
"""Smallest space between names, which are bold, and between words below pictures, relative to the height of letters."""


def image_grid(axis: Axes, columns: Sequence[tuple[str, Sequence[tuple[Picture, str]]]]) -> None:
    """Draw named columns of pictures, each with a few words below it.

    Where the columns would be narrower than their names, some of them are drawn below the others.

    Args:
        axis: the axes to draw on.
        columns: for each column its name, of at most `LONGEST_NAME` letters, and its pictures with their words.
    """
    axis.set_axis_off()
    size = matplotlib.rcParams["figure.labelsize"]
    rows_of_columns = max(1, -(-len(columns) // _most_columns(axis, columns, size)))
    side_by_side = max(1, -(-len(columns) // rows_of_columns))
    row_height = 0.98 + LINE * size / 72 * side_by_side / _width_of(axis)
    height = row_height * max((len(pictures) for _, pictures in columns), default=1) + 0.5
    for place, (name, pictures) in enumerate(columns):
        row_of_columns, x = divmod(place, side_by_side)
        top = height * row_of_columns
        axis.text(x + 0.45, top - 0.12, name, ha="center", va="bottom", fontsize=size, fontweight="bold")
        for row, (picture, words) in enumerate(pictures):
            y = top + row_height * row
            _draw(axis, picture, (x, x + 0.9, y + 0.9, y), cmap="gray_r", vmin=0, vmax=1)
            axis.text(x + 0.45, y + 0.93, words, ha="center", va="top", fontsize=size)
    axis.set_xlim(-0.05, side_by_side)
    axis.set_ylim(height * rows_of_columns - 0.5, -0.5)
    axis.set_aspect("equal")


def filter_grid(axis: Axes, filters: Float[np.ndarray, "filter row column channel"]) -> None:
    """Draw filters in a square, each on its own scale.

    A filter of three channels is drawn in colors, any other from blue (most negative) over white (0) to red.
    """
    axis.set_axis_off()
    side = max(1, int(np.ceil(np.sqrt(len(filters)))))
    for place, weights in enumerate(filters):
        row, column = divmod(place, side)
        largest = np.abs(weights).max() or 1.0
        extent = (column, column + 0.92, row + 0.92, row)
        if weights.shape[-1] == 3:
            _draw(axis, 0.5 + 0.5 * weights / largest, extent)
        else:
            _draw(axis, weights, extent, cmap="RdBu_r", vmin=-largest, vmax=largest)
    axis.set_xlim(0, side)
    axis.set_ylim(side, 0)
    axis.set_aspect("equal")


def _most_columns(axis: Axes, columns: Sequence[tuple[str, Sequence[tuple[Picture, str]]]], size: float) -> int:
    """Return how many columns are wide enough for their names and words in letters of a `size` in points."""
    canvas = axis.figure
    assert isinstance(canvas, Canvas)
    longest = max((words for _, pictures in columns for _, words in pictures), key=len, default="")
    text = axis.text(0, 0, "", fontsize=size)
    widths = [_SPACES["bold"] * size / 72]
    for words, weight in ((longest, "normal"), *((name, "bold") for name, _ in columns)):
        text.set(text=drawable(words), fontweight=weight)
        widths.append(text.get_window_extent().width / canvas.dpi + _SPACES[weight] * size / 72)
    text.remove()
    return max(1, int(_width_of(axis) / max(widths)))


def _width_of(axis: Axes) -> float:
    """Return the width in inches of the part of the canvas that the axes may fill."""
    place, canvas = axis.get_subplotspec(), axis.figure
    assert isinstance(canvas, Canvas)
    return canvas.get_figwidth() / (1 if place is None else place.get_gridspec().ncols)


def _draw(axis: Axes, picture: Picture, extent: tuple[float, float, float, float], **scale: Any) -> None:
    shown = picture if picture.shape[-1] == 3 else picture.mean(axis=-1)
    axis.imshow(shown, extent=extent, interpolation="nearest", **scale)
