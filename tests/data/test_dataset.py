"""Data sets and splits: their attributes, and the errors for invalid arguments."""

import dataclasses
import hashlib

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.dataset import Dataset
from byheart.data.split import Split

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (6, 3, 4, 2), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2])


def test_bytes_become_floats_between_0_and_1() -> None:
    images = Dataset(BYTES, LABELS).inputs
    assert images.dtype == np.float32
    np.testing.assert_array_equal(images, (BYTES / 255).astype(np.float32))


def test_floats_in_range_are_kept_as_they_are() -> None:
    images = RNG.random((6, 3, 4, 1), dtype=np.float32)
    np.testing.assert_array_equal(Dataset(images, LABELS).inputs, images)


def test_images_without_channels_get_one() -> None:
    assert Dataset(BYTES[..., 0], LABELS).input_shape == (3, 4, 1)


def test_a_dataset_tells_its_sizes() -> None:
    data = Dataset(BYTES, LABELS, name="dots")
    assert (len(data), data.n_examples, data.n_classes, data.input_shape) == (6, 6, 3, (3, 4, 2))
    assert (data.class_names, data.name) == (("0", "1", "2"), "dots")
    np.testing.assert_array_equal(data.class_counts, [2, 2, 2])
    assert repr(data) == "Dataset('dots': 6 examples of 3 x 4 x 2, 3 classes)"


def test_mean_and_standard_deviation_equal_those_of_numpy_in_float64() -> None:
    images = RNG.random((2500, 3, 4, 1), dtype=np.float32)
    data = Dataset(images, np.arange(2500) % 3)
    assert data.mean == pytest.approx(images.astype(np.float64).mean(), rel=1e-14)
    assert data.standard_deviation == pytest.approx(images.astype(np.float64).std(), rel=1e-14)


def test_arrays_are_read_only_and_apart_from_what_was_given() -> None:
    images, labels = RNG.random((6, 3, 4, 1), dtype=np.float32), LABELS.astype(np.int32)
    data = Dataset(images, labels)
    for array in (data.inputs, data.labels, data.class_counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    images[:], labels[:] = 0.5, 0
    assert data.inputs.std() > 0
    np.testing.assert_array_equal(data.labels, LABELS)


def test_a_changed_copy_shares_the_images() -> None:
    data = Dataset(BYTES, LABELS)
    assert np.shares_memory(dataclasses.replace(data, name="other").inputs, data.inputs)


def test_the_fingerprint_is_that_of_the_content_and_not_of_the_name() -> None:
    data = Dataset(BYTES, LABELS)
    assert data.fingerprint == Dataset(BYTES, LABELS, name="other").fingerprint
    one_pixel = BYTES.copy()
    one_pixel[0, 0, 0, 0] ^= 1
    others = [
        Dataset(one_pixel, LABELS),
        Dataset(BYTES, LABELS[::-1].copy()),
        Dataset(BYTES, LABELS, ("a", "b", "c")),
        Dataset(BYTES.reshape(6, 4, 3, 2), LABELS),
    ]
    assert len({data.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_the_fingerprint_is_the_same_on_every_machine() -> None:
    data = Dataset(np.zeros((2, 1, 1), np.uint8), np.array([0, 1]))
    content = b"((2, 1, 1, 1), ('0', '1'))" + bytes(8) + bytes([0, 0, 0, 0, 1, 0, 0, 0])
    assert data.fingerprint == hashlib.sha256(content).hexdigest()


def test_examples_are_taken_in_the_order_asked_for() -> None:
    data = Dataset(BYTES, LABELS, ("a", "b", "c"), "dots")
    taken = data.take(np.array([5, 0, 1]))
    np.testing.assert_array_equal(taken.inputs, data.inputs[[5, 0, 1]])
    assert (taken.labels.tolist(), taken.class_names, taken.name) == ([2, 0, 1], ("a", "b", "c"), "dots")


def test_examples_keep_their_place_in_the_data_they_come_from() -> None:
    data = Dataset(BYTES, LABELS)
    np.testing.assert_array_equal(data.index, np.arange(6))
    taken = data.take(np.array([5, 3, 1])).take(np.array([2, 0]), may_lack_classes=True)
    assert taken.index.tolist() == [1, 5]
    assert taken.with_inputs(taken.inputs / 2).index.tolist() == [1, 5]
    assert not taken.index.flags.writeable


def test_images_and_labels_must_be_as_many() -> None:
    with pytest.raises(BadInput, match="must have the same length; got 6 inputs and 5 labels"):
        Dataset(BYTES, LABELS[:5])


def test_a_validation_part_may_lack_a_class() -> None:
    data = Dataset(BYTES, LABELS, ("a", "b", "c", "d"), may_lack_classes=True)
    np.testing.assert_array_equal(data.class_counts, [2, 2, 2, 0])


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BadInput) as error:
        Dataset(BYTES / 2, LABELS + 1)
    assert str(error.value).startswith("The data cannot be used:\n  - `inputs` must")
    assert "\n  - `labels` must" in str(error.value)


def test_a_split_tells_what_both_parts_share() -> None:
    split = Split(Dataset(BYTES, LABELS, name="dots"), Dataset(BYTES[:3], LABELS[:3], name="dots"))
    assert (split.name, split.input_shape, split.n_classes) == ("dots", (3, 4, 2), 3)
    assert repr(split) == "Split('dots': 6 training and 3 validation examples of 3 x 4 x 2, 3 classes)"


def test_the_fingerprint_of_a_split_tells_the_parts_apart() -> None:
    one, other = Dataset(BYTES, LABELS), Dataset(BYTES[:3], LABELS[:3])
    assert Split(one, other).fingerprint != Split(other, one).fingerprint
    assert Split(one, other).fingerprint == Split(one, other).fingerprint


def test_parts_of_different_shape_are_refused() -> None:
    with pytest.raises(BadInput, match=r"the same shape; got 3 x 4 x 2 and 4 x 3 x 2"):
        Split(Dataset(BYTES, LABELS), Dataset(BYTES.reshape(6, 4, 3, 2), LABELS))


def test_parts_of_different_classes_are_refused() -> None:
    with pytest.raises(BadInput, match="the same classes; got '0', '1', '2' and 'a', 'b', 'c'"):
        Split(Dataset(BYTES, LABELS), Dataset(BYTES, LABELS, ("a", "b", "c")))


def test_training_data_must_have_every_class() -> None:
    names = ("a", "b", "c", "d")
    part = Dataset(BYTES, LABELS, names, may_lack_classes=True)
    with pytest.raises(BadInput, match="got none of 'd'"):
        Split(part, part)
