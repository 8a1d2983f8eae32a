"""What a panel says of what it draws: which parts make a curve, and the values of its points."""

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
"""Lower and upper ends of intervals; NaN where there is none."""


@dataclasses.dataclass(frozen=True)
class Points:
    """Values that a reader can ask for.

    Attributes:
        x, y: where the points stand, in the units of the axes.
        x_bounds, y_bounds: their intervals.
        said_x: what is said in the place of x, where points are drawn beside the value they are of.
    """

    x: Numbers
    y: Numbers
    x_bounds: Bounds | None = None
    y_bounds: Bounds | None = None
    said_x: Numbers | None = None


@dataclasses.dataclass(frozen=True)
class Mark:
    """Parts of a drawing that are seen and hidden together.

    Attributes:
        series: its name in the legend; of several marks with one name all are hidden.
        artists: the parts.
        points: its values; None if it has none of its own.
        note: what tells it from other marks of that name.
    """

    series: str
    artists: tuple[Artist, ...]
    points: Points | None = None
    note: str = ""


_SAID: WeakKeyDictionary[Axes, list[Mark]] = WeakKeyDictionary()


def mark(axis: Axes, series: str, artists: Sequence[Artist], points: Points | None = None, note: str = "") -> None:
    """Says what `artists`, drawn on `axis`, are; nothing where there are none."""
    if artists:
        _SAID.setdefault(axis, []).append(Mark(series, tuple(artists), points, note))


def points_of(x: Any, y: Any, **more: Any) -> Points:
    """Points from anything that holds numbers."""
    return Points(_numbers(x), _numbers(y), **more)


def marks_of(axis: Axes) -> list[Mark]:
    """All that was said of the axes, and what the legend names besides: lines and steps with their values."""
    said = list(_SAID.get(axis, []))
    known = {mark.series for mark in said}
    handles, names = axis.get_legend_handles_labels()
    for handle, name in zip(handles, names, strict=True):
        points = _own_points(handle)
        if name not in known and points is not None and points.x.size:
            said.append(Mark(name, (handle,), points))
    return said


def _own_points(handle: Any) -> Points | None:
    if isinstance(handle, Line2D):
        return points_of(*handle.get_data())
    if isinstance(handle, StepPatch):
        values, edges, _ = handle.get_data()
        return points_of((edges[1:] + edges[:-1]) / 2, values)
    return None


def _numbers(values: Any) -> Numbers:
    return np.atleast_1d(np.asarray(values, dtype=float))
