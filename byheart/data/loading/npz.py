"""Reads and writes data sets as NumPy .npz files. Pickles are never loaded."""

import contextlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart.checks import BadInput, instance
from byheart.data.dataset import Dataset
from byheart.data.legend import Legend
from byheart.data.loading.array_names import quoted
from byheart.data.loading.options import DEFAULT_VALIDATION, share_of
from byheart.data.loading.readable import readable
from byheart.data.split import Split
from byheart.data.stratified import default_split

_INPUTS = ("images", "vectors")
_OTHERS = ("labels", "index", "ids")
_LEGEND = {"feature_names": "feature_names", "shown": "shown", "inputs": "shown_inputs"}
"""The arrays of a legend, by its fields."""
_NPZ_KEYS = (
    *_INPUTS,
    *_OTHERS,
    "class_names",
    *_LEGEND.values(),
    *(f"validation_{key}" for key in (*_INPUTS, *_OTHERS)),
)


def load_npz(path: str | os.PathLike[str], *, seed: int = 0, validation: float = DEFAULT_VALIDATION) -> Split:
    """Load training and validation data from a NumPy .npz file.

    `images` is (example, height, width) or (example, height, width, channel), uint8 or floats in [0, 1]. Instead,
    `vectors` is (example, feature), any finite numbers. `labels` is (example,), integers from 0. Optional arrays:
    `class_names` (class,); `validation_images` or `validation_vectors`, with `validation_labels`; `index` and
    `validation_index` (example,), `ids` and `validation_ids` (example,), as `Dataset` takes them; and the
    names of features, texts and inputs to show that `save_npz` writes. Without a validation
    part, a share of the examples, drawn by `seed` within each class, is used for validation.

    Args:
        path: path of the file; its name without .npz becomes the name of the data.
        seed: seed of the draw of the validation part; unused if the file has one.
        validation: share of the examples to draw, above 0 and below 1; unused if the file has a validation part.

    Raises:
        BadInput: no such file, a damaged one, missing or unknown arrays, arrays of Python objects, or invalid values.
    """
    path = Path(instance("path", path, (str, os.PathLike), "a path"))
    validation = share_of("validation", validation)
    arrays = read_arrays(path)
    check_keys(path, arrays)
    class_names = arrays.get("class_names", np.array([], np.str_))
    if class_names.dtype.kind != "U":
        raise BadInput(f"{path}: `class_names` must be strings, one per class; got {class_names.dtype}.")
    kind = _kind(arrays)
    with prefix_errors(path, kind):
        inputs = of_kind(arrays, kind)
        names = class_names.ravel().tolist()
        legend = _legend(path, arrays)
        index, ids = arrays.get("index"), arrays.get("ids")
        data = Dataset(inputs, arrays["labels"], names, path.stem, index=index, ids=ids, legend=legend)
        if f"validation_{kind}" not in arrays:
            return default_split(data, seed, validation)
    with prefix_errors(f"{path}, validation part", f"validation_{kind}"):
        inputs = of_kind(arrays, f"validation_{kind}")
        index, ids = arrays.get("validation_index"), arrays.get("validation_ids")
        return Split(data, data.alike(inputs, arrays["validation_labels"], may_lack_classes=True, index=index, ids=ids))


def save_npz(split: Split, path: str | os.PathLike[str]) -> None:
    """Write `split` to an .npz file, atomically. `load_npz` returns the same data bit by bit, named after the file.

    Raises:
        BadInput: the name does not end in .npz, or the file cannot be written.
    """
    instance("split", split, Split, "a Split, as `byheart.load` gives one")
    path = Path(instance("path", path, (str, os.PathLike), "a path"))
    if path.suffix != ".npz":
        raise BadInput(f"The file name must end in .npz; got {str(path)!r}.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as folder:
            unfinished = Path(folder) / path.name
            kind = "images" if split.training.are_images else "vectors"
            arrays: dict[str, Any] = {"class_names": np.array(split.training.class_names)}
            legend = split.training.legend or Legend()
            for field, key in _LEGEND.items():
                if (held := getattr(legend, field)) is not None and len(held):
                    arrays[key] = np.asarray(held)
            for prefix, part in (("", split.training), ("validation_", split.validation)):
                found = {kind: part.inputs, "labels": part.labels, "index": part.index}
                if part.ids is not None:
                    found["ids"] = part.ids
                arrays |= {f"{prefix}{key}": values for key, values in found.items()}
            np.savez_compressed(unfinished, **arrays)
            unfinished.replace(path)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written ({error.strerror or error}). Choose an existing folder that you may write to."
        ) from None


def _legend(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> Legend | None:
    """Return the legend in a file; None if it has none.

    Raises:
        BadInput: `feature_names` or `shown` are no strings, or texts or inputs to show are fewer than the examples.
    """
    if not set(_LEGEND.values()) & set(arrays):
        return None
    for key in ("feature_names", "shown"):
        if key in arrays and (arrays[key].dtype.kind != "U" or arrays[key].ndim != 1):
            raise BadInput(f"`{key}` must be strings; got {arrays[key].dtype} of shape {arrays[key].shape}.")
    indices = [arrays[key] for key in ("index", "validation_index") if key in arrays]
    n = max((int(one.max()) + 1 for one in indices if one.size), default=len(arrays["labels"]))
    for key in ("shown", "shown_inputs"):
        if key in arrays and len(arrays[key]) < n:
            raise BadInput(f"`{key}` must have an entry for each `index` up to {n - 1}; got {len(arrays[key])}.")
    names = tuple(map(str, arrays.get("feature_names", np.array([], np.str_)).tolist()))
    return Legend(names, arrays.get("shown"), arrays.get("shown_inputs"))


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return all arrays in an .npz file, read-only.

    Raises:
        BadInput: no such file, another or a damaged one, or arrays of Python objects.
    """
    with readable_arrays(path), path.open("rb") as stream:
        file = np.load(stream, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise BadInput(
                f"{path} must hold named arrays; got one without a name. "
                "Save with `np.savez(path, images=..., labels=...)`."
            )
        arrays = {key: file[key] for key in file.files}
    for array in arrays.values():
        array.flags.writeable = False  # Nobody else has them: a `Dataset` need not copy them.
    return arrays


def has_validation_part(path: Path) -> bool:
    """Return whether an .npz file holds labels of a validation part; nothing else is read."""
    with readable_arrays(path), np.load(path, allow_pickle=False) as file:
        return "validation_labels" in file.files


def check_keys(path: Path, keys: Collection[str]) -> None:
    """Check that a file holds the arrays of `load_npz`, and no others."""
    unknown = sorted(set(keys) - set(_NPZ_KEYS))
    if unknown:
        raise BadInput(f"{path} may hold only {quoted(_NPZ_KEYS)}; got {quoted(unknown)}. Rename or remove them.")
    if set(_INPUTS) <= set(keys):
        raise BadInput(f"{path} must hold either `images` or `vectors`; it holds both. Remove one.")
    kind = _kind(keys)
    has_validation = any(key.startswith("validation_") for key in keys)
    required = [f"{prefix}{key}" for prefix in ("", "validation_")[: 1 + has_validation] for key in (kind, "labels")]
    missing = [key for key in required if key not in keys]
    if missing:
        raise BadInput(f"{path} must hold {quoted(required)}; it lacks {quoted(missing)}.")


def _kind(keys: Collection[str]) -> str:
    """Return the name of the inputs of a file: "images" unless it holds "vectors"."""
    return "vectors" if "vectors" in keys else "images"


def of_kind(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> npt.NDArray[Any]:
    """Return the inputs named `name` if they have the axes that this name promises."""
    inputs, of_vectors = arrays[name], name.endswith("vectors")
    if of_vectors == (inputs.ndim == 2):
        return inputs
    expected = "(example, feature)" if of_vectors else "(example, height, width) or (example, height, width, channel)"
    advice = "Name images `images`." if of_vectors else ""
    if inputs.ndim == 2:
        advice = (
            "Are they flattened? Save `images.reshape(-1, height, width, channels)`, or name them `vectors` to use "
            "them as vectors."
        )
    raise BadInput(f"`inputs` must have the axes {expected}; got the shape {inputs.shape}. {advice}".rstrip())


@contextlib.contextmanager
def readable_arrays(path: Path) -> Iterator[None]:
    """Turn errors about a missing or damaged file of arrays inside the block into `BadInput`."""
    try:
        with readable(path):
            yield
    except BadInput:
        raise
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise BadInput(f"{path} is damaged ({error}). Download or save it again.") from None
        is_single = path.suffix.lower() == ".npy"
        how = "np.save(path, array)" if is_single else "np.savez(path, images=..., labels=...)"
        raise BadInput(
            f"{path} must be an {'.npy' if is_single else '.npz'} file of plain arrays; got another file or Python "
            f"objects (pickle), which are never loaded. Save with `{how}`."
        ) from None


@contextlib.contextmanager
def prefix_errors(part: object, inputs: str) -> Iterator[None]:
    """Begin the message of a `BadInput` inside the block with `part`, and call `inputs` by their name in the file."""
    try:
        yield
    except BadInput as problem:
        raise BadInput(f"{part}: {re.sub(r'(?<=[`(])inputs', inputs, str(problem))}") from None
