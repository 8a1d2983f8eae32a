"""A panel drawn as SVG for a page that can hide its curves and show their values."""

import dataclasses
import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.text import Text

from byheart.drawing.curve_numbers import CurveNumbers
from byheart.drawing.legend import NO_LEGEND, Legend
from byheart.drawing.marks import Bounds, Mark, Numbers, Points, marks_of

MOST_POINTS = 100
"""Most points of a curve whose values a page can show; of more points, a page gets some at even steps."""
CURVE = "curve-"
"""Prefix of the ids of a drawing's parts; the number of their curve follows."""


@dataclasses.dataclass(frozen=True)
class DrawnCurve:
    """The parts of a panel that are hidden together.

    Attributes:
        series: its name in the legend.
        name: the text before the values of a point.
        color: as #rrggbb.
        points: for each point its place in the drawing, in points from the upper left, and its x and y as text.
    """

    series: str
    name: str
    color: str
    points: tuple[tuple[float, float, str, str], ...]


@dataclasses.dataclass(frozen=True)
class DrawnPanel:
    """A panel as SVG, without its legend.

    Attributes:
        svg: the document; the parts of `curves[i]` have the id curve-i.
        legend: the legend, which is not part of the drawing.
        labels: the names of x and y beside values.
        curves: the curves that can be hidden, with their values; empty for a panel of pictures.
        numbers: all numbers of the curves, for files.
    """

    svg: str
    legend: Legend = NO_LEGEND
    labels: tuple[str, str] = ("", "")
    curves: tuple[DrawnCurve, ...] = ()
    numbers: tuple[CurveNumbers, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return labels and curves for the script of a page."""
        return {"labels": self.labels, "curves": [dataclasses.asdict(curve) for curve in self.curves]}


def named_marks(axis: Axes) -> list[Mark]:
    """Return the marks of the axes, after giving their parts the ids of their curves."""
    marks = marks_of(axis)
    for place, one in enumerate(marks):
        for artist in one.artists:
            artist.set_gid(f"{CURVE}{place}")
    return marks


def curve_of(one: Mark, axis: Axes, canvas: Canvas) -> DrawnCurve:
    """Return the curve of a mark; the canvas must have been drawn, since drawing places its parts."""
    name = f"{one.series} ({one.note})" if one.note else one.series
    points = () if one.points is None else _told(one.points, axis, canvas)
    return DrawnCurve(one.series, name, color_of(one.artists[0]), points)


def label_in_words(label: str) -> str:
    """Return the label of an axis without the words about its scale.

    >>> label_in_words("loss (nats, log scale)"), label_in_words("ratio (log scale; 1: chance)")
    ('loss (nats)', 'ratio (1: chance)')
    >>> label_in_words("epoch (log scale)")
    'epoch'
    """
    return re.sub(r",? ?log scale(; )?", "", label).replace(" ()", "")


def value_in_words(value: float) -> str:
    """Return a value as text, with three significant digits, or all digits of a whole number.

    >>> value_in_words(0.12345), value_in_words(12000.0), value_in_words(1234.5), value_in_words(-2.5)
    ('0.123', '12,000', '1,234', '−2.50')
    """
    text = f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:#.3g}"
    return text.replace("-", "−")


def _told(points: Points, axis: Axes, canvas: Canvas) -> tuple[tuple[float, float, str, str], ...]:
    places = axis.transData.transform(np.column_stack([points.x, points.y]))
    (left, bottom), (right, top) = axis.bbox.padded(1).get_points()
    is_within = (places >= [left, bottom]).all(axis=1) & (places <= [right, top]).all(axis=1)
    seen = np.flatnonzero(is_within & np.isfinite(points.x) & np.isfinite(points.y))
    seen = seen[:: -(-len(seen) // MOST_POINTS) or 1]
    places = places * [72, -72] / canvas.dpi + [0, 72 * canvas.get_figheight()]
    said_x = points.x if points.said_x is None else points.said_x
    x_words, y_words = _in_words(said_x, points.x_bounds), _in_words(points.y, points.y_bounds)
    return tuple(
        (round(float(places[at, 0]), 1), round(float(places[at, 1]), 1), x_words[at], y_words[at])
        for at in seen.tolist()
    )


def _in_words(values: Numbers, bounds: Bounds | None) -> list[str]:
    """Return each value as text, with its interval if it has one."""
    words = [value_in_words(value) if np.isfinite(value) else "" for value in values.tolist()]
    if bounds is None:
        return words
    return [
        f"{word} [{value_in_words(low)},\N{NO-BREAK SPACE}{value_in_words(high)}]"
        if np.isfinite(low) and low < high
        else word
        for word, low, high in zip(words, *(side.tolist() for side in bounds), strict=True)
    ]


def color_of(artist: Any) -> str:
    """Return the color of a line, a text, steps or a collection, as #rrggbb."""
    if isinstance(artist, Line2D | Text):
        return to_hex(artist.get_color())
    red, green, blue = np.ravel(artist.get_edgecolor())[:3].tolist()
    return to_hex((red, green, blue))
