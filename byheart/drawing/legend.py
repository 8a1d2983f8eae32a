"""A legend as values, for pages that lay it out themselves."""

import dataclasses
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch

DASHES = (
    dict.fromkeys(("-", "solid"), "")
    | dict.fromkeys(("--", "dashed"), "5 2.5")
    | dict.fromkeys((":", "dotted"), "1.5 2.5")
    | dict.fromkeys(("-.", "dashdot"), "7 2 1.5 2")
)
"""Lengths in pixels of the dashes of line styles, in the form of SVG."""
MARKERS = {
    "o": "M17 6A4 4 0 1 1 9 6A4 4 0 1 1 17 6Z",
    "s": "M9 2H17V10H9Z",
    "^": "M13 1.5L17.5 10H8.5Z",
    "v": "M13 10.5L17.5 2H8.5Z",
    "D": "M13 1L18 6L13 11L8 6Z",
    "P": "M11.5 1.5H14.5V4.5H17.5V7.5H14.5V10.5H11.5V7.5H8.5V4.5H11.5Z",
    "X": "M10.5 1.5L13 4L15.5 1.5L17.5 3.5L15 6L17.5 8.5L15.5 10.5L13 8L10.5 10.5L8.5 8.5L11 6L8.5 3.5Z",
    "p": "M13 1.2L17.7 4.7L15.9 10.3H10.1L8.3 4.7Z",
}
"""Outlines of markers around (13, 6), in the form of SVG; others are shown as circles."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """An entry of a legend: a name, and the look of its curve.

    Attributes:
        name: name of the series.
        color: as #rrggbb.
        dashes: dashes of the line, in the form of SVG; empty for a solid line, None for no line.
        marker: a key of `MARKERS` or, for none, "".
        is_filled: whether the marker is filled.
    """

    name: str
    color: str
    dashes: str | None = ""
    marker: str = ""
    is_filled: bool = True

    @property
    def outline(self) -> str:
        """The outline of the marker, in the form of SVG; empty without a marker."""
        return MARKERS.get(self.marker, "")


@dataclasses.dataclass(frozen=True)
class Legend:
    """A legend: its title and entries."""

    title: str
    entries: tuple[Entry, ...]


NO_LEGEND = Legend("", ())


def taken_legend(axis: Axes) -> Legend:
    """Remove the legend from the axes and return it.

    A legend that names other things than lines and steps stays on the axes; the result is then `NO_LEGEND`.
    """
    legend = axis.get_legend()
    handles, names = axis.get_legend_handles_labels()
    entries = [_entry(name, handle) for handle, name in zip(handles, names, strict=True)]
    known = tuple(entry for entry in entries if entry is not None)
    if legend is None or [text.get_text() for text in legend.get_texts()] != [entry.name for entry in known]:
        return NO_LEGEND
    legend.remove()
    return Legend(legend.get_title().get_text(), known)


def _entry(name: str, handle: Any) -> Entry | None:
    line = handle[0] if isinstance(handle, ErrorbarContainer) else handle
    if isinstance(line, StepPatch):
        return Entry(name, to_hex(line.get_edgecolor()), _dashes(line.get_linestyle()))
    if not isinstance(line, Line2D):
        return None
    marker = str(line.get_marker())
    is_shown = marker not in ("None", "none", " ", "")
    return Entry(
        name,
        to_hex(line.get_color()),
        _dashes(line.get_linestyle()),
        (marker if marker in MARKERS else "o") if is_shown else "",
        line.get_fillstyle() != "none",
    )


def _dashes(style: Any) -> str | None:
    return None if style in ("None", "none", " ", "") else DASHES.get(str(style), DASHES["--"])
