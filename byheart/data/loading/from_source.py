"""Labelled examples from a source of any kind that is named by text: a known data set, a file or a folder."""

import os
from pathlib import Path

import numpy as np

from byheart.checks import Fault
from byheart.data.dataset import Dataset
from byheart.data.loading.array_files import is_as_saved, labelled_from_npz
from byheart.data.loading.chosen import kind_of
from byheart.data.loading.downloading import ProgressBar
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.load import load
from byheart.data.loading.npy import labelled_from_npy
from byheart.data.loading.npz import has_validation_part, load_npz
from byheart.data.loading.options import LoadingOptions
from byheart.data.loading.pictures.folder import labelled_from_folder
from byheart.data.loading.pictures.listed import Columns
from byheart.data.loading.tables.from_table import labelled_from_table
from byheart.data.split import Split


def labelled_from_source(
    source: str,
    options: LoadingOptions,
    *,
    data_dir: str | os.PathLike[str] | None = None,
    download: bool = True,
    progress: bool | ProgressBar | None = None,
    needs_inputs: bool = True,
) -> LabelledExamples:
    """Return the examples of a source in its order, before they are divided; each kind of source is read here.

    Data with parts have one after the other: training, then validation. The arguments are those of `load_by`;
    `options.embedding` is not used. Without `needs_inputs`, the columns of a table without pictures are not read if
    `options.show` names texts and no features are chosen; the inputs then have no feature.
    """
    kind, show_progress = kind_of(source), progress is not False
    match kind:
        case "name":
            split = load(source, data_dir, download=download, progress=progress)
            return labelled_from_split(split, is_drawn=source == "digits")
        case "folder":
            return _folder(source, options, show_progress)
        case "npz":
            if is_as_saved(source, options):
                return labelled_from_split(load_npz(source), is_drawn=not has_validation_part(Path(source)))
            return labelled_from_npz(source, options)
        case "npy":
            return labelled_from_npy(source, options)
        case "table":
            return labelled_from_table(source, options, needs_inputs=needs_inputs)
    raise Fault(f"No reader takes {source}, of the kind {kind!r}.")


def labelled_from_split(split: Split, is_drawn: bool) -> LabelledExamples:
    """Return the examples of a split.

    Args:
        split: the training and validation data.
        is_drawn: the parts were drawn from one source: its order is restored, and there are no parts.
    """
    parts = (split.training, split.validation)
    inputs, labels, index = (
        np.concatenate([getattr(one, name) for one in parts]) for name in ("inputs", "labels", "index")
    )
    ids = np.concatenate([_names(one) for one in parts])
    part = np.repeat(["training", "validation"], [len(one) for one in parts])
    if is_drawn:
        place = np.argsort(index)
        inputs, labels, ids = inputs[place], labels[place], ids[place]
    elif not any(one.ids is not None for one in parts):
        ids = np.arange(len(labels)).astype(str)
    inputs.flags.writeable = False
    return LabelledExamples(
        inputs=inputs,
        labels=np.array(split.training.class_names)[labels],
        ids=ids,
        name=split.name,
        class_names=split.training.class_names,
        part=None if is_drawn else part,
        notes=split.notes,
    )


def _names(data: Dataset) -> np.ndarray:
    return data.index.astype(str) if data.ids is None else data.ids


def _folder(source: str, options: LoadingOptions, show_progress: bool) -> LabelledExamples:
    return labelled_from_folder(
        source,
        size=options.size,
        columns=Columns(options.label, options.ids, options.group, options.part_column),
        skip_unreadable=options.skip_unreadable,
        show_progress=show_progress,
    )
