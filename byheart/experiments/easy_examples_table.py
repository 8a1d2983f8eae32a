"""The table of easy-examples: every example with its rate of misclassification, for each kind of data."""

import json

import numpy as np
import xarray as xr

from byheart.experiments.easy_examples_claims import errors_of, labels_of
from byheart.experiments.kinds import TITLES
from byheart.measures.misclassification import rate_interval
from byheart.results.table import Table


def table_of(results: xr.Dataset) -> Table:
    """A row for each example and each kind of data of which networks are there."""
    names = np.array(json.loads(results.attrs["class_names"]))
    parts = []
    for kind, title in TITLES.items():
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
        "Each training example: where it stands in the data as loaded, its label after noise, the share of networks that misclassify it with "
        "its exact 95 % interval, and whether its input or label is noise.",
        columns,
    )
