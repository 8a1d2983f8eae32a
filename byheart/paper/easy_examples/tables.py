"""The tables of easy-examples: misclassification rates of all examples, and their dispersion by kind of data."""

import json

import numpy as np
import xarray as xr

from byheart.experiments.data_kinds import titles_of
from byheart.paper.easy_examples.claims import classes_of, errors_of, labels_of
from byheart.results.table import Table
from byheart.statistics.dispersion import dispersion
from byheart.statistics.rate_interval import rate_interval
from byheart.statistics.split_half import split_half_correlation


def tables_of(results: xr.Dataset) -> list[Table]:
    """Return both tables, for the kinds of data that have networks."""
    return [_kinds(results), _examples(results)]


def _kinds(results: xr.Dataset) -> Table:
    """Return a table with two rows for each kind of data: among all examples, and within class."""
    rows = []
    for kind, title in titles_of(results).items():
        errors = errors_of(results, kind)
        if len(errors) == 0:
            continue
        ranking = split_half_correlation(errors).mean() if len(errors) > 1 else np.nan
        for among, groups in (("all examples", None), ("those of a class", classes_of(results, kind))):
            found = dispersion(errors, groups)
            rows.append(
                {
                    "data": title,
                    "among": among,
                    "networks": len(errors),
                    "mean_rate": float(errors.mean()),
                    "error_correlation": found.correlation_interval.estimate,
                    "low": found.correlation_interval.low,
                    "high": found.correlation_interval.high,
                    "dispersion": found.value,
                    "split_half_correlation": float(ranking),
                }
            )
    return Table(
        "easy-examples-dispersion",
        "Dispersion",
        "For each kind of data: the mean misclassification rate; the mean correlation, over examples, between the "
        "errors of two networks (jackknife), with its 95 % interval over networks; the variance of the rates divided "
        "by that of coin flips, which grows with the number of networks; and the rank correlation between the rates "
        "from two halves of the networks, mean of 20 random halvings.",
        {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {},
    )


def _examples(results: xr.Dataset) -> Table:
    """Return a table with a row for each example and kind of data."""
    names = np.array(json.loads(results.attrs["class_names"]))
    ids = {"id": results["id"].values} if "id" in results.coords else {}
    parts = []
    for kind, title in titles_of(results).items():
        errors = errors_of(results, kind)
        if len(errors) == 0:
            continue
        labels, is_noisy = labels_of(results, kind)
        counts = errors.sum(axis=0)
        low, high = rate_interval(counts, len(errors))
        parts.append(
            {
                "data": np.full(len(counts), title),
                "index": results.index.values,
                **ids,
                "label": labels,
                "class": names[labels],
                "misclassification_rate": counts / len(errors),
                "low": low,
                "high": high,
                "networks": np.full(len(counts), len(errors)),
                "is_noisy": is_noisy,
            }
        )
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
    return Table(
        "easy-examples",
        "All examples",
        f"For each training example: its index in the data as loaded, {'its id, ' if ids else ''}its label after "
        "noise, the share of networks that misclassify it with its exact 95 % interval, and whether its input or label "
        "is noise.",
        columns,
    )
