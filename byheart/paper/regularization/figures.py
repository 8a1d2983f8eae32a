"""The figures of regularization: validation accuracy against the noise that is fitted, and training losses."""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from byheart.data.rand_y import RandY
from byheart.drawing.axes import legend_below, loss_axis
from byheart.drawing.curves import curve_with_band
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.marks import Numbers, mark, points_of
from byheart.drawing.style import DISTINCT_COLORS, DISTINCT_MARKERS
from byheart.drawing.text import drawable
from byheart.paper.regularization.claims import areas, training_loss
from byheart.paper.regularization.curves import Curve, trade_off
from byheart.statistics.intervals import Interval, interval_over_seeds

WITHOUT = "#222222"
"""The color of networks without regularizers."""


def figures_of(
    results: xr.Dataset, data_label: str, curves: tuple[Curve, ...], selected: Sequence[int], n_training: int
) -> Sequence[Figure]:
    """Return Figures 10 and 11: accuracy against noise fit, and training losses."""
    n_seeds = len(np.unique(results.seed))
    over = f"{n_training:,} training examples of {data_label}; mean and 95 % interval over n = {n_seeds} seeds."
    loss = training_loss(results, curves, selected)
    settings = ["none"] + [
        f"{curve.title} {curve.strength_in_words(point)}" for curve, point in zip(curves, selected, strict=True)
    ]
    return [
        Figure(
            "regularizers",
            "Figure 10: validation accuracy against the noise that is fitted",
            "Left: highest validation accuracy on real data against final training accuracy on random labels, for "
            "networks with the same regularizer. Each point is one strength; lines lead from none to the strongest. Up "
            f"and to the left is better. Right: the area under each curve, as in the claims. {over}",
            (
                Panel(
                    "accuracy against noise fitted",
                    TradeOffPanel(tuple(trade_off(results, curve, curves) for curve in curves), curves),
                    "Highest validation accuracy on real data against training accuracy on random labels, "
                    "with a curve for each regularizer.",
                ),
                Panel("area under the curve", AreaPanel(areas(results, curves), curves), "Area under each curve."),
            ),
        ),
        Figure(
            "regularized-training",
            "Figure 11: training with regularizers",
            "Mean loss of the minibatches of an epoch, as minimized in training, against epochs, at one strength of "
            f"each regularizer. {over}",
            tuple(
                Panel(
                    title,
                    LossPanel(loss.sel({RandY.id: level}), settings),
                    f"Training loss against epochs on {title}, by regularizer.",
                )
                for level, title in ((1.0, "random labels"), (0.0, "real data"))
            ),
        ),
    ]


@dataclasses.dataclass(frozen=True)
class TradeOffPanel:
    """Panel of Figure 10; `points` has a data set over (seed, point) for each curve."""

    points: tuple[xr.Dataset, ...]
    curves: tuple[Curve, ...]

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        for curve, points, (color, marker) in zip(self.curves, self.points, _looks(), strict=False):
            (x, x_reach), (y, y_reach) = (_points(points[name]) for name in ("noise_fit", "accuracy"))
            style: dict[str, Any] = {"color": color, "marker": marker, "markersize": 4, "elinewidth": 0.7}
            drawn = axis.errorbar(x, y, xerr=x_reach, yerr=y_reach, label=curve.title, **style)
            axis.plot(x[:1], y[:1], color=WITHOUT, marker="o", markersize=6, zorder=5)
            told = points_of(x, y, x_bounds=(x - x_reach, x + x_reach), y_bounds=(y - y_reach, y + y_reach))
            mark(axis, curve.title, drawn.get_children(), told)
        axis.set_xlim(0, 1.03)
        axis.set_xlabel("training accuracy on random labels")
        axis.set_ylabel("best validation accuracy, real data")
        legend_below(axis, columns=2)


@dataclasses.dataclass(frozen=True)
class AreaPanel:
    """Panel of the area under each curve; `area` is over (seed, curve)."""

    area: xr.DataArray
    curves: tuple[Curve, ...]

    def __call__(self, axis: Axes) -> None:
        """Draw a point with its interval for each curve."""
        for place, (curve, (color, marker)) in enumerate(zip(self.curves, _looks(), strict=False)):
            interval = interval_over_seeds(self.area.sel(curve=curve.name).values)
            drawn = axis.errorbar(interval.estimate, place, xerr=_reach(interval), color=color, marker=marker)
            bounds = (np.array([interval.low]), np.array([interval.high]))
            mark(axis, curve.title, drawn.get_children(), points_of(interval.estimate, place, x_bounds=bounds))
        axis.set_yticks(
            range(len(self.curves)), [drawable(curve.title).replace(" + ", " +\n") for curve in self.curves]
        )
        axis.invert_yaxis()
        axis.grid(axis="y", visible=False)
        axis.set_xlabel("area under the curve")


@dataclasses.dataclass(frozen=True)
class LossPanel:
    """Panel of training losses; `loss` is over (setting, seed, epoch)."""

    loss: xr.DataArray
    settings: Sequence[str]

    def __call__(self, axis: Axes) -> None:
        """Draw the curves."""
        looks, every = itertools.chain([(WITHOUT, "")], _looks()), max(1, self.loss.sizes["epoch"] // 8)
        for place, (setting, (color, marker)) in enumerate(zip(self.settings, looks, strict=False)):
            look: dict[str, Any] = {"color": color, "marker": marker, "markersize": 4, "markevery": every}
            curve_with_band(axis, self.loss.isel(setting=place), "epoch", label=setting, **look)
        axis.set_xlabel("epoch")
        loss_axis(axis)
        legend_below(axis, columns=2)


def _points(values: xr.DataArray) -> tuple[Numbers, Numbers]:
    """Return means over seeds of values over (seed, point), and half the width of their intervals."""
    intervals = [interval_over_seeds(of_seeds) for of_seeds in values.transpose("point", "seed").values]
    return np.array([one.estimate for one in intervals]), np.array([_reach(one) for one in intervals])


def _reach(interval: Interval) -> float:
    """Return half an interval's width; 0 for an unbounded interval."""
    half = interval.estimate - interval.low
    return half if np.isfinite(half) else 0.0


def _looks() -> Iterator[tuple[str, str]]:
    """Return the color and the marker of each curve."""
    return itertools.cycle(zip(DISTINCT_COLORS, DISTINCT_MARKERS, strict=True))
