"""Checks of inputs, images or vectors: invalid arguments and their messages."""

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.input_checks import checked_inputs

BYTES = np.random.default_rng(0).integers(0, 256, (6, 3, 4, 2), dtype=np.uint8)


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (BYTES.ravel(), "of images, or (example, feature) of vectors; got the shape (144,)."),
        (BYTES[:0], "must hold at least one example of at least one number; got the shape (0, 3, 4, 2)"),
        (np.zeros((6, 3, 8, 8)), "channels last; got the shape (6, 3, 8, 8). Pass `np.moveaxis(inputs, 1, -1)`"),
        (
            BYTES.astype(np.int64),
            "must be uint8 (0 to 255), booleans, or floats in [0, 1]; got int64 from 0 to ",
        ),
        (BYTES.astype(np.int64), "Do they run from 0 to 255? Pass `inputs / 255`, or `np.asarray(inputs, np.uint8)`."),
        (
            BYTES.astype(np.int64) // 16,
            "got int64 from 0 to 15. Is 15 their largest possible value? Pass `inputs / 15`",
        ),
        (BYTES.astype(np.int64) // 128, "got int64 from 0 to 1. Pass `np.asarray(inputs, float)`."),
        (
            BYTES.astype(np.uint16) * 16,
            "Divide by their largest possible value, such as 65535 for 16 bits.",
        ),
        (BYTES.astype(np.int64) - 128, "Scale them to [0, 1]."),
        (BYTES / 16, "Is 16 their largest possible value? Pass `inputs / 16`; otherwise divide by the"),
        (BYTES * 16.0, "Divide by their largest possible value, such as 65535 for 16 bits."),
        (BYTES.astype(np.float32), "must lie in [0, 1]; got values from "),
        (BYTES.astype(np.float32), "Do they run from 0 to 255? Pass `inputs / 255`."),
        (BYTES / 255 - 0.5, "Are they standardized? Pass them unscaled"),
        (BYTES / BYTES.max() * 1.0001, "np.clip(inputs, 0, 1)"),
        (
            np.where(BYTES > 0, np.nan, 0.0),
            "must be finite; got NaN or infinite pixels in 6 of 6 images. Repair or drop those.",
        ),
        (np.full((6, 1, 1), np.inf), "must be finite"),
        (np.full((6, 1, 1), "dog"), "must be an array of numbers of any kind; got <U3."),
    ],
)
def test_images_that_cannot_be_right_are_refused(images: np.ndarray, said: str) -> None:
    with pytest.raises(BadInput, match="`inputs` must") as error:
        checked_inputs(images)
    assert said in str(error.value)


def test_truth_values_are_images_of_0_and_1() -> None:
    np.testing.assert_array_equal(checked_inputs(BYTES > 100), (BYTES > 100).astype(np.float32))


def test_lists_are_taken_as_arrays_are() -> None:
    for inputs in (BYTES / 255, BYTES.reshape(6, -1)):
        np.testing.assert_array_equal(checked_inputs(inputs.tolist()), checked_inputs(inputs))


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.bool_, np.float32, np.float64])
def test_vectors_keep_their_numbers_whatever_their_type(kind: type) -> None:
    vectors = np.array([[0, 200], [3, 1]]).astype(kind)
    kept = checked_inputs(vectors)
    assert kept.dtype == np.float32
    assert not kept.flags.writeable
    np.testing.assert_array_equal(kept, vectors.astype(float))


def test_vectors_that_the_caller_can_change_are_copied() -> None:
    vectors = np.zeros((2, 3), np.float32)
    kept = checked_inputs(vectors)
    vectors[0] = 1
    assert not kept.any()


@pytest.mark.parametrize("broken", [np.nan, np.inf, 1e39])
def test_vectors_that_are_not_finite_as_float32_are_refused(broken: float) -> None:
    with pytest.raises(BadInput, match="must be finite, also as float32; got NaN or infinity in 1 of 3 vectors"):
        checked_inputs(np.array([[1.0, 2.0], [broken, 2.0], [1.0, 2.0]]))
