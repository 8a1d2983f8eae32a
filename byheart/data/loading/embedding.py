"""Vectors that networks see in place of the inputs of a source: the embedding of its pictures, texts or rows."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart.array_checks import array
from byheart.checks import BadInput
from byheart.data.input_checks import blocks_of, checked_inputs, not_finite
from byheart.data.loading.array_names import quoted
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.npy import mapped_array
from byheart.data.loading.npz import read_arrays
from byheart.data.loading.numbering import some_ids
from byheart.inputs import in_words

MOST_NAMED = 5
"""Examples left out that a message names."""


def with_embedding(examples: LabelledExamples, embedding: Any) -> LabelledExamples:
    """Return the examples with vectors as inputs, in place of those of the source, which are kept to be shown.

    Args:
        examples: in the order of the source.
        embedding: (example, feature) numbers, or the file that holds them: .npy, which is mapped into memory, or .npz
            with one array.

    Raises:
        BadInput: the file cannot be read, has another number of rows, or holds what is no embedding: NaN, infinity, or
            the same vector for every example.
    """
    is_file = isinstance(embedding, str | os.PathLike)
    where = os.fspath(embedding) if is_file else "`embedding`"
    vectors = _array_in(Path(embedding)) if is_file else array("embedding", embedding, of="values of any kind")
    check_vectors(vectors, where)
    _check_length(vectors, where, examples)
    is_broken = not_finite(vectors)
    if is_broken.any():
        raise BadInput(
            f"{where} must hold finite numbers, also as float32; got NaN or infinity in "
            f"{some_ids(examples.ids, is_broken)}. Repair the encoder."
        )
    if len(vectors) > 1 and all((vectors[block] == vectors[0]).all() for block in blocks_of(vectors)):
        raise BadInput(f"{where} must tell examples apart; got the same vector for all {len(vectors)} of them.")
    shape = examples.inputs.shape[1:]
    what = "texts" if shape == (0,) else in_words((*shape, 1) if len(shape) == 2 else shape)
    note = f"Networks see the {vectors.shape[1]:,} features of {where}; reports show the source ({what})."
    return replace(examples, inputs=vectors, source_inputs=_to_show(examples.inputs), notes=(*examples.notes, note))


def check_vectors(vectors: npt.NDArray[Any], where: str) -> None:
    """Raise `BadInput` unless an array holds a vector of real numbers for each example.

    Args:
        vectors: the array.
        where: it is from, for messages.
    """
    if vectors.ndim != 2 or 0 in vectors.shape:
        flat = " Flatten or average the other axes." if vectors.ndim > 2 else ""
        raise BadInput(f"{where} must have the axes (example, feature); got the shape {vectors.shape}.{flat}")
    if vectors.dtype.kind not in "biuf":
        raise BadInput(f"{where} must hold real numbers; got {vectors.dtype}.")


def _check_length(vectors: npt.NDArray[Any], where: str, examples: LabelledExamples) -> None:
    n = len(examples.ids)
    if len(vectors) == n:
        return
    reason, left_out = "Was it made from these data?", examples.left_out
    if left_out and len(vectors) == n + len(left_out):
        named = ", ".join(left_out[:MOST_NAMED]) + ", ..." * (len(left_out) > MOST_NAMED)
        reason = f"The source has {len(left_out)} more, left out: {named}. Leave out their rows too."
    raise BadInput(
        f"{where} must have a row for each of {n:,} examples of {examples.name}, in their order; got "
        f"{len(vectors):,} rows. {reason}"
    )


def _array_in(path: Path) -> npt.NDArray[Any]:
    """Return the array in a file."""
    if path.suffix.lower() == ".npy":
        return mapped_array(path)
    if path.suffix.lower() != ".npz":
        raise BadInput(f"An embedding must be a file ending in .npy, or in .npz with one array; got {path}.")
    arrays = read_arrays(path)
    if len(arrays) != 1:
        raise BadInput(f"{path} must hold one array, the embedding; it holds {quoted(arrays)}. Save it alone.")
    return next(iter(arrays.values()))


def _to_show(inputs: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
    """Return images of a source with channels, as bytes or in [0, 1]; vectors as they are; None without features."""
    if inputs.ndim == 2:
        return inputs if inputs.shape[1] else None
    if inputs.dtype != np.uint8:
        return checked_inputs(inputs)
    checked_inputs(inputs[:1])
    return inputs if inputs.ndim == 4 else inputs[..., None]
