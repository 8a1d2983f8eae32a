"""Drawing of figures: all panels on one canvas, or each alone."""

import contextlib
import functools
import io
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from byheart.drawing.drawn_panel import DrawnPanel, curve_of, label_in_words, named_marks
from byheart.drawing.figure import NOTHING, Figure, Panel
from byheart.drawing.legend import taken_legend
from byheart.drawing.style import PANEL_SIZE, styled
from byheart.drawing.text import make_drawable
from byheart.drawing.ticks import with_plain_numbers
from byheart.results import atomic_write


def save(figure: Figure, directory: Path) -> None:
    """Write all panels of a figure together as NAME.svg and NAME.png."""
    rows = -(-len(figure.panels) // figure.columns)
    with _canvas(figure.name, rows, figure.columns) as (canvas, axes):
        for axis, panel in zip(axes, figure.panels, strict=False):
            _draw(panel, axis)
        for axis in axes[len(figure.panels) :]:
            axis.set_axis_off()
        _make_plain(canvas)
        for file, options in (("svg", {"metadata": {"Date": None}}), ("png", {"dpi": 200})):
            draw = functools.partial(canvas.savefig, format=file, **options)
            atomic_write.write(directory / f"{figure.name}.{file}", draw)


def drawn_panels(figure: Figure) -> list[DrawnPanel]:
    """Draw each panel alone, for pages that choose the number of panels in a row by their width."""
    return [_drawn_panel(figure.name, panel) for panel in figure.panels]


def _drawn_panel(name: str, panel: Panel) -> DrawnPanel:
    with _canvas(name + panel.title) as (canvas, (axis,)):
        _draw(panel, axis)
        marks, legend = named_marks(axis), taken_legend(axis)
        _make_plain(canvas)
        text = io.StringIO()
        canvas.savefig(text, format="svg", metadata={"Date": None})
        labels = (label_in_words(axis.get_xlabel()), label_in_words(axis.get_ylabel()))
        curves = tuple(curve_of(one, axis, canvas) for one in marks)
    return DrawnPanel(text.getvalue(), legend, labels, curves)


@contextlib.contextmanager
def _canvas(salt: str, rows: int = 1, columns: int = 1) -> Iterator[tuple[Canvas, list[Axes]]]:
    """Open a canvas in byheart's style; yield it and its axes, row by row."""
    width, height = PANEL_SIZE
    with styled(salt):
        canvas, axes = plt.subplots(
            rows, columns, figsize=(width * columns, height * rows), squeeze=False, layout="constrained"
        )
        try:
            yield canvas, list(axes.flat)
        finally:
            plt.close(canvas)


def _draw(panel: Panel, axis: Axes) -> None:
    axis.set_title(panel.title)
    panel.draw(axis)
    if not np.isfinite(axis.dataLim.get_points()).all() and not axis.texts:
        axis.text(0.5, 0.5, NOTHING, transform=axis.transAxes, ha="center")


def _make_plain(canvas: Canvas) -> None:
    """Make all text and numbers of a canvas drawable without mathematics."""
    with_plain_numbers(canvas)
    make_drawable(canvas)
