"""Figures of a log: the data map, and learning curves of the most suspect examples."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes

from byheart.drawing.axes import epoch_axis, legend_below
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.style import DISTINCT_COLORS, DISTINCT_MARKERS
from byheart.drawing.text import isolated

MOST_DRAWN = 2000
"""Largest number of examples in the data map; more would make the page slow."""
MARKED = 100
"""Number of most suspect examples, which the data map always shows."""
GROUPS = ((0.999, "always right"), (0.5, "mostly right"), (0.001, "mostly wrong"), (-1.0, "never right"))
"""Lower ends of the correctness of each group, with its name."""


def data_map(table: pd.DataFrame) -> tuple[Panel, str]:
    """Return the map of confidence against variability (Swayamdipta et al., 2020), and its caption.

    Args:
        table: the scores, most suspect first.
    """
    seen = table[np.isfinite(table.confidence)]
    rest = seen.iloc[MARKED:]
    shown = pd.concat([seen.iloc[:MARKED], rest.sample(min(MOST_DRAWN, len(rest)), random_state=0)])

    def draw(axis: Axes) -> None:
        above = np.inf
        for number, (lowest, name) in enumerate(GROUPS):
            group = shown[(shown.correctness >= lowest) & (shown.correctness < above)]
            above = lowest
            if len(group):
                style: dict[str, Any] = {"color": DISTINCT_COLORS[number], "marker": DISTINCT_MARKERS[number]}
                axis.plot(group.variability, group.confidence, linestyle="", markersize=3, label=name, **style)
        axis.set(xlabel="variability of the label's probability", ylabel="confidence: its mean", ylim=(-0.03, 1.03))
        legend_below(axis, columns=2)

    part = (
        "" if len(shown) == len(seen) else f" {len(shown):,} of {len(seen):,} are drawn, the most suspect among them."
    )
    caption = (
        "Data map: each point is an example, by the mean and the standard deviation over epochs of the probability of "
        "its label (Swayamdipta et al., 2020). Upper left: easy. Right: ambiguous. Lower left: the label is hardly "
        f"ever predicted, because it is wrong or the example is hard.{part}"
    )
    return Panel("Data map", draw, "Scatter plot of confidence against variability of all examples."), caption


def learning_curves(
    probabilities: Float[np.ndarray, "epoch suspect"], median: Float[np.ndarray, " epoch"], names: Sequence[str]
) -> tuple[Panel, str]:
    """Return curves of the label's probability over epochs, and their caption.

    Args:
        probabilities: of the most suspect examples; NaN where one was not seen.
        median: over all examples.
        names: of the most suspect examples.
    """
    epochs = np.arange(1, len(median) + 1)

    def draw(axis: Axes) -> None:
        axis.plot(epochs, median, color="#555555", linestyle="--", label="median of all")
        for number, name in enumerate(names):
            color = DISTINCT_COLORS[number % len(DISTINCT_COLORS)]
            marker = DISTINCT_MARKERS[number % len(DISTINCT_MARKERS)]
            axis.plot(epochs, probabilities[:, number], color=color, marker=marker, markersize=3, label=isolated(name))
        epoch_axis(axis, len(median))
        axis.set(ylabel="probability of the label", ylim=(-0.03, 1.03))
        legend_below(axis, columns=3)

    caption = (
        "Learning curves: probability of the label when the example came, by epoch. A wrong label that is learned by "
        "heart rises late."
    )
    description = "Probability of the label over epochs, a curve for each of the most suspect examples."
    return Panel(f"The {len(names)} most suspect", draw, description), caption


def figure_of(parts: Sequence[tuple[Panel, str]]) -> Figure:
    """Return the figure of the page."""
    panels, captions = tuple(panel for panel, _ in parts), " ".join(caption for _, caption in parts)
    return Figure("dynamics", "How the examples were learned", captions, panels, columns=len(panels))
