"""Checks of class names and labels: invalid arguments and their messages."""

import re

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.label_checks import checked_class_names, checked_labels, quoted_names

LABELS = np.array([0, 1, 2, 0, 1, 2])


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


def test_lists_are_taken_as_arrays_are() -> None:
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
