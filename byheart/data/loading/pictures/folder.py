"""Folders of pictures as labelled examples."""

import os
from pathlib import Path

import numpy as np

from byheart import checks
from byheart.checks import BadInput
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.options import DEFAULT_SIZE
from byheart.data.loading.pictures.batch_decoding import decode_all, stacked
from byheart.data.loading.pictures.layouts import listed
from byheart.data.loading.pictures.listed import Columns, Listed
from byheart.data.loading.pictures.walking import text_of

MOST_NAMED = 5
"""Unreadable pictures that a message names."""


def labelled_from_folder(
    root: str | os.PathLike[str],
    *,
    size: int = DEFAULT_SIZE,
    columns: Columns = Columns(),
    skip_unreadable: bool = False,
    show_progress: bool = True,
) -> LabelledExamples:
    """Return the pictures in a folder as images (example, size, size, channel), with their classes.

    Classes are folders, or the labels in a metadata file (`layouts.listed`). Pictures become squares as
    `decoding.decoded` says; there is one channel if all pictures are grey, otherwise three. Names of examples are paths
    below the folder, unless a column names them.

    Args:
        root: the folder.
        size: width and height, in pixels.
        columns: columns of a metadata file.
        skip_unreadable: leave out pictures that cannot be decoded; otherwise they are refused.
        show_progress: show a bar in a terminal or a notebook.

    Raises:
        BadInput: the folder has no layout that is understood, or cannot be read; or pictures cannot be decoded.

    Memory: all pictures twice, with the size they get, as bytes.
    """
    size = checks.count("size", size)
    folder = os.fspath(root)
    found = listed(folder, columns)
    pictures, problems, sizes = decode_all(found.paths, size, show_progress)
    notes, left_out = list(found.notes), tuple[str, ...]()
    if problems:
        sentence = _problems(problems, found)
        if not skip_unreadable or len(problems) == len(found.paths):
            raise BadInput(
                f"{sentence} Repair or delete them, or leave them out with `skip_unreadable` (--skip-unreadable)."
            )
        notes.append(f"{sentence} They are left out.")
        left_out = tuple(found.ids[place] for place in problems)
        found = found.take([place for place in range(len(found.paths)) if place not in problems])
    if len(sizes) == 1 and (width := sizes.pop()) != (size, size) and width[0] == width[1]:
        notes.append(
            f"All pictures are {width[0]} x {width[0]}, and are resized to {size} x {size}; `--size {width[0]}` keeps "
            "them."
        )
    return LabelledExamples(
        inputs=stacked(pictures),
        labels=np.array(found.labels, object),
        ids=np.array(found.ids),
        name=text_of(Path(folder).resolve().name),
        part=None if found.parts is None else np.array(found.parts),
        group=None if found.groups is None else np.array(found.groups),
        notes=tuple(notes),
        left_out=left_out,
        folder=os.path.abspath(folder) if columns.ids is None else "",
    )


def _problems(problems: dict[int, str], found: Listed) -> str:
    """Return a sentence about pictures that cannot be read."""
    first = list(problems.items())[:MOST_NAMED]
    named = "; ".join(f"{text_of(found.paths[place])} ({why})" for place, why in first)
    more = ", ..." * (len(problems) > MOST_NAMED)
    return f"{len(problems):,} of {len(found.paths):,} pictures cannot be read: {named}{more}."
