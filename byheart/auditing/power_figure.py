"""The picture of what lists of suspects hold: the power of an audit for several kinds of wrong labels."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from byheart.drawing.axes import legend_below, share_axis
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import DISTINCT_COLORS, DISTINCT_MARKERS

KINDS = {
    "uniform": "wrong at random",
    "as_estimated": "wrong as estimated",
    "likeliest": "likeliest other class",
}
"""Columns of the power, with their names in the figure."""
FOUND = "planted, found"


def power_figure(power: pd.DataFrame, summary: Mapping[str, Any]) -> Figure:
    """Return the figure: the share of wrong labels that a list of the most suspect holds, over the length of the list.

    Args:
        power: one row for each length of a list.
        summary: as in audit.json.
    """
    planted = summary.get("planted")

    def draw(axis: Axes) -> None:
        for place, (column, name) in enumerate(KINDS.items()):
            color, marker = DISTINCT_COLORS[place], DISTINCT_MARKERS[place]
            axis.plot(power.k, power[column], label=name, color=color, marker=marker, markersize=4)
        if planted:
            lists = pd.DataFrame(planted["by_list_length"])
            axis.plot(lists.k, lists.found, label=FOUND, color=DISTINCT_COLORS[3], marker="D", markersize=4, ls="--")
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel("length of the list of most suspect examples (log scale)")
        share_axis(axis, "share of wrong labels that it holds")
        legend_below(axis, columns=2)

    k = summary["power"]["list_length"]
    (of_list,) = power[power.k == k].to_dict("records")
    told = ", ".join(f"{of_list[column]:.0%} {name}" for column, name in KINDS.items())
    description = f"A list of the {k:,} most suspect examples holds of labels that are: {told}."
    caption = (
        "Share of wrong labels that a list of the most suspect examples holds, as stated from held-out networks. The "
        "likeliest other class is the hardest kind to find."
    )
    if planted:
        caption += f" Dashed: found among {planted['number']:,} planted wrong labels."
    return Figure("power", "What a list of suspects holds", caption, (Panel("", draw, description),), columns=1)
