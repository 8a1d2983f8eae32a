"""Legends that fit: below all panels if these share one, otherwise below each, in as many columns as there is room."""

import dataclasses
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.legend import Legend as DrawnLegend
from matplotlib.transforms import ScaledTranslation

from byheart.drawing.fitting import on_lines
from byheart.drawing.legend import NO_LEGEND, Legend, taken_legend

GAP = 0.04
"""Distance of a legend from what is above it, in inches."""


@dataclasses.dataclass(frozen=True)
class PanelLegend:
    """A legend that was removed from its axes.

    Attributes:
        axis: the axes.
        legend: title and entries.
        handles: the curves that the entries name.
    """

    axis: Axes
    legend: Legend
    handles: tuple[Any, ...]


def removed_legends(canvas: Canvas) -> list[PanelLegend]:
    """Remove the legends of a canvas; return them. Those that name other things than lines and steps stay."""
    found = []
    for axis in canvas.axes:
        handles = axis.get_legend_handles_labels()[0]
        legend = taken_legend(axis)
        if legend != NO_LEGEND:
            found.append(PanelLegend(axis, legend, tuple(handles)))
    return found


def place_legends(canvas: Canvas, legends: list[PanelLegend], columns: int) -> None:
    """Draw removed legends: one below all panels if it names the curves of all, otherwise each below its axes.

    The canvas must have been laid out without them.

    Args:
        canvas: the canvas.
        legends: from `removed_legends`.
        columns: number of panels side by side.
    """
    shared = _shared(legends)
    if shared is not None:
        _in_columns(canvas, shared, canvas.get_figwidth() - 2 * GAP, loc="outside lower center")
        return
    for one in legends:
        left, bottom = _margins(canvas, one.axis)
        below = one.axis.transAxes + ScaledTranslation(-left, -bottom - GAP, canvas.dpi_scale_trans)
        place = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": below, "borderaxespad": 0}
        _in_columns(one.axis, one, canvas.get_figwidth() / columns - 2 * GAP, **place)


def _margins(canvas: Canvas, axis: Axes) -> tuple[float, float]:
    """Return the width left of axes, of all in the same column, and the height below them, in inches."""
    box, column = axis.get_window_extent(), _column(axis)
    lefts = [one.get_tightbbox() for one in canvas.axes if _column(one) == column]
    bottom = axis.get_tightbbox()
    assert bottom is not None
    left = min(around.x0 for around in lefts if around is not None)
    return (box.x0 - left) / canvas.dpi, (box.y0 - bottom.y0) / canvas.dpi


def _column(axis: Axes) -> int | None:
    place = axis.get_subplotspec()
    return None if place is None else place.colspan.start


def _shared(legends: list[PanelLegend]) -> PanelLegend | None:
    """Return the legend that has all entries of all legends, if several panels have one."""
    if len(legends) < 2:
        return None
    largest = max(legends, key=lambda one: len(one.legend.entries))
    known = set(largest.legend.entries)
    is_shared = all(one.legend.title == largest.legend.title and set(one.legend.entries) <= known for one in legends)
    return largest if is_shared else None


def _in_columns(owner: Canvas | Axes, one: PanelLegend, room: float, **place: Any) -> None:
    """Draw a legend in the largest number of columns that are not wider than `room`; break names if one is."""
    names = [entry.name for entry in one.legend.entries]
    title = one.legend.title

    def drawn(columns: int) -> tuple[DrawnLegend, float]:
        legend = owner.legend(one.handles, names, title=title or None, ncols=columns, **place)
        canvas = owner if isinstance(owner, Canvas) else owner.figure
        assert canvas is not None
        return legend, legend.get_window_extent().width / canvas.dpi / room

    for columns in range(len(names), 0, -1):
        legend, excess = drawn(columns)
        if excess <= 1:
            return
        legend.remove()
    names = [on_lines(name, 1.1 * excess * len(name) / max(map(len, names))) for name in names]
    title = on_lines(title, 1.1 * excess * len(title) / max(map(len, (*names, title))))
    drawn(1)
