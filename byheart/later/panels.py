"""The figure that the experiments share: a number of each seed or group, for a few kinds of something."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from byheart.drawing.figure import Figure, Panel
from byheart.drawing.marks import mark, points_of
from byheart.drawing.style import DISTINCT_COLORS
from byheart.drawing.text import named
from byheart.statistics.intervals import interval_over_seeds


def figure_by_kind(
    name: str,
    title: str,
    panel: str,
    label: str,
    numbers: Mapping[str, Float[np.ndarray, " seed"]],
    caption: str,
    dots: str = "seeds",
    line: float | None = None,
) -> Figure:
    """Return a figure of one panel: a dot for each seed or group, and their mean.

    Args:
        name: of the experiment.
        title: of the figure.
        panel: title of the panel.
        label: what the numbers are.
        numbers: kinds with their numbers, (seed,).
        caption: what is shown, on which data.
        dots: what a dot stands for, as a plural.
        line: where a line is drawn; None draws none.
    """
    drawn = Panel(panel, ByKind(numbers, label, line), f"{label}: {', '.join(numbers)}.")
    ending = f"dots are {dots}, with their mean and its 95 % interval."
    return Figure(name, title, f"{caption}; {ending}", (drawn,), columns=1)


@dataclasses.dataclass(frozen=True)
class ByKind:
    """Numbers over seeds for each kind: a dot for each, beside their mean with its 95 % interval.

    Attributes:
        numbers: kinds with their numbers, (seed,).
        label: what the numbers are.
        line: where a line is drawn, such as a threshold; None draws none.
    """

    numbers: Mapping[str, Float[np.ndarray, " seed"]]
    label: str
    line: float | None = None

    def __call__(self, axis: Axes) -> None:
        """Draw on an axis."""
        for place, (kind, numbers) in enumerate(self.numbers.items()):
            known = numbers[np.isfinite(numbers)]
            dots = axis.plot(np.full(len(known), place - 0.15), known, ".", color="0.6")
            interval = interval_over_seeds(known)
            if not np.isfinite(interval.estimate):
                continue
            bounds = np.array([[interval.low], [interval.high]])
            has_width = np.isfinite(bounds).all()
            bar = axis.errorbar(
                [place],
                [interval.estimate],
                yerr=np.abs(bounds - interval.estimate) if has_width else None,
                fmt="o",
                markersize=4,
                capsize=4,
                color=DISTINCT_COLORS[0],
            )
            y_bounds = (bounds[0], bounds[1]) if has_width else None
            points = points_of([place], [interval.estimate], y_bounds=y_bounds)
            mark(axis, named(kind), [*dots, *bar.get_children()], points)
        axis.set_xticks(range(len(self.numbers)), [named(kind) for kind in self.numbers])
        axis.set_xlim(-0.5, len(self.numbers) - 0.5)
        axis.set_ylabel(self.label)
        if self.line is not None:
            axis.axhline(self.line, color="0.5", linestyle="--", linewidth=0.8)
