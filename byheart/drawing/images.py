"""Panels of small images side by side."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

Picture = Float[np.ndarray, "row column channel"]
"""An image in [0, 1]; three channels are colors, and the mean of any other number of channels is drawn."""
LONGEST_NAME = 8
"""Most letters of a name above a column."""
SHORT_NAME = 3
"""Most letters of a name that stands upright; names are turned if one is longer."""
ROW = 1.5
"""Height of a row, picture and words, in pictures."""


def image_grid(axis: Axes, columns: Sequence[tuple[str, Sequence[tuple[Picture, str]]]]) -> None:
    """Draw named columns of pictures, each with a few words below it.

    Args:
        axis: the axes to draw on.
        columns: for each column its name, of at most `LONGEST_NAME` letters, and its pictures with their words.
    """
    axis.set_axis_off()
    height = max((len(pictures) for _, pictures in columns), default=1)
    is_short = all(len(name) <= SHORT_NAME for name, _ in columns)
    turned: dict[str, Any] = {} if is_short else {"rotation": 40, "rotation_mode": "anchor"}
    for x, (name, pictures) in enumerate(columns):
        place = "center" if is_short else "left"
        axis.text(x + 0.45, -0.12, name, ha=place, va="bottom", fontweight="bold", **turned)
        for row, (picture, words) in enumerate(pictures):
            y = ROW * row
            _draw(axis, picture, (x, x + 0.9, y + 0.9, y), cmap="gray_r", vmin=0, vmax=1)
            axis.text(x + 0.45, y + 0.97, words, ha="center", va="top")
    axis.set_xlim(-0.05, max(len(columns), 1))
    axis.set_ylim(ROW * height, -0.6 if is_short else -2)
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


def _draw(axis: Axes, picture: Picture, extent: tuple[float, float, float, float], **scale: Any) -> None:
    shown = picture if picture.shape[-1] == 3 else picture.mean(axis=-1)
    axis.imshow(shown, extent=extent, interpolation="nearest", **scale)
