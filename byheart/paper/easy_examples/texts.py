"""Texts and names of the easiest and the hardest examples of each class."""

import json

import numpy as np
import xarray as xr

from byheart.data.dataset import Dataset
from byheart.data.example_texts import example_texts
from byheart.data.shown_inputs import shows_pictures
from byheart.paper.easy_examples.claims import errors_of
from byheart.paper.easy_examples.pictures import extreme_examples
from byheart.results.table import Table


def texts_of(results: xr.Dataset, training: Dataset) -> xr.Dataset | None:
    """Return texts of the easiest and the hardest examples of each class, by the networks trained on real data.

    Returns:
        `example_text`, (described,), and `described_example`, (described,), the positions of the examples; None if
        results have no network trained on real data, or examples are pictures without texts.
    """
    has_texts = training.legend is not None and training.legend.shown is not None
    errors = errors_of(results, "real")
    if len(errors) == 0 or (shows_pictures(training) and not has_texts):
        return None
    places = extreme_examples(errors.sum(axis=0), training)
    return xr.Dataset(
        {"example_text": ("described", example_texts(training, places)), "described_example": ("described", places)}
    )


def extremes_table(results: xr.Dataset) -> list[Table]:
    """Return the table of the examples whose texts or pictures are stored, the hardest first.

    There is no table if neither are stored, or if pictures have no names.
    """
    has_names = "id" in results.coords
    if "example_text" not in results and not ("picture" in results and has_names):
        return []
    errors = errors_of(results, "real")
    rates = errors.mean(axis=0)
    places = (results.described_example if "example_text" in results else results.pictured_example).values
    order = np.argsort(-rates[places], kind="stable")
    chosen = places[order]
    names = np.array(json.loads(results.attrs["class_names"]))
    ids = {"id": results["id"].values[chosen]} if has_names else {}
    texts = {"example": results.example_text.values[order]} if "example_text" in results else {}
    meaning = (
        ", and the text of the example, or those of its numbers that lie farthest from their mean over the training "
        "examples, in standard deviations (sd)"
    )
    return [
        Table(
            "easy-examples-extremes",
            "The easiest and the hardest examples",
            f"The examples of each class that the n = {len(errors)} networks trained on real data misclassify most and "
            f"least often, the hardest first: the share of networks{meaning if texts else ''}.",
            {
                "index": results.index.values[chosen],
                **ids,
                "class": names[results.label.values[chosen]],
                "misclassification_rate": rates[chosen],
                **texts,
            },
        )
    ]
