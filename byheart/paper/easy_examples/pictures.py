"""Images of the easiest and the hardest examples of each class."""

import dataclasses
import json
import unicodedata
from collections.abc import Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float, Int, Int32
from matplotlib.axes import Axes

from byheart.data.dataset import Dataset
from byheart.data.shown_inputs import shown_inputs, shows_pictures
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.images import LONGEST_NAME, image_grid
from byheart.drawing.text import isolated, names_of_classes
from byheart.paper.easy_examples.claims import errors_of

N_CLASSES, PER_CLASS = 10, 5
"""Numbers of classes shown, the largest ones, and of images of each class."""


def pictures_of(results: xr.Dataset, training: Dataset) -> xr.Dataset | None:
    """Return the easiest and the hardest images of each class, by the networks trained on real data.

    Returns:
        `picture`, (pictured, row, column, color), from 0 to 255, and `pictured_example`, (pictured,), the indices of
        the examples; None if results have no network trained on real data, or examples are not shown as pictures.
    """
    errors = errors_of(results, "real")
    if len(errors) == 0 or not shows_pictures(training):
        return None
    places = extreme_examples(errors.sum(axis=0), training)
    pictures = np.round(255 * shown_inputs(training, places)).astype(np.uint8)
    return xr.Dataset(
        {"picture": (("pictured", "row", "column", "color"), pictures), "pictured_example": ("pictured", places)}
    )


def extreme_examples(counts: Int[np.ndarray, " example"], training: Dataset) -> Int32[np.ndarray, " chosen"]:
    """Return the positions of the examples of each of the largest classes that have the least and the most errors.

    Examples with equal `counts` of errors are chosen in the order of the data.
    """
    chosen: list[int] = []
    for label in np.argsort(-training.class_counts, kind="stable")[:N_CLASSES]:
        members = np.flatnonzero(training.labels == label)
        ordered = members[np.argsort(counts[members], kind="stable")]
        hardest = members[np.argsort(-counts[members], kind="stable")]
        chosen += [*ordered[:PER_CLASS], *hardest[:PER_CLASS]]
    return np.unique(chosen).astype(np.int32)


def pictures_figures(results: xr.Dataset, data_label: str) -> Sequence[Figure]:
    """Return the figure of the stored images; no figure if none are stored."""
    if "picture" not in results:
        return []
    counts = errors_of(results, "real").sum(axis=0)
    n = len(errors_of(results, "real"))
    never, always = (int((counts == extreme).sum()) for extreme in (0, n))
    return [
        Figure(
            "easiest-and-hardest",
            "The easiest and the hardest images",
            f"Real training images, a column for each {_classes(results)}; below each image, the share of n = {n} "
            f"networks that misclassify it. {never:,} of {counts.size:,} are never misclassified, {always:,} always; "
            f"images with equal shares are shown in the order of the data. {_in_full(results)}{data_label}.",
            (
                Panel("easiest", PicturesPanel(results, counts / n, 1), "The easiest images of each class."),
                Panel("hardest", PicturesPanel(results, counts / n, -1), "The hardest images of each class."),
            ),
        )
    ]


def _classes(results: xr.Dataset) -> str:
    """Return a phrase for the classes that have images."""
    n = len(json.loads(results.attrs["class_names"]))
    return "class" if n <= N_CLASSES else f"of the {N_CLASSES} largest of {n} classes"


@dataclasses.dataclass(frozen=True)
class PicturesPanel:
    """Panel of a grid of images, with the classes side by side."""

    results: xr.Dataset
    rates: Float[np.ndarray, " example"]
    direction: int

    def __call__(self, axis: Axes) -> None:
        """Draw the images of the lowest (direction 1) or highest (-1) rates."""
        places = self.results.pictured_example.values
        labels = self.results.label.values[places]
        _, drawn = _names(self.results)
        columns = []
        for label in np.unique(labels):
            here = np.flatnonzero(labels == label)
            order = here[np.argsort(self.direction * self.rates[places[here]], kind="stable")][:PER_CLASS]
            pictures = [(self.results.picture.values[one] / 255, f"{self.rates[places[one]]:.0%}") for one in order]
            columns.append((drawn[label], pictures))
        image_grid(axis, columns)


def _names(results: xr.Dataset) -> tuple[list[str], list[str]]:
    """Return the names of all classes, as given by the user and as drawn."""
    names = json.loads(results.attrs["class_names"])
    return names, names_of_classes(names, LONGEST_NAME)


def _in_full(results: xr.Dataset) -> str:
    """Return a sentence with the full names of shown classes that are drawn shortened; empty if there are none."""
    names, drawn = _names(results)
    pictured = np.unique(results.label.values[results.pictured_example.values]).tolist()
    changed = [
        f"{isolated(drawn[label])} is “{isolated(names[label])}”"
        for label in pictured
        if drawn[label] != unicodedata.normalize("NFC", names[label])
    ]
    return f"Names in full: {'; '.join(changed)}. " if changed else ""
