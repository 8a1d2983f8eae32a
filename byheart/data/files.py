"""Reading and writing of image files: IDX (MNIST), CIFAR-10's binary version, NPZ. No pickle is ever loaded.

Parsers take bytes, so that what is checked (by hash) and what is parsed are the same bytes.
"""

import contextlib
import gzip
import math
import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Shaped, UInt8

from byheart.checks import BadInput
from byheart.data.dataset import Dataset, Split
from byheart.data.transforms import HELD_OUT_ONE_IN, stratified_split

_GZIP_MAGIC = b"\x1f\x8b"
_IDX_UINT8 = 0x08
_CIFAR_SHAPE = (3, 32, 32)
_NPZ_REQUIRED = ("images", "labels")
_NPZ_VALIDATION = ("validation_images", "validation_labels")
_NPZ_KEYS = (*_NPZ_REQUIRED, "class_names", *_NPZ_VALIDATION)


def contents(path: Path) -> bytes:
    """The bytes of a file, unpacked when it is gzipped (by its first bytes, whatever its name).

    Raises:
        BadInput: the file cannot be read, or its compressed data is broken.
    """
    with _readable(path):
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP_MAGIC) else data


def archived(path: Path, names: Collection[str]) -> dict[str, bytes]:
    """The bytes of the files `names` of a tar archive, in whatever folder of it; nothing is written to disk.

    Raises:
        BadInput: the archive cannot be read to its end, or lacks a file.
    """
    found: dict[str, bytes] = {}
    with _readable(path), tarfile.open(path) as archive:
        for member in archive:
            name = member.name.rsplit("/", 1)[-1]
            if name in names and member.isfile():
                file = archive.extractfile(member)
                found[name] = file.read() if file else b""
    missing = [name for name in names if name not in found]
    if missing:
        raise BadInput(f"{path} lacks {', '.join(missing)}. Fetch it again.")
    return {name: found[name] for name in names}


def parse_idx(data: bytes, source: str) -> UInt8[np.ndarray, "..."]:
    """The array in an IDX file of unsigned bytes, the format of MNIST.

    Layout: two zero bytes; the element type (8 is unsigned byte); the number of axes; the length of each axis as 4
    bytes, big-endian; the elements.

    Args:
        data: the bytes of the file, unpacked.
        source: what errors call it.

    Returns:
        A read-only array of the shape the header tells.

    Raises:
        BadInput: not IDX, another element type, or a size that disagrees with the header.

    >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]), "three-labels")
    array([7, 8, 9], dtype=uint8)
    """
    if len(data) < 4 or data[:2] != b"\0\0" or data[3] == 0:
        raise BadInput(
            f"{source} is not an IDX file, which begins with two zero bytes, a type and a number of axes. "
            "Fetch it again."
        )
    if data[2] != _IDX_UINT8:
        raise BadInput(f"{source} must hold unsigned bytes (IDX type 0x08); got type 0x{data[2]:02x}.")
    start = 4 + 4 * data[3]
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, start, 4))
    expected = start + math.prod(shape)
    if len(data) < start or len(data) != expected:
        what = "cut short" if len(data) < max(start, expected) else "too long"
        raise BadInput(f"{source} is {what}: its header tells of {expected} bytes; got {len(data)}. Fetch it again.")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def parse_cifar10(
    data: bytes, source: str
) -> tuple[UInt8[np.ndarray, "example height width channel"], UInt8[np.ndarray, " example"]]:
    """Images and labels in a batch of CIFAR-10's binary version.

    Layout: for each example one byte of label, then 32 x 32 bytes of red, of green and of blue, each row by row.

    Args:
        data: the bytes of the file.
        source: what errors call it.

    Returns:
        images: (example, 32, 32, 3).
        labels: (example).

    Raises:
        BadInput: empty, or not a whole number of examples.
    """
    row = 1 + math.prod(_CIFAR_SHAPE)
    if not data or len(data) % row:
        raise BadInput(
            f"{source} must hold {row} bytes for each example; got {len(data)} bytes in all. Fetch it again."
        )
    rows = np.frombuffer(data, np.uint8).reshape(-1, row)
    return rows[:, 1:].reshape(-1, *_CIFAR_SHAPE).transpose(0, 2, 3, 1), rows[:, 0]


def load_npz(path: str | os.PathLike[str], *, seed: int = 0) -> Split:
    """Data of one's own, from the arrays of a NumPy .npz file.

    `images` is (example, height, width) or (example, height, width, channel), uint8 or floats in [0, 1]; `labels` are
    integers from 0. Optional: `class_names`; `validation_images` with `validation_labels`. Without these a fifth, drawn
    by `seed` within each class, is kept aside for validation.

    Args:
        path: of the file; its name without .npz becomes the name of the data.
        seed: of the draw of the validation part; unused where the file has one.

    Raises:
        BadInput: no such file, a broken one, missing or unknown arrays, arrays of Python objects, or values that cannot
            be right.
    """
    path = Path(path)
    arrays = _npz_arrays(path)
    class_names = tuple(arrays["class_names"].ravel().tolist()) if "class_names" in arrays else ()
    with _said_of(path):
        data = Dataset(arrays["images"], arrays["labels"], class_names, path.stem)
        if "validation_images" not in arrays:
            return stratified_split(data, math.ceil(len(data) / HELD_OUT_ONE_IN), seed)
    with _said_of(f"{path}, validation part"):
        images, labels = (arrays[key] for key in _NPZ_VALIDATION)
        return Split(data, Dataset(images, labels, data.class_names, path.stem, may_lack_classes=True))


def save_npz(split: Split, path: str | os.PathLike[str]) -> None:
    """Writes `split` so that `load_npz` gives it back, bit by bit. The file appears whole or not at all.

    Raises:
        BadInput: the name does not end in .npz, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise BadInput(f"The file name must end in .npz; got {str(path)!r}.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.stem}-") as folder:
            unfinished = Path(folder) / path.name
            np.savez_compressed(
                unfinished,
                images=split.training.images,
                labels=split.training.labels,
                class_names=np.array(split.training.class_names),
                validation_images=split.validation.images,
                validation_labels=split.validation.labels,
            )
            unfinished.replace(path)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written ({error.strerror or error}). Choose a folder that exists and is yours."
        ) from None


def _npz_arrays(path: Path) -> dict[str, Shaped[np.ndarray, "..."]]:
    with _readable(path), path.open("rb") as stream:
        file = np.load(stream, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise BadInput(f"{path} holds one bare array; save several with `np.savez(path, images=..., labels=...)`.")
        _check_keys(path, file.files)
        return {key: file[key] for key in file.files}


def _check_keys(path: Path, keys: Collection[str]) -> None:
    unknown = sorted(set(keys) - set(_NPZ_KEYS))
    if unknown:
        raise BadInput(f"{path} holds {_quoted(unknown)}, which nothing reads; it may hold {_quoted(_NPZ_KEYS)}.")
    required = _NPZ_REQUIRED + (_NPZ_VALIDATION if set(keys) & set(_NPZ_VALIDATION) else ())
    missing = [key for key in required if key not in keys]
    if missing:
        raise BadInput(f"{path} must hold {_quoted(required)}; {_quoted(missing)} is missing.")


def _quoted(keys: Collection[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turns what the standard library says of a missing or broken file into `BadInput`."""
    try:
        yield
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}. Check the path.") from None
    except BadInput:
        raise
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise BadInput(f"{path} is broken ({error}). Fetch or save it again.") from None
        raise BadInput(
            f"{path} holds Python objects (pickle), which are never loaded, or is no .npz file at all. "
            "Save plain arrays with `np.savez(path, images=..., labels=...)`."
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path} is broken ({error}). Fetch or save it again.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error}).") from None


@contextlib.contextmanager
def _said_of(what: object) -> Iterator[None]:
    """Puts the name of the file before what is wrong with its values."""
    try:
        yield
    except BadInput as problem:
        raise BadInput(f"{what}: {problem}") from None
