"""Checks and conversions of the inputs of a `Dataset`: images, or vectors."""

import mmap
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float32

from byheart import array_checks
from byheart.checks import BadInput
from byheart.data.grey_levels import scaled
from byheart.data.shared_memory import shared_array

BLOCK = 2**22
"""Numbers that are checked at once, so that no array as large as the data is made."""


def checked_inputs(inputs: npt.ArrayLike) -> Float32[np.ndarray, "example *input"]:
    """Return `inputs` as read-only float32: vectors if they have two axes, otherwise images with a channel axis.

    Raises:
        BadInput: other axes, nothing inside, or numbers that images or vectors cannot have.

    >>> checked_inputs(np.array([[[0, 255]]], np.uint8)).tolist()
    [[[[0.0], [1.0]]]]
    >>> checked_inputs([[0, 255]]).tolist()
    [[0.0, 255.0]]
    """
    values = array_checks.array("inputs", inputs, of="numbers of any kind")
    if values.ndim not in (2, 3, 4):
        raise BadInput(
            "`inputs` must have the axes (example, height, width) or (example, height, width, channel) of images, or "
            f"(example, feature) of vectors; got the shape {values.shape}."
        )
    if values.size == 0:
        raise BadInput(f"`inputs` must hold at least one example of at least one number; got the shape {values.shape}.")
    checked = _vectors(values) if values.ndim == 2 else _images(values)
    checked.flags.writeable = False
    return checked


def _vectors(vectors: npt.NDArray[Any]) -> Float32[np.ndarray, "example feature"]:
    with np.errstate(over="ignore"):
        found = _as_float32(vectors)
    is_broken = not_finite(found)
    if is_broken.any():
        raise BadInput(
            f"`inputs` must be finite, also as float32; got NaN or infinity in {is_broken.sum()} of {len(found)} "
            "vectors. Repair or drop those, or fill in missing numbers."
        )
    return found


def not_finite(values: npt.NDArray[Any]) -> Bool[np.ndarray, " example"]:
    """Return which examples hold NaN or infinity, also as float32. Memory: that of a block.

    >>> not_finite(np.array([[1.0, 2.0], [np.nan, 0.0], [1e300, 0.0]]))
    array([False,  True,  True])
    """
    is_broken = np.zeros(len(values), bool)
    for block in blocks_of(values):
        with np.errstate(over="ignore"):
            numbers = np.asarray(values[block], np.float32)
        is_broken[block] = ~np.isfinite(numbers).reshape(len(numbers), -1).all(axis=1)
    return is_broken


def blocks_of(values: npt.NDArray[Any]) -> list[slice]:
    """Return slices of examples, each with at most `BLOCK` numbers, or one example."""
    in_block = max(1, BLOCK // max(1, values[:1].size))
    return [slice(start, start + in_block) for start in range(0, len(values), in_block)]


def _images(images: npt.NDArray[Any]) -> Float32[np.ndarray, "example height width channel"]:
    """Return images in [0, 1]; they may be uint8, booleans, or floats in [0, 1]."""
    if images.ndim == 4 and images.shape[1] in (1, 3, 4) and images.shape[3] > 4:
        raise BadInput(
            f"`inputs` must have their channels last; got the shape {images.shape}. Pass `np.moveaxis(inputs, 1, -1)`."
        )
    if np.issubdtype(images.dtype, np.integer) and images.dtype != np.uint8:
        low, high = int(images.min()), int(images.max())
        what_to_do = scaled(high, are_whole=True) if low >= 0 else "Scale them to [0, 1]."
        raise BadInput(
            "`inputs` must be uint8 (0 to 255), booleans, or floats in [0, 1]; "
            f"got {images.dtype} from {low} to {high}. {what_to_do}"
        )
    if images.dtype == np.uint8:
        pixels = shared_array(images.shape, lambda empty: _scale_bytes(images, empty))
    else:
        if images.dtype != np.bool_:
            _check_range(images)
        pixels = _as_float32(images)
    return pixels if pixels.ndim == 4 else pixels[..., None]


def _as_float32(values: npt.NDArray[Any]) -> Float32[np.ndarray, "..."]:
    """Return the values as float32, as a copy unless they are so already and nobody can change them."""
    if values.dtype == np.float32 and values.flags.c_contiguous and _is_immutable(values):
        return np.asarray(values)
    return shared_array(values.shape, lambda empty: np.copyto(empty, values, casting="unsafe"))


def _scale_bytes(images: npt.NDArray[np.uint8], found: Float32[np.ndarray, "..."]) -> None:
    """Set `found` to the pixels divided by 255."""
    found[...] = images
    found /= 255


def _is_immutable(values: npt.NDArray[Any]) -> bool:
    """Return whether no array gives write access to the memory of `values`: it is all theirs, or that of a file."""
    owner: Any = values
    while isinstance(owner, np.ndarray) and not owner.flags.writeable:
        if owner.flags.owndata:
            return True
        owner = owner.base
    return isinstance(owner, mmap.mmap)


def _check_range(images: npt.NDArray[Any]) -> None:
    low, high = float(images.min()), float(images.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        broken = int((~np.isfinite(images)).reshape(len(images), -1).any(axis=1).sum())
        raise BadInput(
            f"`inputs` must be finite; got NaN or infinite pixels in {broken} of {len(images)} images. "
            "Repair or drop those."
        )
    if low >= 0 and high <= 1:
        return
    if low < 0:
        what_to_do = "Are they standardized? Pass them unscaled; a network may standardize them itself."
    elif high > 1.01:
        what_to_do = scaled(high)
    else:
        what_to_do = f"Divide by their largest possible value, or pass `np.clip(inputs, 0, 1)` if {high:g} is rounding."
    raise BadInput(f"`inputs` must lie in [0, 1]; got values from {low:g} to {high:g}. {what_to_do}")
