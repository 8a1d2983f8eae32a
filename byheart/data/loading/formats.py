"""Parsers of official files: IDX (MNIST) and CIFAR-10's binary version.

Parsers take bytes, so that the bytes whose hash was checked are the bytes that are parsed.
"""

import math

import numpy as np
from jaxtyping import UInt8

from byheart.checks import BadInput

_IDX_UINT8 = 0x08
_CIFAR_SHAPE = (3, 32, 32)


def parse_idx(data: bytes, source: str) -> UInt8[np.ndarray, "..."]:
    """Return the array in an IDX file of unsigned bytes, the format of MNIST.

    Layout: two zero bytes; the element type (8 is unsigned byte); the number of axes; the length of each axis as 4
    bytes, big-endian; the elements.

    Args:
        data: the unpacked bytes of the file.
        source: name of the file, for messages.

    Returns:
        a read-only array with the shape in the header.

    Raises:
        BadInput: not an IDX file, another element type, or a size that does not match the header.

    >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]), "three-labels")
    array([7, 8, 9], dtype=uint8)
    """
    if len(data) < 4 or data[:2] != b"\0\0" or data[3] == 0:
        raise BadInput(
            f"{source} must be an IDX file, which begins with two zero bytes, a type and a number of axes; "
            f"got {data[:4]!r}. Download it again."
        )
    if data[2] != _IDX_UINT8:
        raise BadInput(
            f"{source} must hold unsigned bytes (IDX type 0x08); got type 0x{data[2]:02x}. Download it again."
        )
    start = 4 + 4 * data[3]
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, start, 4))
    expected = start + math.prod(shape)
    if len(data) != expected:
        raise BadInput(f"{source} must have {expected} bytes by its header; got {len(data)}. Download it again.")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def parse_cifar10(
    data: bytes, source: str
) -> tuple[UInt8[np.ndarray, "example height width channel"], UInt8[np.ndarray, " example"]]:
    """Return the images (example, 32, 32, 3) and labels (example,) in a file of CIFAR-10's binary version.

    Layout: for each example one byte of label, then 32 x 32 bytes of red, of green and of blue, each row by row.

    Args:
        data: the bytes of the file.
        source: name of the file, for messages.

    Raises:
        BadInput: an empty file, or one that ends inside an example.
    """
    row = 1 + math.prod(_CIFAR_SHAPE)
    if not data or len(data) % row:
        raise BadInput(
            f"{source} must hold {row} bytes for each example; got {len(data)} bytes in total. Download it again."
        )
    rows = np.frombuffer(data, np.uint8).reshape(-1, row)
    return rows[:, 1:].reshape(-1, *_CIFAR_SHAPE).transpose(0, 2, 3, 1), rows[:, 0]
