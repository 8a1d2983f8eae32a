"""Curves over epochs or radii: the mean over seeds, with its interval as a band."""

from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from byheart.drawing.marks import mark, points_of
from byheart.drawing.text import named
from byheart.statistics.intervals import interval_over_seeds

STYLES = {":": "dotted", "--": "dashed"}
"""Names of the line styles that distinguish a curve from a solid one of the same name."""


def curve_with_bracket(
    axis: Axes, lower: xr.DataArray, upper: xr.DataArray, along: str, series: str | None = None, **line: Any
) -> None:
    """Draw the mean over seeds of a lower bound as a curve, and a band up to the mean of an upper bound.

    Args:
        axis: the axes to draw on.
        lower: over (seed, along).
        upper: over (seed, along).
        along: the dimension of x.
        series: for a curve without its own `label`, the name in the legend of the series that it belongs to.
        **line: style of the line, and its `label`.
    """
    if "label" in line:
        line["label"] = named(line["label"])
    low, high = (_means(bound, along) for bound in (lower, upper))
    x = lower[along].values
    (drawn,) = axis.plot(x, low, **line)
    color, is_known = drawn.get_color(), np.isfinite(low) & np.isfinite(high)
    band = axis.fill_between(
        x[is_known], low[is_known], high[is_known], facecolor=color, edgecolor=color, alpha=0.2, linewidth=0.8
    )
    name = line.get("label", series)
    if name is not None:
        note = "" if "label" in line else STYLES.get(str(drawn.get_linestyle()), "")
        mark(axis, name, [drawn, band], points_of(x, low, y_bounds=(low, high)), note)


def _means(values: xr.DataArray, along: str) -> Float[np.ndarray, " point"]:
    return np.array([interval_over_seeds(values.sel({along: at}).values).estimate for at in values[along].values])


def curve_with_band(axis: Axes, values: xr.DataArray, along: str, series: str | None = None, **line: Any) -> None:
    """Draw the mean over seeds as a curve, and its 95 % interval as a band where at least two seeds have values.

    Args:
        axis: the axes to draw on.
        values: over (seed, along).
        along: the dimension of x.
        series: for a curve without its own `label`, the name in the legend of the series that it belongs to.
        **line: style of the line, and its `label`.
    """
    if "label" in line:
        line["label"] = named(line["label"])
    intervals = [interval_over_seeds(values.sel({along: at}).values) for at in values[along].values]
    x, estimates = values[along].values, [interval.estimate for interval in intervals]
    (drawn,) = axis.plot(x, estimates, **line)
    low, high = (np.array([getattr(interval, side) for interval in intervals]) for side in ("low", "high"))
    is_known = np.isfinite(low) & np.isfinite(high)
    parts: list[Artist] = [drawn]
    if is_known.any():
        band = axis.fill_between(
            x[is_known], low[is_known], high[is_known], color=drawn.get_color(), alpha=0.15, linewidth=0
        )
        parts.append(band)
    name = line.get("label", series)
    if name is not None:
        note = "" if "label" in line else STYLES.get(str(drawn.get_linestyle()), "")
        mark(axis, name, parts, points_of(x, estimates, y_bounds=(low, high)), note)
