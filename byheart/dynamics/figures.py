"""Figures of a log: the data map, and learning curves of the most suspect examples."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes

from byheart.drawing.axes import epoch_axis
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.marks import mark, points_of
from byheart.drawing.style import DISTINCT_COLORS, DISTINCT_MARKERS
from byheart.drawing.text import isolated

MOST_DRAWN = 2000
"""Largest number of examples in the data map; more would make the page slow."""
MARKED = 100
"""Number of most suspect examples that the data map always shows."""
GROUPS = ((0.999, "always right"), (0.5, "mostly right"), (0.001, "mostly wrong"), (-1.0, "never right"))
"""Lower ends of the correctness of each group, with its name."""


def data_map(table: pd.DataFrame) -> Figure:
    """Return the map of confidence against variability (Swayamdipta et al., 2020); `table` is most suspect first."""
    seen = table[np.isfinite(table.confidence)]
    rest = seen.iloc[MARKED:]
    n_rest = min(MOST_DRAWN, len(rest))
    shown = pd.concat([seen.iloc[:MARKED], rest.sample(n_rest, random_state=0)])

    def draw(axis: Axes) -> None:
        above = np.inf
        for number, (lowest, name) in enumerate(GROUPS):
            group = shown[(shown.correctness >= lowest) & (shown.correctness < above)]
            above = lowest
            if len(group):
                style = {"color": DISTINCT_COLORS[number], "marker": DISTINCT_MARKERS[number]}
                axis.plot(group.variability, group.confidence, linestyle="", markersize=3, label=name, **style)
        suspects = shown.iloc[:MARKED]
        (ring,) = axis.plot(
            suspects.variability, suspects.confidence, "o", markersize=7, markerfacecolor="none", color="#555555"
        )
        mark(axis, f"{len(suspects)} most suspect", [ring], points_of(suspects.variability, suspects.confidence))
        axis.set(xlabel="variability of the label's probability", ylabel="confidence: its mean", ylim=(-0.03, 1.03))

    part = (
        "" if len(shown) == len(seen) else f" {len(shown):,} of {len(seen):,} are drawn, the most suspect among them."
    )
    return Figure(
        "data-map",
        "Data map",
        "Each point is an example: mean and standard deviation over epochs of the probability of its label "
        "(Swayamdipta et al., 2020). Upper left: easy. Right: ambiguous. Lower left: the label is hardly ever predicted, "
        f"because it is wrong or the example is hard.{part}",
        (Panel("Examples", draw, "Scatter plot of confidence against variability of all examples."),),
        columns=1,
    )


def learning_curves(
    probabilities: Float[np.ndarray, "epoch suspect"],
    median: Float[np.ndarray, " epoch"],
    names: Sequence[str],
) -> Figure:
    """Return curves of the label's probability over epochs.

    Args:
        probabilities: of the most suspect examples; NaN where one was not seen.
        median: over all examples.
        names: of the most suspect examples.
    """
    epochs = np.arange(1, len(median) + 1)

    def draw(axis: Axes) -> None:
        axis.plot(epochs, median, color="#555555", linestyle="--", label="median of all examples")
        for number, name in enumerate(names):
            color = DISTINCT_COLORS[number % len(DISTINCT_COLORS)]
            marker = DISTINCT_MARKERS[number % len(DISTINCT_MARKERS)]
            axis.plot(epochs, probabilities[:, number], color=color, marker=marker, markersize=3, label=isolated(name))
        epoch_axis(axis, len(median))
        axis.set(ylabel="probability of the label", ylim=(-0.03, 1.03))

    return Figure(
        "learning-curves",
        f"Learning curves of the {len(names)} most suspect",
        "Probability of the label when the example came, by epoch. A wrong label that is learned by heart rises late.",
        (Panel("Most suspect", draw, "Probability of the label over epochs, a curve for each suspect example."),),
        columns=1,
    )
