"""Folders of pictures as labelled examples."""

import concurrent.futures
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart import checks
from byheart.checks import BadInput
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.options import DEFAULT_SIZE
from byheart.data.loading.pictures.layouts import listed
from byheart.data.loading.pictures.listed import Columns, Listed
from byheart.data.loading.pictures.walking import text_of
from byheart.progress_bar import bar_of

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
    notes = list(found.notes)
    if problems:
        told = _problems(problems, found)
        if not skip_unreadable or len(problems) == len(found.paths):
            raise BadInput(
                f"{told} Repair or delete them, or leave them out with `skip_unreadable` (--skip-unreadable)."
            )
        notes.append(f"{told} They are left out.")
        found = _without(found, problems)
    if len(sizes) == 1 and (width := sizes.pop()) != (size, size) and width[0] == width[1]:
        notes.append(f"All pictures are {width[0]} x {width[0]}, and are resized to {size} x {size}.")
    return LabelledExamples(
        inputs=stacked(pictures),
        labels=_as_array(found.labels),
        ids=np.array(found.ids),
        name=text_of(Path(folder).resolve().name),
        part=None if found.parts is None else np.array(found.parts),
        group=None if found.groups is None else np.array(found.groups),
        notes=tuple(notes),
    )


def _as_array(labels: Sequence[object]) -> npt.NDArray[Any]:
    """Return labels as an array of their type, or of objects if they have several."""
    if len({type(label) for label in labels}) == 1 and isinstance(labels[0], str | int | float):
        return np.array(labels)
    return np.array([*labels, None], object)[:-1]


def decode_all(
    sources: Sequence[str | bytes], size: int, show_progress: bool
) -> tuple[list[npt.NDArray[Any]], dict[int, str], set[tuple[int, int]]]:
    """Return the pixels of pictures, the problems by the position of the picture, and the sizes in the files.

    Args:
        sources: paths of files, or their bytes.
        size: width and height, in pixels.
        show_progress: show a bar in a terminal or a notebook.
    """
    from PIL import Image

    from byheart.data.loading.pictures.decoding import Picture, Unreadable, decoded

    def attempt(source: str | bytes) -> Picture | str:
        try:
            return decoded(source, size)
        except Unreadable as problem:
            return str(problem)

    pixels, problems, sizes = [], {}, set()
    with warnings.catch_warnings(), bar_of("pictures", len(sources), "pictures", show_progress) as add:
        warnings.filterwarnings("ignore", module="PIL")  # Such as about damaged EXIF.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        pool = concurrent.futures.ThreadPoolExecutor()
        try:
            for place, one in enumerate(pool.map(attempt, sources)):
                if isinstance(one, str):
                    problems[place] = one
                else:
                    pixels.append(one.pixels)
                    sizes.add((one.width, one.height))
                add(1)
        finally:
            pool.shutdown(cancel_futures=True)
    return pixels, problems, sizes


def stacked(pictures: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return pictures as one array: grey if all are, and float32 if any has more than 8 bits."""
    are_grey = all(one.ndim == 2 for one in pictures)
    are_deep = any(one.dtype != np.uint8 for one in pictures)
    shape = pictures[0].shape[:2]
    images = np.empty((len(pictures), *shape, 1 if are_grey else 3), np.float32 if are_deep else np.uint8)
    for place, one in enumerate(pictures):
        values = one / np.float32(255) if are_deep and one.dtype == np.uint8 else one
        images[place] = values if values.ndim == 3 else values[..., None]
    images.flags.writeable = False
    return images


def _problems(problems: dict[int, str], found: Listed) -> str:
    """Return a sentence about pictures that cannot be read."""
    first = list(problems.items())[:MOST_NAMED]
    named = "; ".join(f"{text_of(found.paths[place])} ({why})" for place, why in first)
    more = ", ..." * (len(problems) > MOST_NAMED)
    return f"{len(problems):,} of {len(found.paths):,} pictures cannot be read: {named}{more}."


def _without(found: Listed, problems: dict[int, str]) -> Listed:
    """Return the pictures that have no problem."""
    kept = [place for place in range(len(found.paths)) if place not in problems]
    parts, groups = found.parts, found.groups
    return Listed(
        [found.paths[place] for place in kept],
        [found.labels[place] for place in kept],
        [found.ids[place] for place in kept],
        None if parts is None else [parts[place] for place in kept],
        None if groups is None else [groups[place] for place in kept],
    )
