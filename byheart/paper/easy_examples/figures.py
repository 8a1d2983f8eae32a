"""The figures of easy-examples: misclassification rates, error correlations, and precision by number of seeds."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import scipy
import xarray as xr
from jaxtyping import Bool, Int
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from byheart.drawing.axes import legend_below, share_axis
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.marks import mark, points_of
from byheart.drawing.style import KIND_COLORS, KIND_MARKERS, OTHER_MARKER, OTHER_NOISE
from byheart.experiments.data_kinds import titles_of
from byheart.paper.easy_examples.claims import LIKE_CHANCE, classes_of, errors_of
from byheart.statistics.binomial_control import binomial_control, binomial_quantiles
from byheart.statistics.dispersion import dispersion
from byheart.statistics.rate_interval import rate_interval
from byheart.statistics.split_half import split_half_correlation

N_DRAWN = 1000
"""Number of examples in the sorted curves, drawn at random, as in the paper's figure."""
CONTROL = "#555555"
ALL, WITHIN = "all examples", "within class"
N_BINS = 20
"""Largest number of bins of a histogram; each bin holds the same number of possible rates."""


def figures_of(results: xr.Dataset, data_label: str) -> Sequence[Figure]:
    """Return figures of the errors of each kind of networks; kinds without networks are omitted."""
    titles = titles_of(results)
    errors = {kind: found for kind in titles if len(found := errors_of(results, kind)) > 0}
    n = min(map(len, errors.values()), default=0)
    n_drawn = min(N_DRAWN, results.sizes["example"])
    return [
        Figure(
            "easy-examples",
            "Figure 1: easy and hard examples",
            f"Share of n = {n} networks, which differ in their seed alone, that misclassify an example. Left: "
            f"{n_drawn:,} training examples drawn at random, sorted; gray: the binomial control, in which all examples "
            "have the mean rate of randX: one draw, and its exact 95 % interval. Middle: histogram of the rates of all "
            "examples, with the exact binomial distribution. Right: mean correlation, over examples, between the "
            "errors of two networks, among all examples and, as in the claims, among those of one class, with 95 % "
            f"intervals over networks; 0: coin flips; gray band: counts as chance. {data_label}.",
            (
                Panel(
                    "sorted",
                    SortedPanel(errors, titles, n_drawn),
                    "Sorted misclassification rates of the kinds of data.",
                ),
                Panel(
                    "counted", CountPanel(errors, titles), "Histogram of misclassification rates of the kinds of data."
                ),
                Panel(
                    "error correlation",
                    CorrelationPanel(results, errors, titles),
                    "Correlation between the errors of two networks, plain and within class, for the kinds of data.",
                ),
            ),
            columns=3,
        ),
        Figure(
            "how-many-seeds",
            "How many seeds are enough",
            "Left: rank correlation, over examples, between the rates from two disjoint sets of networks, by their "
            "size; mean and range of 20 random choices. 1: both sets rank examples in the same order. Right: half the "
            f"width of the exact 95 % interval of one example's rate. {data_label}.",
            (
                Panel(
                    "ranking of examples",
                    RankingPanel(errors, titles),
                    "Rank correlation against the number of networks.",
                ),
                Panel(
                    "rate of one example", WidthPanel(max(n, 10)), "Width of intervals against the number of networks."
                ),
            ),
        ),
    ]


@dataclasses.dataclass(frozen=True)
class SortedPanel:
    """Panel of the sorted rates of some examples."""

    errors: dict[str, Bool[np.ndarray, "seed example"]]
    titles: dict[str, str]
    n_drawn: int

    def __call__(self, axis: Axes) -> None:
        """Draw the curves, and the control."""
        place = np.arange(1, self.n_drawn + 1)
        if "rand_x" in self.errors:
            self._control(axis, self.errors["rand_x"], place)
        for kind, errors in self.errors.items():
            chosen = np.random.default_rng(0).permutation(errors.shape[1])[: self.n_drawn]
            axis.plot(
                place,
                np.sort(errors[:, chosen].mean(axis=0)),
                color=KIND_COLORS.get(kind, OTHER_NOISE),
                marker=KIND_MARKERS.get(kind, OTHER_MARKER),
                markersize=3.5,
                markevery=max(1, self.n_drawn // 10),
                label=self.titles[kind],
            )
        share_axis(axis, "misclassification rate")
        axis.set_xlabel("training example, sorted")
        axis.set_xlim(1, self.n_drawn)
        legend_below(axis, columns=2)

    def _control(
        self, axis: Axes, errors: Bool[np.ndarray, "seed example"], place: Int[np.ndarray, " example"]
    ) -> None:
        rate, n_seeds = float(errors.mean()), len(errors)
        low, high = binomial_quantiles(self.n_drawn, n_seeds, rate)
        band = axis.fill_between(place, low, high, color=CONTROL, alpha=0.2, linewidth=0)
        drawn, name = binomial_control(self.n_drawn, n_seeds, rate), "binomial control"
        (line,) = axis.plot(place, drawn, color=CONTROL, linestyle="--", linewidth=1.1, label=name)
        mark(axis, name, [line, band], points_of(place, drawn, y_bounds=(low, high)))


@dataclasses.dataclass(frozen=True)
class CountPanel:
    """Panel of histograms of the rates of all examples."""

    errors: dict[str, Bool[np.ndarray, "seed example"]]
    titles: dict[str, str]

    def __call__(self, axis: Axes) -> None:
        """Draw a line for each kind."""
        for kind, errors in self.errors.items():
            n = len(errors)
            edges = np.append(np.arange(0, n + 1, -(-(n + 1) // N_BINS)), n + 1) - 0.5
            shares = np.histogram(errors.sum(axis=0), edges)[0] / errors.shape[1]
            color, style = KIND_COLORS.get(kind, OTHER_NOISE), "-" if kind in KIND_COLORS else "-."
            axis.stairs(shares, edges / n, color=color, linestyle=style, label=self.titles[kind], linewidth=1.6)
            if kind == "rand_x":
                chance = np.diff(scipy.stats.binom.cdf(edges, n, errors.mean()))
                axis.stairs(chance, edges / n, color=CONTROL, linestyle="--", linewidth=1.1, label="binomial")
        axis.set_xlim(0, 1)
        axis.set_ylim(bottom=0)
        axis.set_xlabel("misclassification rate")
        axis.set_ylabel("share of examples")
        legend_below(axis, columns=2)


@dataclasses.dataclass(frozen=True)
class CorrelationPanel:
    """Panel of the error correlation of each kind, plain and within class."""

    results: xr.Dataset
    errors: dict[str, Bool[np.ndarray, "seed example"]]
    titles: dict[str, str]

    def __call__(self, axis: Axes) -> None:
        """Draw points with intervals."""
        axis.axhspan(-LIKE_CHANCE, LIKE_CHANCE, color=CONTROL, alpha=0.2, linewidth=0)
        axis.axhline(0, color=CONTROL, linewidth=1, linestyle="--")
        for place, (kind, errors) in enumerate(self.errors.items()):
            for shift, marker, groups in ((-0.12, "s", None), (0.12, "o", classes_of(self.results, kind))):
                found = dispersion(errors, groups)
                interval, color = found.correlation_interval, KIND_COLORS.get(kind, OTHER_NOISE)
                value = interval.estimate if interval.n else found.error_correlation
                fill = "none" if groups is None else "full"
                drawn: list[Artist] = [*axis.plot(place + shift, value, marker, color=color, fillstyle=fill)]
                if np.isfinite([interval.low, interval.high]).all():
                    drawn.append(axis.vlines(place + shift, interval.low, interval.high, color=color))
                told = points_of(place + shift, value, y_bounds=(np.array([interval.low]), np.array([interval.high])))
                mark(axis, ALL if groups is None else WITHIN, drawn, told, self.titles[kind])
        axis.plot([], [], "s", color=CONTROL, fillstyle="none", label=ALL)
        axis.plot([], [], "o", color=CONTROL, label=WITHIN)
        axis.set_yscale("symlog", linthresh=LIKE_CHANCE)
        axis.yaxis.set_major_formatter("{x:g}")
        axis.set_xticks(range(len(self.errors)), [self.titles[kind] for kind in self.errors])
        axis.set_xlim(-0.5, max(len(self.errors), 1) - 0.5)
        axis.set_ylabel("error correlation (log scale; 0: chance)")
        legend_below(axis)


@dataclasses.dataclass(frozen=True)
class RankingPanel:
    """Panel of the rank correlation between halves against the number of networks in each."""

    errors: dict[str, Bool[np.ndarray, "seed example"]]
    titles: dict[str, str]

    def __call__(self, axis: Axes) -> None:
        """Draw a curve for each kind, with the range over random halvings."""
        for kind, errors in self.errors.items():
            half = len(errors) // 2
            sizes = sorted({size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500) if size < half} | {half} - {0})
            if not sizes:
                continue
            found = np.array([split_half_correlation(errors, size) for size in sizes])
            known = ~np.isnan(found).any(axis=1)
            if not known.any():
                continue
            x, found = np.array(sizes)[known], found[known]
            color = KIND_COLORS.get(kind, OTHER_NOISE)
            mean, low, high = found.mean(axis=1), found.min(axis=1), found.max(axis=1)
            marker = KIND_MARKERS.get(kind, OTHER_MARKER)
            (line,) = axis.plot(x, mean, color=color, label=self.titles[kind], marker=marker, markersize=3.5)
            band = axis.fill_between(x, low, high, color=color, alpha=0.15, linewidth=0)
            mark(axis, self.titles[kind], [line, band], points_of(x, mean, y_bounds=(low, high)))
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set_ylim(-0.1, 1.02)
        axis.set_xlabel("networks in each half (log scale)")
        axis.set_ylabel("rank correlation of two halves")
        legend_below(axis, columns=3)


@dataclasses.dataclass(frozen=True)
class WidthPanel:
    """Panel of the width of the interval of one example's rate against the number of networks."""

    n_seeds: int

    def __call__(self, axis: Axes) -> None:
        """Draw a curve for some rates."""
        sizes = np.unique(np.geomspace(5, 10 * self.n_seeds, 40).astype(int))
        for rate, style in ((0.5, "-"), (0.1, "--"), (0.0, ":")):
            bounds = [rate_interval(round(rate * n), int(n)) for n in sizes]
            axis.plot(sizes, [(high - low) / 2 for low, high in bounds], style, color=CONTROL, label=f"rate {rate:g}")
        axis.axvline(self.n_seeds, color=CONTROL, linewidth=1)
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set_ylim(bottom=0)
        axis.set_xlabel("networks (log scale; vertical line: this run)")
        axis.set_ylabel("half width of the 95 % interval")
        legend_below(axis, columns=3)
