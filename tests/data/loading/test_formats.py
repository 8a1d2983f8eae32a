"""Formats of official files: parsed arrays, and errors for damaged files."""

import re

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.loading.formats import parse_cifar10, parse_idx

IDX = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])


def test_an_idx_file_gives_its_array() -> None:
    np.testing.assert_array_equal(parse_idx(IDX, "six"), [[[1, 2, 3]], [[4, 5, 6]]])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "six must be an IDX file, which begins with two zero bytes, a type and a number of axes; got b''. Down"),
        (b"<html>not found</html>", "a number of axes; got b'<htm'. Download it again."),
        (IDX[:2] + b"\x0d" + IDX[3:], "six must hold unsigned bytes (IDX type 0x08); got type 0x0d"),
        (IDX[:-1], "six must have 22 bytes by its header; got 21. Download it again."),
        (IDX[:9], "by its header; got 9"),
        (IDX + b"x", "six must have 22 bytes by its header; got 23"),
    ],
)
def test_a_broken_idx_file_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=re.escape(said)):
        parse_idx(data, "six")


def test_a_cifar_batch_gives_images_with_channels_last() -> None:
    red, green, blue = np.full(1024, 1), np.full(1024, 2), np.arange(1024) % 256
    images, labels = parse_cifar10(np.concatenate([[7], red, green, blue]).astype(np.uint8).tobytes() * 2, "batch")
    assert images.shape == (2, 32, 32, 3)
    assert labels.tolist() == [7, 7]
    np.testing.assert_array_equal(images[1, 0, 5], [1, 2, 5])
    np.testing.assert_array_equal(images[1, 1, 0], [1, 2, 32])


@pytest.mark.parametrize("data", [b"", bytes(3072)])
def test_a_cifar_batch_of_another_size_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match=f"batch must hold 3073 bytes for each example; got {len(data)} bytes"):
        parse_cifar10(data, "batch")
