"""Figures as files for papers: at the width of a column, with text of 7 to 9 points, in as many columns as fit."""

import contextlib
import dataclasses
import functools
import math
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from byheart.drawing.canvas import draw_panel, make_plain
from byheart.drawing.figure import Figure
from byheart.drawing.fitting import collisions, is_narrow, limit_sizes, thin_ticks, wrap_labels
from byheart.drawing.fitting_legends import place_legends, removed_legends
from byheart.drawing.style import styled
from byheart.results import atomic_write

Format = Literal["pdf", "svg", "png"]
COLUMN = 3.25
"""Width in inches of a column of a paper with two."""
DPI = 300
LOWEST, HIGHEST = 1.0, 2.3
"""Smallest and largest height of axes with curves, in inches."""
TALLEST = 4.0
"""Largest height relative to the width, with several columns: few pictures side by side are better in one."""

SETTINGS: dict[str, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.title_fontsize": 7,
    "legend.columnspacing": 1.0,
    "legend.handletextpad": 0.5,
    "legend.labelspacing": 0.3,
    "figure.labelsize": 7,
    "lines.linewidth": 1.1,
    "axes.linewidth": 0.6,
    "axes.titlepad": 4,
    "axes.labelpad": 3,
    "grid.linewidth": 0.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "text.hinting": "no_hinting",  # Text is as wide at any resolution.
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
}
"""Settings of matplotlib that differ from those of figures on pages. Fonts are embedded as TrueType; SVG has text."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "pdf": {"metadata": {"CreationDate": None}},
    "svg": {"metadata": {"Date": None}},
    "png": {},
}


@dataclasses.dataclass(frozen=True)
class Form:
    """The form of exported figures.

    Attributes:
        formats: "pdf", "svg" or "png", one or several.
        width: in inches, of the whole figure.
        dpi: dots in an inch, for png.
    """

    formats: Sequence[Format] = ("pdf",)
    width: float = COLUMN
    dpi: int = DPI


def export(figure: Figure, directory: Path, form: Form) -> list[Path]:
    """Write a figure as NAME.pdf, NAME.svg or NAME.png; return the paths.

    It takes about a second: the figure is laid out a few times.

    Raises:
        WriteError: a file cannot be written.
    """
    paths = [directory / f"{figure.name}.{one}" for one in form.formats]
    with drawn_for_paper(figure, form.width) as canvas:
        for path, one in zip(paths, form.formats, strict=True):
            options = _OPTIONS[one] | ({"dpi": form.dpi} if one == "png" else {})
            atomic_write.write(path, functools.partial(canvas.savefig, format=one, **options))
    return paths


@contextlib.contextmanager
def drawn_for_paper(figure: Figure, width: float) -> Iterator[Canvas]:
    """Yield a canvas of a width in inches with all panels, in as many columns as fit, at most those of the figure."""
    with styled(figure.name, SETTINGS):
        for columns in _columns_to_try(figure):
            canvas, axes = _drawn(figure, width, columns)
            if _fitted(canvas, axes, columns) or columns == 1:
                break
            plt.close(canvas)
        try:
            yield canvas
        finally:
            plt.close(canvas)


def _columns_to_try(figure: Figure) -> list[int]:
    """Return numbers of columns, the largest first: that of the figure, then those that fill all rows."""
    n, most = len(figure.panels), min(figure.columns, len(figure.panels))
    return [most, *(columns for columns in range(most - 1, 0, -1) if n % columns == 0)]


def _drawn(figure: Figure, width: float, columns: int) -> tuple[Canvas, list[Axes]]:
    """Return a canvas with the panels in `columns`, laid out without legends, and the axes of the panels."""
    rows = math.ceil(len(figure.panels) / columns)
    size = (width, rows * (LOWEST + 1.5))
    canvas, grid = plt.subplots(rows, columns, figsize=size, dpi=DPI, squeeze=False, layout="constrained")
    axes = list[Axes](grid.flat)
    for axis, panel in zip(axes, figure.panels, strict=False):
        draw_panel(panel, axis)
    for axis in axes[len(figure.panels) :]:
        axis.set_axis_off()
    make_plain(canvas)
    limit_sizes(canvas)
    return canvas, axes[: len(figure.panels)]


def _fitted(canvas: Canvas, axes: Sequence[Axes], columns: int) -> bool:
    """Fit legends, height, labels and ticks to the width of a canvas; return whether all of it fits."""
    legends = removed_legends(canvas)
    _lay_out(canvas)
    if columns > 1 and is_narrow(canvas):
        return False
    for axis in axes:
        wrap_labels(axis)
    _lay_out(canvas)
    place_legends(canvas, legends, columns)
    canvas.set_figheight(_height(canvas, axes, columns))
    if columns > 1 and canvas.get_figheight() > TALLEST * canvas.get_figwidth():
        return False
    _lay_out(canvas)
    for axis in axes:
        wrap_labels(axis)
    for axis in canvas.axes:  # Color scales have ticks, too.
        thin_ticks(axis)
    _lay_out(canvas)
    return not collisions(canvas)


def _lay_out(canvas: Canvas) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "constrained_layout not applied")  # `is_narrow` finds axes without width.
        canvas.draw_without_rendering()


def _height(canvas: Canvas, axes: Sequence[Axes], columns: int) -> float:
    """Return the height at which axes have a good shape: that of all panels with their labels, and of the legend."""
    rows = math.ceil(len(axes) / columns)
    inner, outer = np.zeros(rows), np.zeros(rows)
    for place, axis in enumerate(axes):
        box, around = axis.get_window_extent(), axis.get_tightbbox()
        assert around is not None
        row = place // columns
        labels = (around.width - box.width) / canvas.dpi if axis.axison else 0
        width = canvas.get_figwidth() / columns - labels - _width_of_color_scales(axis)
        inner[row] = max(inner[row], _inner_height(axis, width))
        outer[row] = max(outer[row], (around.height - box.height) / canvas.dpi)
    shared = sum(legend.get_window_extent().height for legend in canvas.legends) / canvas.dpi
    return float(rows * inner.max() + outer.sum() + shared + 0.1 * rows)


def _width_of_color_scales(axis: Axes) -> float:
    """Return the width in inches that the color scales of the pictures on axes take."""
    scales = [image.colorbar.ax for image in axis.images if image.colorbar is not None]
    boxes = [scale.get_tightbbox() for scale in scales]
    assert axis.figure is not None
    return float(sum(box.width for box in boxes if box is not None) / axis.figure.dpi + 0.1 * len(boxes))


def _inner_height(axis: Axes, width: float) -> float:
    """Return the height in inches of axes of a width: that of its pictures, or a good one for curves."""
    if axis.get_aspect() == "auto":
        return float(np.clip(0.68 * width, LOWEST, HIGHEST))
    across, up = (abs(high - low) for low, high in (axis.get_xlim(), axis.get_ylim()))
    return width * up / across
