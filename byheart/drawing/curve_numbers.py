"""The numbers of drawn curves, as a table for a file."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart.drawing.marks import Bounds, Mark, Numbers

COLUMNS = ("x", "y", "low", "high", "x_low", "x_high")


@dataclasses.dataclass(frozen=True)
class CurveNumbers:
    """A curve, as plain values.

    Attributes:
        series: its name in the legend.
        note: text that distinguishes it from other curves of the same name.
        rows: x, y, the interval of y and the interval of x of each point; None where there is none.
    """

    series: str
    note: str
    rows: tuple[tuple[float | None, ...], ...]


def numbers_of(marks: Sequence[Mark]) -> tuple[CurveNumbers, ...]:
    """Return the numbers of the marks that have points with values."""
    return tuple(CurveNumbers(mark.series, mark.note, _rows(mark)) for mark in marks if mark.points is not None)


def table_of(
    figure: str, panels: Sequence[tuple[str, tuple[str, str], Sequence[CurveNumbers]]]
) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of a table with a row for each point.

    Args:
        figure: its name.
        panels: for each panel its title, the labels of x and y, and its curves.
    """
    rows = [
        (figure, title, _without_marks(curve.series), _without_marks(curve.note), *labels, *row)
        for title, labels, curves in panels
        for curve in curves
        for row in curve.rows
    ]
    names = ("figure", "panel", "series", "note", "x_label", "y_label", *COLUMNS)
    return {name: np.array([row[place] for row in rows], object) for place, name in enumerate(names)}


def _rows(mark: Mark) -> tuple[tuple[float | None, ...], ...]:
    points = mark.points
    assert points is not None
    x = points.x if points.said_x is None else points.said_x
    columns = (x, points.y, *_both(points.y_bounds, points), *_both(points.x_bounds, points))
    return tuple(
        tuple(_finite(value) for value in row) for row in zip(*(column.tolist() for column in columns), strict=True)
    )


def _both(bounds: Bounds | None, points: Any) -> tuple[Numbers, Numbers]:
    """Return lower and upper ends; NaN for points without interval."""
    return bounds if bounds is not None else (np.full(points.x.shape, np.nan),) * 2


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _without_marks(text: str) -> str:
    """Return a name without the sign that keeps matplotlib from hiding it."""
    return text.removeprefix("\N{ZERO WIDTH SPACE}")
