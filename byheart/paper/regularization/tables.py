"""The tables of regularization: one row per curve, and one row per point."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from byheart.paper.regularization.claims import LITTLE, areas, flatness
from byheart.paper.regularization.curves import Curve, trade_off
from byheart.results.table import Table
from byheart.statistics.intervals import interval_over_seeds


def tables_of(results: xr.Dataset, curves: tuple[Curve, ...]) -> Sequence[Table]:
    """Return the table of curves, and the table of points."""
    return [_of_curves(results, curves), _of_points(results, curves)]


def _of_curves(results: xr.Dataset, curves: tuple[Curve, ...]) -> Table:
    columns: dict[str, list[str] | list[float]] = {"regularizer": [curve.title for curve in curves]}
    for name, values in (("area", areas(results, curves)), ("given up", flatness(results, curves))):
        intervals = [interval_over_seeds(values.sel(curve=curve.name).values) for curve in curves]
        columns[name] = [one.estimate for one in intervals]
        columns[f"{name}, low"], columns[f"{name}, high"] = (
            [getattr(one, side) for one in intervals] for side in ("low", "high")
        )
    caption = (
        "Area: the validation accuracy that is possible with at most x of noise fit, mean over x from 0 to 1. Given "
        "up: the largest drop of noise fit (training accuracy on random labels) while validation accuracy is at most "
        f"{LITTLE * 100:g} points below that without regularizers. Means over seeds with 95 % intervals."
    )
    return Table("regularizers", "Regularizers", caption, {name: np.array(values) for name, values in columns.items()})


def _of_points(results: xr.Dataset, curves: tuple[Curve, ...]) -> Table:
    rows = []
    for curve in curves:
        points = trade_off(results, curve, curves)
        noise_fit, accuracy = (
            [interval_over_seeds(values).estimate for values in points[name].values.T]
            for name in ("noise_fit", "accuracy")
        )
        for point, (x, y) in enumerate(zip(noise_fit, accuracy, strict=True)):
            lost = accuracy[0] - y
            price = (noise_fit[0] - x) / lost if lost > 0 else np.nan
            rows.append((curve.title, curve.strength_in_words(point), x, y, price))
    names = ("regularizer", "strength", "noise fit", "validation accuracy", "given up for a point")
    caption = (
        "For each strength: final training accuracy on random labels (noise fit), highest validation accuracy on real "
        "data, and the points of noise fit that are given up for each point of validation accuracy lost (none where "
        "no accuracy is lost). Means over seeds."
    )
    columns = {name: np.array(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    return Table("regularizer-strengths", "Strengths", caption, columns)
