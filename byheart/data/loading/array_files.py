"""Files of several arrays (.npz) as labelled examples: inputs and labels under common names."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart.checks import BadInput
from byheart.data.loading.array_names import INPUT_NAMES, TARGET_NAMES, Named, named_parts, of_part, quoted, split_name
from byheart.data.loading.labelled import LabelledExamples, without_test
from byheart.data.loading.npy import flat
from byheart.data.loading.npz import of_kind, prefix_errors, read_arrays, readable_arrays
from byheart.data.loading.options import LoadingOptions
from byheart.data.loading.part_names import parts_of

Arrays = Mapping[str, npt.NDArray[Any]]
_TRAINING = ("", "training")


def is_as_saved(path: str | os.PathLike[str], options: LoadingOptions) -> bool:
    """Return whether an .npz file is for `load_npz`: it has inputs by its names, and labels from 0 without gaps.

    Raises:
        BadInput: a damaged file, or labels that are Python objects.
    """
    if any(name is not None for name in (options.label, options.ids, options.group, options.part_column)):
        return False
    with readable_arrays(Path(path)), open(path, "rb") as stream:
        file = np.load(stream, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            return True
        names = set(file.files)
        if not names & {"images", "vectors"}:
            return not any(split_name(name)[0] in INPUT_NAMES for name in names)
        if "labels" not in names:
            return not any(split_name(name) in [(one, "") for one in TARGET_NAMES] for name in names)
        labels = file["labels"]
    if labels.ndim != 1 or not labels.size:
        return labels.shape[1:] != (1,)
    is_numbered = labels.dtype.kind in "iu" and np.array_equal(np.unique(labels), np.arange(len(np.unique(labels))))
    return is_numbered or (labels.dtype.kind in "iu" and "class_names" in names) or labels.dtype.kind not in "iubUS"


def labelled_from_npz(path: str | os.PathLike[str], options: LoadingOptions = LoadingOptions()) -> LabelledExamples:
    """Return the examples in an .npz file whose arrays have common names (`array_names`).

    Inputs with two axes are vectors, others images. `class_names`, `feature_names`, `ids` and `index` are used if they
    are there. A test part is for validation if there is no validation part; otherwise it is left out.

    Raises:
        BadInput: a damaged file, no inputs or labels, arrays of different lengths, or an array that an option names and
            that is missing.
    """
    path = Path(path)
    where = str(path)
    arrays = read_arrays(path)
    found = {one.part: one for one in named_parts(list(arrays), options.label, where)}
    training = next((found[part] for part in _TRAINING if part in found), None)
    if training is None:
        raise BadInput(f"{where} must hold training inputs; got {quoted(one.inputs for one in found.values())}.")
    validating = found.get("validation") or found.get("test")
    notes = []
    if "validation" in found and "test" in found:
        notes.append(f"`{found['test'].inputs}` is left out, since there is a validation part.")
    used = [one for one in (training, validating) if one is not None]
    names = {key: _text(arrays, key, where) for key in ("class_names", "feature_names") if key in arrays}
    parts = None if validating is None else _part_column(arrays, training, validating)
    optional = {
        "ids": _column(arrays, used, options.ids, ("ids", "index"), where),
        "group": _column(arrays, used, options.group, (), where),
        "validation": _column(arrays, used, options.part_column, (), where),
    }
    inputs = _joined([_inputs(arrays, one, where) for one in used])
    labels = _joined([flat(arrays[one.labels]) for one in used])
    n = len(labels)
    if len(inputs) != n:
        raise BadInput(
            f"{where}: `{used[0].inputs}` and `{used[0].labels}` must have the same length; got {len(inputs)} inputs "
            f"and {n} labels."
        )
    ids = np.arange(n).astype(str) if optional["ids"] is None else optional["ids"]
    column = optional["validation"]
    if column is not None:
        if parts is not None:
            raise BadInput(f"{where} has arrays for both parts; leave out `validation` (--validation).")
        parts, note = parts_of(column.tolist(), str(options.validation))
        notes += [note] * bool(note)
    examples = LabelledExamples(
        inputs=inputs,
        labels=labels,
        ids=ids,
        name=path.stem,
        class_names=names.get("class_names", ()),
        part=parts,
        group=optional["group"],
        feature_names=names.get("feature_names", ()),
        notes=(*notes, *_unused(arrays, list(found.values()), options)),
    )
    return without_test(examples)


def _inputs(arrays: Arrays, one: Named, where: str) -> npt.NDArray[Any]:
    """Return the inputs of a part; `images` and `vectors` must have the axes that their name promises."""
    if one.inputs.endswith(("images", "vectors")):
        with prefix_errors(where, one.inputs):
            return of_kind(arrays, one.inputs)
    if arrays[one.inputs].ndim not in (2, 3, 4):
        raise BadInput(
            f"{where}: `{one.inputs}` must have the axes (example, feature) of vectors, or (example, height, width) or "
            f"(example, height, width, channel) of images; got the shape {arrays[one.inputs].shape}."
        )
    return arrays[one.inputs]


def _joined(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Return the arrays of all parts as one."""
    if len(arrays) == 1:
        return arrays[0]
    shapes = [array.shape[1:] for array in arrays]
    if len(set(shapes)) > 1:
        raise BadInput(f"Training and validation inputs must have the same shape; got {shapes[0]} and {shapes[1]}.")
    return np.concatenate(arrays)


def _part_column(arrays: Arrays, training: Named, validating: Named) -> npt.NDArray[Any]:
    sizes = [len(arrays[one.labels]) for one in (training, validating)]
    return np.repeat(["training", "validation"], sizes)


def _column(
    arrays: Arrays, used: Sequence[Named], given: str | None, guessed: Sequence[str], where: str
) -> npt.NDArray[Any] | None:
    """Return an array with a value for each example as text, under the given name or one of the `guessed` ones."""
    for base in (given,) if given is not None else guessed:
        names = [of_part(arrays, base, one.part) for one in used]
        if all(name is not None for name in names):
            values = np.concatenate([np.asarray(arrays[str(name)]).astype(str) for name in names])
            if values.shape != (n := sum(len(arrays[one.labels]) for one in used),):
                raise BadInput(f"{where}: `{base}` must have one value for each of {n} examples; got {values.shape}.")
            return values
    if given is not None:
        raise BadInput(f"{where} must hold the array `{given}` for each part; it holds {quoted(arrays)}.")
    return None


def _text(arrays: Arrays, key: str, where: str) -> tuple[str, ...]:
    """Return an array of names."""
    if arrays[key].dtype.kind != "U":
        raise BadInput(f"{where}: `{key}` must be strings; got {arrays[key].dtype}.")
    return tuple(arrays[key].ravel().tolist())


def _unused(arrays: Arrays, found: Sequence[Named], options: LoadingOptions) -> list[str]:
    """Return a note about arrays that are not used."""
    known = {name for one in found for name in (one.inputs, one.labels)} | {"class_names", "feature_names"}
    bases = [base for base in (options.ids, options.group, options.part_column, "ids", "index") if base is not None]
    known |= {name for base in bases for one in found if (name := of_part(arrays, base, one.part)) is not None}
    unused = [name for name in arrays if name not in known]
    return [f"Arrays that are not used: {quoted(unused)}."] if unused else []
