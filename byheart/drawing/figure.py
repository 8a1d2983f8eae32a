"""Figures of stored results: a title, a caption, and panels that each draw themselves on axes.

Nothing is imported to draw them before they are drawn (`canvas.py`).
"""

import dataclasses
from collections.abc import Callable
from typing import Any

NOTHING = "not known"
"""Text in a panel without any finite number to draw."""

Draw = Callable[[Any], None]
"""A function that draws on `matplotlib.axes.Axes`."""


@dataclasses.dataclass(frozen=True)
class Panel:
    """One set of axes.

    Attributes:
        title: short, above the axes.
        draw: function that draws the panel on axes.
        description: text for readers who cannot see the panel.
    """

    title: str
    draw: Draw
    description: str


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes:
        name: name of its files, without a suffix.
        title: title, with the number of the paper's figure.
        caption: description of what is drawn, with units and n.
        panels: the panels, row by row.
        columns: number of panels in a row.
    """

    name: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    columns: int = 2
