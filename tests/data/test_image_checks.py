"""Checks of images, class names and labels: invalid arguments and their messages."""

import re

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.image_checks import checked_class_names, checked_images, checked_labels, quoted_names

BYTES = np.random.default_rng(0).integers(0, 256, (6, 3, 4, 2), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (BYTES.reshape(6, -1), "got the shape (6, 24). Are they flattened? Pass `images.reshape("),
        (BYTES[:0], "must hold at least one example of at least one pixel; got the shape (0, 3, 4, 2)"),
        (np.zeros((6, 3, 8, 8)), "channels last; got the shape (6, 3, 8, 8). Pass `np.moveaxis(images, 1, -1)`"),
        (
            BYTES.astype(np.int64),
            "must be uint8 (0 to 255), booleans, or floats in [0, 1]; got int64 from 0 to ",
        ),
        (BYTES.astype(np.int64), "Do they run from 0 to 255? Pass `images / 255`, or `np.asarray(images, np.uint8)`."),
        (
            BYTES.astype(np.int64) // 16,
            "got int64 from 0 to 15. Is 15 their largest possible value? Pass `images / 15`",
        ),
        (BYTES.astype(np.int64) // 128, "got int64 from 0 to 1. Pass `np.asarray(images, float)`."),
        (
            BYTES.astype(np.uint16) * 16,
            "Divide by their largest possible value, such as 65535 for 16 bits.",
        ),
        (BYTES.astype(np.int64) - 128, "Scale them to [0, 1]."),
        (BYTES / 16, "Is 16 their largest possible value? Pass `images / 16`; otherwise divide by the"),
        (BYTES * 16.0, "Divide by their largest possible value, such as 65535 for 16 bits."),
        (BYTES.astype(np.float32), "must lie in [0, 1]; got values from "),
        (BYTES.astype(np.float32), "Do they run from 0 to 255? Pass `images / 255`."),
        (BYTES / 255 - 0.5, "Are they standardized? Pass them unscaled"),
        (BYTES / BYTES.max() * 1.0001, "np.clip(images, 0, 1)"),
        (
            np.where(BYTES > 0, np.nan, 0.0),
            "must be finite; got NaN or infinite pixels in 6 of 6. Repair or drop those.",
        ),
        (np.full((6, 1, 1), np.inf), "must be finite"),
        (np.full((6, 1, 1), "dog"), "must be an array of numbers of any kind; got <U3."),
    ],
)
def test_images_that_cannot_be_right_are_refused(images: np.ndarray, said: str) -> None:
    with pytest.raises(BadInput, match="`images` must") as error:
        checked_images(images)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (LABELS + 1, "`labels` must run from 0 to 2; got 1 to 3. Pass `labels - 1`."),
        (LABELS - 1, "`labels` must run from 0 to 2; got -1 to 1."),
        (np.where(LABELS > 1, np.nan, LABELS), "2 of them are not finite: repair or drop those."),
        (LABELS / 2, "Are they scores? Labels are class numbers."),
        (LABELS.astype(np.float64), "got float64. If they are class numbers, pass `labels.astype(int)`."),
        (LABELS > 0, "must be integers from 0 to the number of classes - 1; got bool"),
        (np.array(list("abcabc")), "`np.unique(labels, return_inverse=True)` gives names and numbers."),
        (np.eye(3, dtype=int)[LABELS], "Are they one-hot? Pass `labels.argmax(axis=1)`."),
        (LABELS[:, None], "got the shape (6, 1). Pass `labels.ravel()`."),
        (LABELS[:0], "must hold at least one example"),
        (np.zeros(6, int), "at least 2 classes; got only '0'."),
        (
            np.array([0, 2, 0, 2, 0, 2]),
            "Every class must have an example; got `labels` from 0 to 2 and none of class 1.",
        ),
        (np.array([0, 1, 2, 3, 4, 2**40]), f"got `labels` from 0 to {2**40} and none of class 5."),
    ],
)
def test_labels_that_cannot_be_right_are_refused(labels: np.ndarray, said: str) -> None:
    with pytest.raises(BadInput, match=re.escape(said)):
        checked_labels(labels, (), may_lack_classes=False)


def test_truth_values_are_images_of_0_and_1() -> None:
    np.testing.assert_array_equal(checked_images(BYTES > 100), (BYTES > 100).astype(np.float32))


def test_lists_are_taken_as_arrays_are() -> None:
    images = BYTES / 255
    np.testing.assert_array_equal(checked_images(images.tolist()), checked_images(images))
    labels, _ = checked_labels(LABELS.tolist(), (), may_lack_classes=False)
    np.testing.assert_array_equal(labels, LABELS)
    assert checked_class_names(["a", "b"]) == ("a", "b")


def test_labels_beyond_the_named_classes_are_refused() -> None:
    with pytest.raises(BadInput, match="must run from 0 to 1; got 0 to 2"):
        checked_labels(LABELS, ("a", "b"), may_lack_classes=False)


def test_a_class_with_no_example_is_refused() -> None:
    with pytest.raises(BadInput, match=r"Every class must have a training example; got none of 'd'. Add examples"):
        checked_labels(LABELS, ("a", "b", "c", "d"), may_lack_classes=False)


def test_where_classes_may_lack_examples_their_names_must_be_given() -> None:
    with pytest.raises(BadInput, match="`class_names` must be given if classes may have no example"):
        checked_labels(LABELS, (), may_lack_classes=True)


@pytest.mark.parametrize("names", [("a", "a", "b"), "abc"])
def test_class_names_that_are_no_different_strings_are_refused(names: tuple[str, ...] | str) -> None:
    with pytest.raises(BadInput, match="`class_names` must"):
        checked_class_names(names)


def test_of_many_names_ten_are_listed() -> None:
    assert quoted_names(tuple("abcdefghijkl")).endswith("'i', 'j', ... (12 in total)")
