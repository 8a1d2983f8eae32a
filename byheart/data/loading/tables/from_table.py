"""Labelled examples from the rows of a table."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from byheart.checks import BadInput, count, instance
from byheart.data.loading.labelled import LabelledExamples, without, without_test
from byheart.data.loading.options import DEFAULT_SIZE, LoadingOptions, no_meaning
from byheart.data.loading.pictures.walking import text_of
from byheart.data.loading.tables.features import features_of
from byheart.data.loading.tables.labels import labels_of
from byheart.data.loading.tables.names_of_rows import groups_in, ids_in, parts_in, shown_in
from byheart.data.loading.tables.pictures_of_rows import picture_column_of, pictures_of
from byheart.data.loading.tables.reading import read_table
from byheart.data.loading.tables.roles import Roles
from byheart.data.loading.tables.table import Table, some_names


def labelled_from_table(
    path: str | os.PathLike[str], options: LoadingOptions = LoadingOptions(), *, needs_inputs: bool = True
) -> LabelledExamples:
    """Return the rows of a table in a file: CSV or other separated text, Parquet, Arrow, Feather or JSON lines.

    Numbers, truth values and vectors (lists of numbers) are features as they are; texts are one-hot encoded. Columns
    that are constant, or that count or name the rows and are not in `features`, are left out. A column of pictures, as
    Hugging Face stores them, makes the examples images. What was left out, encoded or filled in is said in the notes.

    Args:
        path: of the file; Parquet and Arrow need pyarrow (`byheart[tables]`).
        options: those of a table. By default the label is the only column with one of `LABEL_NAMES`, or that the file
            marks as a `ClassLabel`; ids are row numbers from 0, or the files of pictures; and all columns that have no
            other role are features. Medians of missing numbers are those of the training rows, if a column says which
            they are.
        needs_inputs: False reads no features if `show` names texts, and `features` and pictures do not say more.

    Raises:
        BadInput: no such file, a damaged one, no such column, missing labels, features that are missing, infinite or no
            numbers, an option that the table cannot use; the message names file, column and row.
    """
    file = Path(instance("path", path, (str, os.PathLike), "a path")).expanduser()
    roles = Roles.of(options, needs_inputs)
    try:
        table = read_table(file, options, as_text=roles.as_text)
        table = replace(table, source=text_of(table.source), name=text_of(table.name))
        return labelled_rows(table, roles, options.size, options.skip_unreadable)
    except BadInput as problem:
        raise BadInput(text_of(str(problem))) from None


def labelled_rows(
    table: Table, roles: Roles, size: int = DEFAULT_SIZE, skip_unreadable: bool = False
) -> LabelledExamples:
    """Return the rows of a table as labelled examples.

    Args:
        table: from a file or an object.
        roles: what its columns are used for.
        size: height and width of pictures, in pixels.
        skip_unreadable: leave out rows whose picture is missing or cannot be decoded.

    Raises:
        BadInput: as `labelled_from_table`.
    """
    count("size", size)
    known = without_inputs(table, roles)
    if not roles.needs_inputs and known.shown is not None and roles.features is None:
        others = tuple(name for name in table.names if name != roles.show)
        if picture_column_of(table, others, are_chosen=False) is None:
            _check_options(roles.missing, size, skip_unreadable, table, has_pictures=False, has_features=False)
            return without_test(known)
    found = roles.in_table(table)
    names, are_chosen = tuple(found.features or ()), roles.features is not None
    picture = picture_column_of(table, names, are_chosen)
    has_pictures = picture is not None
    _check_options(roles.missing, size, skip_unreadable, table, has_pictures, has_features=not has_pictures)
    if picture is None:
        fitted_on = None if known.part is None else known.part == "training"
        vectors = features_of(
            table,
            names,
            ids=known.ids,
            labels=known.labels,
            missing=roles.missing,
            fitted_on=fitted_on,
            are_chosen=are_chosen,
        )
        return without_test(
            replace(known, inputs=vectors.vectors, feature_names=vectors.names, notes=(*known.notes, *vectors.notes))
        )
    files = table.column(picture).file_names
    if roles.id_column is None and all(files) and len(set(files)) == len(files):
        folder = os.path.abspath(table.folder) if _are_files_below(table, picture) else ""
        known = replace(known, ids=np.array(files, np.str_), folder=folder)
    unused = [name for name in names if name != picture]
    note = f"The examples are the pictures in {picture!r}; not used: {some_names(unused)}."
    notes = (*known.notes, note) if unused else known.notes
    pictures = pictures_of(table, picture, known.ids, size, skip_unreadable)
    whole = replace(known, notes=(*notes, pictures.note) if pictures.note else notes)
    return without_test(replace(without(whole, ~pictures.is_readable), inputs=pictures.pixels))


def _are_files_below(table: Table, picture: str) -> bool:
    """Return whether the pictures of a table are files below its folder."""
    return not any(
        isinstance(one, bytes) or os.path.isabs(one) or ".." in Path(one).parts
        for one in table.column(picture).values.tolist()
    )


def _check_options(
    missing: str, size: int, skip_unreadable: bool, table: Table, has_pictures: bool, has_features: bool
) -> None:
    """Raise `BadInput` for an option about pictures or features that the table does not have."""
    if not has_features and missing != "refuse":
        kind = "a table of pictures" if has_pictures else "a table of which only texts are read"
        raise no_meaning("missing", f"{kind}, {table.source}")
    for name, is_given in (("size", size != DEFAULT_SIZE), ("skip_unreadable", skip_unreadable)):
        if is_given and not has_pictures:
            raise no_meaning(name, f"a table without pictures, {table.source}")


def without_inputs(table: Table, roles: Roles) -> LabelledExamples:
    """Return the labels, ids, parts, groups and texts of a table's rows, with inputs of no feature.

    `part` also says "test" where there are rows for validation besides, for `without_test`.
    """
    label = roles.label_in(table)
    ids = ids_in(table, roles.id_column)
    labels, class_names = labels_of(table, label, ids)
    part, note = parts_in(table, roles.part) or (None, "")
    return LabelledExamples(
        inputs=np.empty((table.n_rows, 0), np.float32),
        labels=labels,
        ids=ids,
        name=table.name,
        class_names=class_names,
        part=part,
        group=groups_in(table, roles.group),
        shown=shown_in(table, roles.show),
        notes=(*table.notes, note) if note else table.notes,
    )
