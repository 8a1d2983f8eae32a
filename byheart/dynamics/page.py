"""The page of a log: data map, learning curves and the most suspect examples; and all scores as a file."""

import base64
import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from byheart import checks
from byheart.data.dataset import Dataset
from byheart.data.example_texts import example_texts
from byheart.data.label_checks import quoted_names
from byheart.data.shown_inputs import shown_inputs, shows_pictures
from byheart.data.split import Split
from byheart.drawing.figure import Panel
from byheart.dynamics.dynamics import Dynamics
from byheart.dynamics.figures import data_map, figure_of, learning_curves
from byheart.dynamics.page_terms import TERMS
from byheart.pages.links import file_link, folder_link
from byheart.report.chapters import CURVES, drawn_figure, save_numbers
from byheart.report.rendering import rendered
from byheart.results.atomic_write import folder, write, write_text
from byheart.results.table import Table
from byheart.statistics.training_dynamics import cross_entropies

PAGE, EXAMPLES = "report.html", "examples.csv"
MOST_SHOWN, MOST_IN_TABLE, MOST_CURVES = 60, 1000, 8
"""Numbers of examples: shown with their picture or text, in the table of the page, and with a learning curve."""
LONGEST_SIDE = 128
"""Larger pictures are shrunk to this many pixels."""
LARGEST_DIFFERENCE = 0.5
"""Share of labels that may differ between a log and its data: more, and they are of different examples."""


@dataclasses.dataclass(frozen=True)
class Suspect:
    """An example on the page.

    Attributes:
        scores: its row of the table.
        picture: address of its picture; "" if there is none.
        text: its text or most unusual numbers; "" if there are none.
        predicted: the class that was predicted last, if logits were kept and it is not the label; "" otherwise.
        link: to its file; "" if there is none.
    """

    scores: dict[str, Any]
    picture: str
    text: str
    predicted: str
    link: str


def write_page(
    dynamics: Dynamics, directory: Path, name: str, data: Dataset | None, notes: tuple[str, ...] = ()
) -> Path:
    """Write report.html and examples.csv into `directory`, which exists; return the path of the page.

    Args:
        dynamics: the log.
        directory: the folder.
        name: of the log, for the heading.
        data: the examples in the order of the log, to show them; None: only their scores are shown.
        notes: sentences about the data.

    Raises:
        BadInput: the log has no batch.
        WriteError: a file cannot be written.
    """
    table = dynamics.scores()
    cautions = (*dynamics.cautions, *notes)
    if data is not None and data.ids is not None and dynamics.has_no_ids:
        table["id"] = np.asarray(data.ids)[table.row.to_numpy()]
    write(directory / EXAMPLES, lambda path: table.to_csv(path, index=False, lineterminator="\n"))
    last, curves = _kept(dynamics, table)
    figure = drawn_figure(figure_of([data_map(table), *curves]))
    save_numbers(figure, folder(directory / CURVES))
    page = rendered(
        "dynamics.html",
        package="byheart.dynamics",
        name=name,
        epochs=dynamics.epochs,
        n_examples=dynamics.n_examples,
        cautions=cautions,
        has_data=data is not None,
        right_share=_right_share(table),
        suspects=_suspects(table.head(MOST_SHOWN), data, last, directory),
        figure=figure,
        has_logits=last is not None,
        table=_table(table.head(MOST_IN_TABLE)),
        files=_files(data, directory) if data is not None and _names_are_of(data, table) else "",
        own_terms=TERMS,
        examples_file=EXAMPLES,
    )
    write_text(directory / PAGE, page)
    return directory / PAGE


def examples_of(split: Split, whole: Dataset, dynamics: Dynamics) -> tuple[Dataset, tuple[str, ...]]:
    """Return the examples of a log, and a sentence if some labels differ.

    Args:
        split: the data.
        whole: all of them, in the order of their source.
        dynamics: the log: of all examples, or of the training part.

    Raises:
        BadInput: neither has as many examples as the log, or most labels differ.
    """
    n = dynamics.n_examples
    found = next((one for one in (whole, split.training) if len(one) == n), None)
    if found is None:
        raise checks.BadInput(
            f"The log has {n:,} examples; {split.name} has {len(whole):,}, of which {len(split.training):,} are for "
            "training. Name the data that the log was made with."
        )
    names = np.asarray(dynamics.class_names or [str(one) for one in range(dynamics.n_classes or 0)])
    own = names[dynamics.labels]
    given = np.asarray(found.class_names)[found.labels]
    unknown = tuple(sorted(set(own.tolist()) - set(found.class_names)))
    differ = dynamics.labels != found.labels if unknown and not dynamics.class_names else own != given
    if differ.mean() > LARGEST_DIFFERENCE:
        raise checks.BadInput(
            f"{int(differ.sum()):,} of {n:,} labels of the log differ from those of {split.name}, with the classes "
            f"{quoted_names(found.class_names)}. Are the examples in the same order?"
        )
    if differ.any():
        return found, (f"{int(differ.sum()):,} labels of the log differ from those of {split.name}.",)
    return found, ()


def _right_share(table: pd.DataFrame) -> float:
    """Return the share of examples that were right in the last epoch in which they were seen."""
    seen = table[table.epochs_seen > 0]
    return float(np.isfinite(seen.epochs_to_learn).mean())


def _suspects(
    rows: pd.DataFrame, data: Dataset | None, last: npt.NDArray[Any] | None, directory: Path
) -> list[Suspect]:
    places = rows.row.to_numpy()
    texts = [""] * len(rows) if data is None else example_texts(data, places).tolist()
    pictures = ["" if data is None or not shows_pictures(data) else _picture(data, int(place)) for place in places]
    predicted = [""] * len(rows) if last is None else [str(one) for one in last[places]]
    return [
        Suspect(scores, picture, text, "" if name == str(scores["label"]) else name, link)
        for scores, picture, text, name, link in zip(
            rows.to_dict("records"), pictures, texts, predicted, _links(places, data, directory), strict=True
        )
    ]


def _links(places: npt.NDArray[Any], data: Dataset | None, directory: Path) -> list[str]:
    """Return the link to the file of each example; "" where examples are no files."""
    files = _files(data, directory)
    if data is None or data.ids is None or not files:
        return [""] * len(places)
    return [file_link(files, name) for name in data.ids[places].tolist()]


def _files(data: Dataset | None, directory: Path) -> str:
    """Return the beginning of links to the files of examples; "" where examples are no files."""
    return "" if data is None or data.legend is None else folder_link(data.legend.folder, directory)


def _names_are_of(data: Dataset, table: pd.DataFrame) -> bool:
    """Return whether the ids in the table of a log are those of the data."""
    return data.ids is not None and np.array_equal(table["id"].astype(str), data.ids[table.row.to_numpy()])


def _picture(data: Dataset, place: int) -> str:
    """Return the address of the PNG of an example: three channels as colors, the mean of others as grey."""
    (values,) = shown_inputs(data, np.array([place]))
    shades = np.rint(255 * (values if values.shape[-1] == 3 else values.mean(axis=-1))).astype(np.uint8)
    image, file = Image.fromarray(shades), io.BytesIO()
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    image.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _kept(dynamics: Dynamics, table: pd.DataFrame) -> tuple[npt.NDArray[Any] | None, list[tuple[Panel, str]]]:
    """Return the class that each example was last predicted as ("": unseen), and learning curves, by kept logits."""
    logits = dynamics.kept_logits()
    if logits is None:
        return None, []
    probabilities = np.array([_label_probabilities(epoch, dynamics.labels) for epoch in logits])
    names = np.array(dynamics.class_names or [str(one) for one in range(logits.shape[2])])
    last = np.full(dynamics.n_examples, "", names.dtype)
    for epoch in logits:
        seen = ~np.isnan(epoch[:, 0])
        last[seen] = names[epoch[seen].argmax(axis=1)]
    median = np.array([np.median(one[~np.isnan(one)]) if (~np.isnan(one)).any() else np.nan for one in probabilities])
    first = table[table.sightings > 0].head(MOST_CURVES)
    return last, [learning_curves(probabilities[:, first.row], median, [str(one) for one in first.id])]


def _label_probabilities(logits: npt.NDArray[Any], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the probability of each label; NaN where the example was not seen."""
    values, found = np.asarray(logits, np.float64), np.full(len(labels), np.nan)
    seen = ~np.isnan(values[:, 0])
    found[seen] = np.exp(-cross_entropies(values[seen], labels[seen]))
    return found


def _table(rows: pd.DataFrame) -> Table:
    columns = {name: rows[name].to_numpy() for name in rows.columns if name != "row"}
    return Table("examples", f"The {len(rows):,} most suspect examples", "", columns)
