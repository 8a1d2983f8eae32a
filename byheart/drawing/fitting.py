"""Text that fits: sizes within bounds, labels on several lines, fewer tick labels; and the check that all text fits."""

import itertools
import re
import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text
from matplotlib.ticker import NullFormatter
from matplotlib.transforms import Bbox

SMALLEST, LARGEST = 7.0, 9.0
"""Sizes of text in points, in figures for papers."""
NARROWEST = 0.9
"""Smallest width in inches at which axes with curves can be read."""
MOST_LINES = 4
"""Most lines of a label."""
OVERHANG = 1.15
"""Length of a label of y relative to its axis, up to which it stays on one line."""
_NUMBER = re.compile(r"[+\-−]?[\d.,]+(e[+\-−]?\d+)?[k%]?")


def limit_sizes(canvas: Canvas) -> None:
    """Change the size of each text to at least `SMALLEST` and at most `LARGEST`."""
    for text in canvas.findobj(Text):
        assert isinstance(text, Text)
        text.set_fontsize(float(np.clip(text.get_fontsize(), SMALLEST, LARGEST)))


def on_lines(text: str, excess: float) -> str:
    r"""Break a text at spaces into lines of similar lengths.

    Args:
        text: it may have several lines.
        excess: length of its longest line, relative to its room; the text stays as it is if it fits.

    >>> on_lines("error correlation (log scale; 0: chance)", 1.5)
    'error correlation (log\nscale; 0: chance)'
    >>> on_lines("short", 0.8)
    'short'
    """
    if excess <= 1:
        return text
    found, before = text, text.split("\n")
    room = max(map(len, before)) / excess
    for n in range(len(before) + 1, MOST_LINES + 1):
        found = _even_lines(" ".join(before), n)
        if max(map(len, found.split("\n"))) <= room:
            break
    return found


def wrap_labels(axis: Axes) -> None:
    """Break the title and the labels of axes where they are longer than the axes.

    The canvas must have been laid out.
    """
    box = axis.get_window_extent()
    title = axis.set_title(axis.get_title(loc="left"), loc="left")
    for text, room in ((title, box.width), (axis.xaxis.label, box.width), (axis.yaxis.label, OVERHANG * box.height)):
        extent = text.get_window_extent()
        length = extent.height if text is axis.yaxis.label else extent.width
        text.set_text(on_lines(text.get_text(), length / room))


def thin_ticks(axis: Axes) -> None:
    """Remove tick labels that would overlap others, if all are numbers; 0 stays.

    The canvas must have been laid out.
    """
    for own, set_limits in ((axis.xaxis, axis.set_xlim), (axis.yaxis, axis.set_ylim)):
        shown = _tick_labels(own)
        boxes = [_box(text) for text in (*shown, *_minor_labels(own))]
        if any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2)):
            own.set_minor_formatter(NullFormatter())
        if not all(_NUMBER.fullmatch(text.get_text()) for text in shown):
            continue
        kept = dict[str, Bbox]()
        for text in sorted(shown, key=lambda text: text.get_text() != "0"):
            box = _box(text)
            if not any(box.overlaps(other) for other in kept.values()):
                kept[text.get_text()] = box
        if len(kept) < len(shown):
            labels, limits = [text.get_text() for text in own.get_majorticklabels()], own.get_view_interval()
            own.set_ticks(own.get_majorticklocs(), labels=[label if label in kept else "" for label in labels])
            set_limits(*limits)


def collisions(canvas: Canvas) -> list[str]:
    """Return sentences about texts that overlap or leave the canvas, which must have been laid out."""
    boxes = [(text.get_text(), _box(text)) for text in texts_of(canvas)]
    pairs = itertools.combinations(boxes, 2)
    found = [f"{one!r} overlaps {other!r}" for (one, first), (other, second) in pairs if first.overlaps(second)]
    room = canvas.bbox.padded(canvas.dpi / 72)
    return found + [
        f"{text!r} leaves the canvas"
        for text, box in boxes
        if not (room.contains(box.x0, box.y0) and room.contains(box.x1, box.y1))
    ]


def texts_of(canvas: Canvas) -> list[Text]:
    """Return the texts of a canvas that are drawn and not empty."""
    found = list[Text]()
    for axis in canvas.axes:
        found += [child for child in axis.get_children() if isinstance(child, Text)]
        if axis.axison:
            for own in (axis.xaxis, axis.yaxis):
                found += [own.label, own.get_offset_text(), *_tick_labels(own), *_minor_labels(own)]
    legends = [*canvas.legends, *(legend for axis in canvas.axes if (legend := axis.get_legend()))]
    found += [text for legend in legends for text in (*legend.get_texts(), legend.get_title())]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def is_narrow(canvas: Canvas) -> bool:
    """Return whether axes with curves are narrower than `NARROWEST`; the canvas must have been laid out."""
    widths = [axis.get_window_extent().width / canvas.dpi for axis in canvas.axes if axis.axison and axis.lines]
    return bool(min(widths, default=NARROWEST) < NARROWEST)


def _even_lines(text: str, n: int) -> str:
    """Return the text on at most `n` lines, the longest as short as can be."""
    for width in range(max(1, len(text) // n), len(text) + 1):
        lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        if len(lines) <= n and max(map(len, lines), default=0) <= width:
            return "\n".join(lines)
    return text


def _tick_labels(own: Axis) -> list[Text]:
    """Return the labels of ticks between the ends of an axis."""
    return _within(own, own.get_majorticklocs(), own.get_majorticklabels())


def _minor_labels(own: Axis) -> list[Text]:
    return _within(own, own.get_minorticklocs(), own.get_minorticklabels())


def _within(own: Axis, places: np.ndarray, labels: list[Text]) -> list[Text]:
    low, high = sorted(own.get_view_interval())
    room = 1e-9 * (high - low)
    shown = zip(places, labels, strict=False)
    return [text for place, text in shown if low - room <= place <= high + room and text.get_text()]


def _box(text: Text) -> Bbox:
    """Return the box around a text, with a little room beside it; boxes of lines may touch."""
    assert text.figure is not None
    point = text.figure.dpi / 72
    return text.get_window_extent().padded(point, -point / 4)
