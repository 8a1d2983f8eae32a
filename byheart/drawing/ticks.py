"""Plain numbers, without mathematics, on logarithmic axes."""

from typing import Any

from matplotlib.axis import Axis
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import LogFormatter, LogFormatterMathtext


class PlainLogFormatter(LogFormatter):
    """Labels the same ticks as matplotlib does by default, but as 0.01: byheart's style has no mathematics in text."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the number; empty for ticks without a label."""
        return f"{x:g}" if super().__call__(x, pos) else ""


def with_plain_numbers(canvas: Canvas) -> None:
    """Replace the formatters that write mathematics, on all axes of a canvas."""
    for axes in canvas.axes:
        axis: Axis
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(major := axis.get_major_formatter(), LogFormatterMathtext):
                axis.set_major_formatter(_plain(axis, major))
            if isinstance(minor := axis.get_minor_formatter(), LogFormatterMathtext):
                axis.set_minor_formatter(_plain(axis, minor))


def _plain(axis: Any, formatter: LogFormatterMathtext) -> PlainLogFormatter:
    base = getattr(axis.get_transform(), "base", 10.0)
    return PlainLogFormatter(base, formatter.labelOnlyBase, formatter.minor_thresholds)
