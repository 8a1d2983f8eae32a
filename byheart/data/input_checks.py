"""Checks and conversions of the inputs of a `Dataset`: images, or vectors."""

from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float32

from byheart import array_checks
from byheart.checks import BadInput
from byheart.data.grey_levels import scaled


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
    is_finite = np.isfinite(found).all(axis=1)
    if not is_finite.all():
        raise BadInput(
            f"`inputs` must be finite, also as float32; got NaN or infinity in {(~is_finite).sum()} of {len(found)} "
            "vectors. Repair or drop those, or fill in missing numbers."
        )
    return found


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
        pixels = images.astype(np.float32, order="C")
        pixels /= 255
    else:
        if images.dtype != np.bool_:
            _check_range(images)
        pixels = _as_float32(images)
    return pixels if pixels.ndim == 4 else pixels[..., None]


def _as_float32(values: npt.NDArray[Any]) -> Float32[np.ndarray, "..."]:
    """Return the values as float32, as a copy unless they are so already and nobody can change them."""
    immutable = values.flags.owndata and not values.flags.writeable
    return np.array(values, np.float32, order="C", copy=None if immutable else True)


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
