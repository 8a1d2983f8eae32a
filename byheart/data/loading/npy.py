"""Files of one array (.npy) as labelled examples: inputs, mapped into memory, with labels in a second file."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart.checks import BadInput
from byheart.data.loading.array_names import quoted
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.npz import readable_arrays
from byheart.data.loading.options import LoadingOptions
from byheart.data.loading.readable import readable


def labelled_from_npy(path: str | os.PathLike[str], options: LoadingOptions) -> LabelledExamples:
    """Return the inputs in an .npy file, mapped into memory, with labels from the file `options.labels`.

    Files of labels, ids and groups are .npy, or text with a value on each line.

    Raises:
        BadInput: a damaged file, no labels, or another number of them.
    """
    path = Path(path)
    if options.labels is None:
        raise BadInput(f"{path} holds inputs alone; name the file of their labels: `labels` (--labels FILE).")
    if options.part_column is not None:
        raise BadInput(f"`validation` names the column {options.part_column!r}; an .npy file has none. Pass a share.")
    inputs = mapped_array(path)
    labels = flat(_values(options.labels))
    ids = np.arange(len(labels)).astype(str) if options.ids is None else _values(options.ids).astype(str)
    group = None if options.group is None else _values(options.group).astype(str)
    named = {"labels": labels, "ids": ids, "group": group}
    if inputs.ndim == 0:
        raise BadInput(f"{path} must hold one input for each label; got a single number.")
    for name, values in named.items():
        if values is not None and values.shape != (len(inputs),):
            raise BadInput(
                f"{getattr(options, name) or path} must hold one value for each of {len(inputs)} inputs in {path}; "
                f"got the shape {values.shape}."
            )
    return LabelledExamples(inputs=inputs, labels=labels, ids=ids, name=path.stem, group=group)


def flat(labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return labels (example,) or (example, 1) with one axis."""
    return labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels


def mapped_array(path: Path) -> npt.NDArray[Any]:
    """Return the array in an .npy file, mapped into memory and read-only."""
    with readable_arrays(path):
        if path.stat().st_size == 0:
            raise BadInput(f"{path} is empty. Save it again.")
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except ValueError as problem:
            if "Python objects" not in str(problem):
                raise
            array = np.load(path, allow_pickle=False)  # Raises the error about objects.
    if isinstance(array, np.lib.npyio.NpzFile):
        raise BadInput(f"{path} must hold one array; it holds {quoted(array.files)}. Let its name end in .npz.")
    return array


def _values(path: str) -> npt.NDArray[Any]:
    """Return the values in an .npy file, or the lines of a text file."""
    if path.lower().endswith(".npy"):
        return np.array(mapped_array(Path(path)))
    with readable(Path(path)):
        try:
            lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise BadInput(
                f"{path} must be .npy, or text in UTF-8 with a value on each line; got other bytes."
            ) from None
    if not lines:
        raise BadInput(f"{path} must hold a value on each line; it is empty.")
    return np.array([line.strip() for line in lines])
