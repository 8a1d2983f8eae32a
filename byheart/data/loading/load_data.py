"""Loads data in any form in which people have them, by one function."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from byheart import checks
from byheart.checks import BadInput
from byheart.data.loading.array_files import is_as_saved
from byheart.data.loading.chosen import check_data, check_data_dir, kind_of
from byheart.data.loading.downloading import ProgressBar
from byheart.data.loading.embedding import with_embedding
from byheart.data.loading.from_source import labelled_from_source
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.load import load
from byheart.data.loading.npz import has_validation_part, load_npz
from byheart.data.loading.objects.from_object import labelled_from_object
from byheart.data.loading.options import DEFAULT_SIZE, DEFAULT_VALIDATION, LoadingOptions, no_meaning
from byheart.data.loading.pictures.walking import text_of
from byheart.data.loading.split_of import split_of
from byheart.data.split import Split


def load_data(
    source: Any,
    *,
    label: Any = None,
    ids: Any = None,
    labels: str | os.PathLike[str] | None = None,
    size: int = DEFAULT_SIZE,
    validation: float | str = DEFAULT_VALIDATION,
    group: Any = None,
    skip_unreadable: bool = False,
    features: str | Sequence[str] | None = None,
    missing: str = "refuse",
    show: Any = None,
    separator: str | None = None,
    thousands: str | None = None,
    decimal: str = ".",
    embedding: Any = None,
    name: str | None = None,
    seed: int = 0,
    data_dir: str | os.PathLike[str] | None = None,
    download: bool = True,
    progress: bool | ProgressBar | None = None,
) -> Split:
    """Load training and validation data from what you have: pictures, a table, arrays, an object, or a known data set.

    A folder holds a folder of pictures for each class, or train/ and validation/ (or test/) with such folders, or
    pictures with metadata.csv, .jsonl or .parquet, whose column `file_name` names them. An .npz file holds arrays as
    for `load_npz`, or inputs and labels by common names, such as `x, y`, `data, labels` or `X_train, y_train, X_test,
    y_test`. An .npy file holds inputs, and `labels` names the file of labels. A table is text with separators (CSV),
    JSON lines, Parquet or Arrow; numbers, truth values and vectors are features, texts are one-hot encoded. From Python
    come arrays, tensors and lists, frames of pandas and polars, tables of Arrow, `Dataset` of Hugging Face, `Bunch` of
    scikit-learn, map-style data sets of torch, and dictionaries of parts. Labels may be strings, integers of any
    values, or booleans; class names keep them.

    Args:
        source: path of a folder or a file; digits, mnist, fashion_mnist or cifar10, as for `load`; or an object.
        label: the column of a table or metadata file, or the array of an .npz file, that holds the labels; None guesses
            it, if one name says so. For an object also an array of labels.
        ids: the column, the array or (for .npy) the file that holds names of examples; None takes names of picture
            files, or row numbers. For an object also an array.
        labels: the file that holds the labels of an .npy file: .npy, or text with a label on each line.
        size: width and height of pictures, in pixels. The central square of a picture is kept and resized.
        validation: share of the examples to set aside for validation, drawn by `seed` within each class, if the source
            has no validation part; or the column that says train, validation or test.
        group: the column, the array or (for .npy) the file that holds groups of examples, such as patients; each group
            stays on one side of the split. For an object also an array.
        skip_unreadable: leave out pictures that cannot be decoded; otherwise they are refused.
        features: columns of a table and patterns, such as "age,pixel*" or "*,-name"; None: all that have no other role.
        missing: "refuse" missing values of a table, or "median": they get the median of their column, and a further
            feature says where.
        show: the column of a table to show in place of the numbers of a row; for an object also an array.
        separator: of cells in a text file; None: it is found.
        thousands: separator of thousands in the numbers of a text file.
        decimal: decimal point in the numbers of a text file.
        embedding: (example, feature) vectors that networks see in place of the inputs of the source, in its order, or
            the file that holds them: .npy, which is mapped into memory, or .npz with one array. Reports show the
            source.
        name: of the data of an object, in reports.
        seed: seed of the draw.
        data_dir: folder with the official files of known data sets, as for `load`.
        download: download official files that are not found.
        progress: show a progress bar, or the bar to use for a download; None shows one in a terminal or a notebook.

    Returns:
        the data. `Split.notes` says what was skipped; `Dataset.ids` names the examples.

    Raises:
        BadInput: no such source, options that it does not take, files that cannot be read, or labels or inputs that
            cannot be used. The message says where, and what to do.

    Warns:
        Caution: equal examples with different labels, dark images, or parts that are scaled differently.

    >>> load_data("digits")
    Split('digits': 1,437 training and 360 validation examples of 8 x 8 x 1, 10 classes)
    """
    options = {
        "labels": _as_text(labels),
        "size": size,
        "validation": validation,
        "skip_unreadable": skip_unreadable,
        "features": features,
        "missing": missing,
        "separator": separator,
        "thousands": thousands,
        "decimal": decimal,
    }
    roles = {"label": label, "ids": _as_text(ids), "group": _as_text(group), "show": show}
    is_file = embedding is None or isinstance(embedding, str | os.PathLike)
    if not isinstance(source, str | os.PathLike):
        known = LoadingOptions(**options)
        if data_dir is not None:
            raise no_meaning("data_dir", "a Python object")
        return _of_object(source, roles, known, embedding, "data" if name is None else name, seed)
    if name is not None:
        raise BadInput(f"`name` has no meaning for {os.fspath(source)}, which has a name. Leave it out.")
    read_by = LoadingOptions(**options, **roles, embedding=_as_text(embedding) if is_file else None)
    return load_by(
        os.fspath(source),
        read_by,
        embedding=embedding,
        seed=seed,
        data_dir=data_dir,
        download=download,
        progress=progress,
    )


def _as_text(path: Any) -> Any:
    """Return a path as text; anything else is returned unchanged."""
    return os.fspath(path) if isinstance(path, os.PathLike) else path


def load_by(
    source: str,
    options: LoadingOptions = LoadingOptions(),
    *,
    embedding: Any = None,
    seed: int = 0,
    data_dir: str | os.PathLike[str] | None = None,
    download: bool = True,
    progress: bool | ProgressBar | None = None,
) -> Split:
    """Return the data of a source, read by `options`; the other arguments are those of `load_data`.

    `embedding` takes the place of the file in `options`.
    """
    check_data(source, options)
    checks.count("seed", seed, at_least=0)
    check_data_dir([source], data_dir)
    kind = kind_of(source)
    vectors = options.embedding if embedding is None else embedding
    if kind == "name" and vectors is None:
        return load(source, data_dir, seed=seed, download=download, progress=progress)
    if kind == "npz" and vectors is None and is_as_saved(source, options):
        if _names_share(options):
            _check_share(source, options, has_parts=has_validation_part(Path(source)))
        return load_npz(source, seed=seed, validation=options.share)
    labelled = labelled_from_source(
        source, options, data_dir=data_dir, download=download, progress=progress, needs_inputs=vectors is None
    )
    return _split(labelled, vectors, source, options, seed)


def _of_object(
    source: Any, roles: dict[str, Any], options: LoadingOptions, embedding: Any, name: str, seed: int
) -> Split:
    """Return the data in a Python object."""
    checks.count("seed", seed, at_least=0)
    options.limited_to(("size", "validation", "features", "missing"), "a Python object")
    labelled = labelled_from_object(
        source,
        label=roles["label"],
        id_column=roles["ids"],
        features=options.features,
        missing=options.missing,
        group=roles["group"],
        part=options.part_column,
        show=roles["show"],
        size=options.size,
        name=name,
        needs_inputs=embedding is None,
    )
    return _split(labelled, embedding, name, options, seed)


def _split(labelled: LabelledExamples, embedding: Any, source: str, options: LoadingOptions, seed: int) -> Split:
    """Return the parts of labelled examples, with an embedding if there is one; messages begin with the source."""
    if embedding is not None:
        labelled = with_embedding(labelled, embedding)
    _check_share(source, options, has_parts=labelled.part is not None)
    try:
        return split_of(labelled, options.share, seed)
    except BadInput as problem:
        raise BadInput(f"{text_of(source)}: {problem}") from None


def _check_share(source: str, options: LoadingOptions, has_parts: bool) -> None:
    """Raise `BadInput` if a share is to be set aside of data that have parts."""
    if has_parts and _names_share(options):
        raise BadInput(
            f"{source} has a validation part, so no share can be set aside; got `validation` {options.share:g}. "
            "Leave the option out."
        )


def _names_share(options: LoadingOptions) -> bool:
    """Return whether another share than the default is to be set aside."""
    return isinstance(options.given().get("validation"), float)
