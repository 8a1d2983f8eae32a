"""The same figure of several runs in one: curves in the same panels, pictures side by side."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from byheart.drawing.axes import legend_below
from byheart.drawing.drawn_panel import color_of
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.marks import Bounds, Numbers, Points, mark, taken_marks
from byheart.drawing.style import DISTINCT_COLORS, styled
from byheart.drawing.text import named

DASHES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D")
"""Looks of the curves and points of each run, in turn."""
MOST_CURVES = 8
"""Most curves in a panel; of more, each series gets a panel of its own."""


@dataclasses.dataclass(frozen=True)
class Trace:
    """A curve of a run, without its drawing.

    Attributes:
        run: name of the run.
        place: of the run, from 0.
        series: name of the curve in the legend.
        note: text that distinguishes it from other curves of the same name.
        points: its values.
        color: in the run's own figure.
    """

    run: str
    place: int
    series: str
    note: str
    points: Points
    color: str


@dataclasses.dataclass(frozen=True)
class OwnPanel:
    """A panel of one run.

    Attributes:
        run: name of the run.
        panel: the panel.
        traces: its curves; empty for a panel of pictures.
        limits: of x and of y.
        quantity: what the names of the curves are values of, as the title of the legend says; may be empty.
    """

    run: str
    panel: Panel
    traces: tuple[Trace, ...]
    limits: tuple[tuple[float, float], tuple[float, float]]
    quantity: str = ""


def overlaid(figures: Sequence[tuple[str, Figure]]) -> Figure:
    """Return a figure with the curves of the same figure of several runs in the same panels.

    A run has its own kind of line, or its own color where a panel has one series. Curves that a figure draws with other
    lines get a panel of their own, and so does each series where a panel would have more than `MOST_CURVES` curves.
    Panels without curves are drawn for each run, side by side.

    Args:
        figures: the name of each run and its figure.
    """
    own = [[_own_panel(run, place, panel) for panel in figure.panels] for place, (run, figure) in enumerate(figures)]
    titles = dict.fromkeys(one.panel.title for panels in own for one in panels)
    panels = list[Panel]()
    for title in titles:
        same = [one for of_run in own for one in of_run if one.panel.title == title]
        panels += _curves(title, same) if any(one.traces for one in same) else _side_by_side(same)
    first = figures[0][1]
    captions = dict.fromkeys(figure.caption for _, figure in figures)
    caption = first.caption if len(captions) == 1 else " ".join(f"{run}: {one.caption}" for run, one in figures)
    return Figure(first.name, first.title, caption, tuple(panels), columns=2 if len(panels) < 5 else 3)


def _own_panel(run: str, place: int, panel: Panel) -> OwnPanel:
    with styled("overlay"):
        axis = Canvas().subplots()
        panel.draw(axis)
        limits, legend = (axis.get_xlim(), axis.get_ylim()), axis.get_legend()
        quantity = legend.get_title().get_text() if legend else ""
        traces = tuple(
            Trace(run, place, one.series, one.note, one.points, color_of(one.artists[0]))
            for one in taken_marks(axis)
            if one.points is not None
        )
    return OwnPanel(run, panel, traces, limits, quantity)


def _side_by_side(panels: Sequence[OwnPanel]) -> list[Panel]:
    return [
        Panel(f"{one.panel.title}: {one.run}", one.panel.draw, f"{one.run}: {one.panel.description}") for one in panels
    ]


def _curves(title: str, panels: Sequence[OwnPanel]) -> list[Panel]:
    """Return a panel for each kind of line, and one for each series where curves would be too many."""
    traces = [trace for one in panels for trace in one.traces]
    are_curves = any(trace.points.x.size > 1 for trace in traces)
    description = f"{panels[0].panel.description} Curves of {', '.join(one.run for one in panels)}."
    found = list[Panel]()
    for note in dict.fromkeys(trace.note for trace in traces) if are_curves else [None]:
        own = [trace for trace in traces if note is None or trace.note == note]
        named_title = f"{title} ({note})" if note else title
        if len(own) <= MOST_CURVES:
            found.append(Panel(named_title, OverlaidPanel(tuple(panels), tuple(own)), f"{named_title}. {description}"))
            continue
        for series in dict.fromkeys(trace.series for trace in own):
            full = f"{named_title}, {panels[0].quantity} {series}".replace(",  ", ", ")
            alone = tuple(trace for trace in own if trace.series == series)
            found.append(Panel(full, OverlaidPanel(tuple(panels), alone), f"{full}. {description}"))
    return found


@dataclasses.dataclass(frozen=True)
class OverlaidPanel:
    """Panel of the curves of several runs, on the axes of the run that reaches farthest."""

    panels: tuple[OwnPanel, ...]
    traces: tuple[Trace, ...]

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        base = max(self.panels, key=lambda one: max(one.limits[0]))
        base.panel.draw(axis)
        taken_marks(axis)
        colors: dict[str, str] = {}
        for trace in self.traces:
            colors.setdefault(trace.series, trace.color)
        for trace in self.traces:
            color = colors[trace.series] if len(colors) > 1 else DISTINCT_COLORS[trace.place % len(DISTINCT_COLORS)]
            _draw(axis, trace, color, has_names=len(colors) > 1)
        axis.set_xlim(*self._limits(base, 0))
        axis.set_ylim(*self._limits(base, 1))
        legend_below(axis, columns=2)

    def _limits(self, base: OwnPanel, at: int) -> tuple[float, float]:
        """Return limits of x (0) or y (1) that hold those of all runs, in the direction of `base`."""
        ends = [end for one in self.panels for end in one.limits[at]]
        low, high = base.limits[at]
        return (min(ends), max(ends)) if low <= high else (max(ends), min(ends))


def _draw(axis: Axes, trace: Trace, color: str, has_names: bool) -> None:
    """Draw a curve with its interval as a band; single points, and points with intervals of x, have bars."""
    points, is_alone = trace.points, trace.points.x.size == 1
    name = named(f"{trace.series} · {trace.run}" if has_names else trace.run)
    kind, marker = ("", MARKERS[trace.place % 4]) if is_alone else (DASHES[trace.place % 4], "")
    artists: list[Artist] = [*axis.plot(points.x, points.y, color=color, label=name, linestyle=kind, marker=marker)]
    if is_alone or points.x_bounds is not None:
        bars = (_reach(points.x_bounds, points.x), _reach(points.y_bounds, points.y))
        drawn = axis.errorbar(points.x, points.y, xerr=bars[0], yerr=bars[1], fmt="none", ecolor=color, elinewidth=0.8)
        artists += drawn.get_children()
    elif points.y_bounds is not None:
        low, high = points.y_bounds
        known = np.isfinite(low) & np.isfinite(high)
        band = axis.fill_between(points.x[known], low[known], high[known], color=color, alpha=0.12, linewidth=0)
        artists.append(band)
    mark(axis, name, artists, points, trace.note)


def _reach(bounds: Bounds | None, values: Numbers) -> Float[np.ndarray, "2 point"] | None:
    """Return the distances of the ends of intervals, 0 for those that are not known; None if there are none."""
    if bounds is None:
        return None
    reach = np.stack([values - bounds[0], bounds[1] - values])
    return np.where(np.isfinite(reach), reach, 0)
