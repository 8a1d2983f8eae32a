"""Drawing of the panels of figures, each alone, for pages. Files for papers: `export.py`."""

import contextlib
import io
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from byheart.drawing.curve_numbers import numbers_of
from byheart.drawing.drawn_panel import DrawnPanel, curve_of, label_in_words, named_marks
from byheart.drawing.figure import NOTHING, Figure, Panel
from byheart.drawing.legend import taken_legend
from byheart.drawing.style import PANEL_SIZE, styled
from byheart.drawing.text import make_drawable
from byheart.drawing.ticks import with_plain_numbers

_TITLE = 0.4
"""Height of a panel's title, in inches."""


def drawn_panels(figure: Figure) -> list[DrawnPanel]:
    """Draw each panel alone, for pages that choose the number of panels in a row by their width."""
    return [_drawn_panel(figure.name, panel) for panel in figure.panels]


def _drawn_panel(name: str, panel: Panel) -> DrawnPanel:
    with opened_canvas(name + panel.title) as (canvas, axis):
        draw_panel(panel, axis)
        make_room(canvas, axis)
        marks, legend = named_marks(axis), taken_legend(axis)
        make_plain(canvas)
        text = io.StringIO()
        canvas.savefig(text, format="svg", metadata={"Date": None})
        labels = (label_in_words(axis.get_xlabel()), label_in_words(axis.get_ylabel()))
        curves = tuple(curve_of(one, axis, canvas) for one in marks)
    return DrawnPanel(text.getvalue(), legend, labels, curves, numbers_of(marks))


@contextlib.contextmanager
def opened_canvas(salt: str) -> Iterator[tuple[Canvas, Axes]]:
    """Open a canvas for one panel in byheart's style; yield it and its axes."""
    with styled(salt):
        canvas, axis = plt.subplots(figsize=PANEL_SIZE, layout="constrained")
        try:
            yield canvas, axis
        finally:
            plt.close(canvas)


def draw_panel(panel: Panel, axis: Axes) -> None:
    """Draw a panel with its title, or a text that says that it holds no finite number."""
    axis.set_title(panel.title)
    panel.draw(axis)
    if not np.isfinite(axis.dataLim.get_points()).all() and not axis.texts:
        axis.text(0.5, 0.5, NOTHING, transform=axis.transAxes, ha="center")


def make_room(canvas: Canvas, axis: Axes) -> None:
    """Make a canvas higher if it holds pictures that fill its width and need more height."""
    across, up = (abs(high - low) for low, high in (axis.get_xlim(), axis.get_ylim()))
    if axis.get_aspect() != "auto" and up > across:
        canvas.set_figheight(max(PANEL_SIZE[1], PANEL_SIZE[0] * up / across + _TITLE))


def make_plain(canvas: Canvas) -> None:
    """Make all text and numbers of a canvas drawable without mathematics."""
    with_plain_numbers(canvas)
    make_drawable(canvas)
