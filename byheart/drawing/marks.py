"""Marks of a panel: the parts that make a curve, and the values of its points."""

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch

Numbers = Float[np.ndarray, " point"]
Bounds = tuple[Numbers, Numbers]
"""Lower and upper ends of intervals; NaN for points without one."""


@dataclasses.dataclass(frozen=True)
class Points:
    """Points whose values a page can show.

    Attributes:
        x, y: the points, in the units of the axes.
        x_bounds, y_bounds: their intervals.
        said_x: the values to show instead of x, for points that are drawn beside their value.
    """

    x: Numbers
    y: Numbers
    x_bounds: Bounds | None = None
    y_bounds: Bounds | None = None
    said_x: Numbers | None = None


@dataclasses.dataclass(frozen=True)
class Mark:
    """The parts of a drawing that are shown and hidden together.

    Attributes:
        series: its name in the legend; marks of the same name are hidden together.
        artists: the parts.
        points: its values; None if it has no values of its own.
        note: text that distinguishes it from other marks of the same name.
    """

    series: str
    artists: tuple[Artist, ...]
    points: Points | None = None
    note: str = ""


_SAID: WeakKeyDictionary[Axes, list[Mark]] = WeakKeyDictionary()


def mark(axis: Axes, series: str, artists: Sequence[Artist], points: Points | None = None, note: str = "") -> None:
    """Register the mark that `artists`, drawn on `axis`, make up; do nothing if there are none."""
    if artists:
        _SAID.setdefault(axis, []).append(Mark(series, tuple(artists), points, note))


def points_of(x: Any, y: Any, **more: Any) -> Points:
    """Return points from any sequences or arrays of numbers."""
    return Points(_numbers(x), _numbers(y), **more)


def marks_of(axis: Axes) -> list[Mark]:
    """Return all registered marks of the axes, and the other lines and steps that the legend names."""
    said = list(_SAID.get(axis, []))
    known = {mark.series for mark in said}
    handles, names = axis.get_legend_handles_labels()
    for handle, name in zip(handles, names, strict=True):
        points = _own_points(handle)
        if name not in known and points is not None and points.x.size:
            said.append(Mark(name, (handle,), points))
    return said


def taken_marks(axis: Axes) -> list[Mark]:
    """Remove all marks from the axes, and the legend; return them. Lines that belong to no mark stay."""
    found = marks_of(axis)
    for one in found:
        for artist in one.artists:
            with contextlib.suppress(NotImplementedError, ValueError):  # A part of another one that is removed.
                artist.remove()
    axis.containers.clear()
    _SAID.pop(axis, None)
    if legend := axis.get_legend():
        legend.remove()
    return found


def _own_points(handle: Any) -> Points | None:
    if isinstance(handle, Line2D):
        return points_of(*handle.get_data())
    if isinstance(handle, StepPatch):
        values, edges, _ = handle.get_data()
        return points_of((edges[1:] + edges[:-1]) / 2, values)
    return None


def _numbers(values: Any) -> Numbers:
    return np.atleast_1d(np.asarray(values, dtype=float))
