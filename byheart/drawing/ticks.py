"""Numbers on logarithmic axes, written plainly."""

from typing import Any

from matplotlib.axis import Axis
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import LogFormatter, LogFormatterMathtext


class PlainLogFormatter(LogFormatter):
    """Names the same ticks as matplotlib does by default, as 0.01: byheart's style has no mathematics in text."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The number; empty for ticks without one."""
        return f"{x:g}" if super().__call__(x, pos) else ""


def with_plain_numbers(canvas: Canvas) -> None:
    """Replaces the formatters that write mathematics, on all axes of a drawing."""
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
