"""Axes for the quantities in figures: epochs, steps, radii, shares, sizes, losses."""

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from byheart.drawing.drawn_panel import label_in_words


def epoch_axis(axis: Axes, last: int) -> None:
    """Set up x for epochs, on a scale with room for the first ones: logarithmic beyond 1, but with 0."""
    axis.set_xscale("symlog", linthresh=1, linscale=0.3)
    ticks = [tick for tick in (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if tick <= last]
    axis.set_xticks(ticks)
    axis.set_xticks([], minor=True)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_xlim(0, last)
    axis.set_xlabel("epoch (log scale)")


def radius_axis(axis: Axes, radii: Float[np.ndarray, " radius"], unit: str) -> None:
    """Set up x for radii, on a logarithmic scale."""
    axis.set_xscale("log")
    axis.set_xticks(radii, [f"{radius:.3g}" for radius in radii])
    axis.set_xticks([], minor=True)
    axis.set_xlabel(f"radius ({unit}, log scale)")


def step_axis(axis: Axes, steps: Float[np.ndarray, " step"]) -> None:
    """Set up x for numbers of updates, on a logarithmic scale."""
    axis.set_xscale("log")
    axis.set_xticks(steps, [f"{step:g}" if step < 1000 else f"{step / 1000:g}k" for step in steps])
    axis.set_xticks([], minor=True)
    axis.set_xlabel("SGD updates T (log scale)")


def share_axis(axis: Axes, label: str) -> None:
    """Set up y for a share from 0 to 1."""
    axis.set_ylim(0, 1.02)
    axis.set_ylabel(label)


def legend_below(axis: Axes, title: str | None = None, columns: int = 6) -> None:
    """Draw a legend below the axes, where it hides no curve; draw none if no curve has a name."""
    if axis.get_legend_handles_labels()[0]:
        axis.legend(title=title, loc="upper center", bbox_to_anchor=(0.5, -0.19), ncols=columns, columnspacing=1.1)


def size_axis(axis: Axes, sizes: Float[np.ndarray, " size"] | Int[np.ndarray, " size"], label: str) -> None:
    """Set up x for numbers of units or of examples, on a logarithmic scale."""
    axis.set_xscale("log", base=2)
    axis.set_xticks(sizes, [f"{size:g}" if size < 10_000 else f"{size / 1000:g}k" for size in sizes])
    axis.set_xticks([], minor=True)
    axis.set_xlabel(f"{label} (log scale)")


def log_axis(axis: Axes, label: str, base: float = 10) -> bool:
    """Make y logarithmic, or linear if no line is above 0; `label` then loses its "log scale".

    Call it after all lines are drawn. If some values are above 0, zeros are drawn at a separate place below them.

    Returns:
        Whether the scale is logarithmic.
    """
    values = np.concatenate([np.ravel(np.asarray(line.get_ydata(), float)) for line in axis.lines] or [np.zeros(0)])
    values = values[np.isfinite(values)]
    is_log = bool((values > 0).any())
    if is_log and (values <= 0).any():
        axis.set_yscale("symlog", base=base, linthresh=float(values[values > 0].min()), linscale=0.3)
    elif is_log:
        axis.set_yscale("log", base=base)
    axis.set_ylabel(label if is_log else label_in_words(label))
    return is_log


def loss_axis(axis: Axes) -> None:
    """Set up y for losses in nats, on a logarithmic scale with plain numbers."""
    if log_axis(axis, "training loss (nats, log scale)") and axis.get_yscale() == "log":
        low, high = axis.get_ylim()
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 1000 else (1,)))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.yaxis.set_minor_formatter(NullFormatter())
