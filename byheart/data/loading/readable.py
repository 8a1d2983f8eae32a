"""Reads files, packed or not; errors about missing or damaged ones become `BadInput`."""

import contextlib
import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from byheart.checks import BadInput

GZIP_MAGIC = b"\x1f\x8b"
"""The first bytes of a gzipped file."""


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn errors about a missing, a packed and damaged, or an unreadable file inside the block into `BadInput`."""
    try:
        yield
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}. Check the path.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path} is damaged ({error}). Download or save it again.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or error}). Choose a file that you may read.") from None


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, unpacked if they are gzipped, whatever its name.

    Raises:
        BadInput: the file cannot be read, or its compressed data is damaged.
    """
    with readable(path):
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data


def read_archive(path: Path, names: Collection[str]) -> dict[str, bytes]:
    """Return the bytes of the files `names` in a tar archive, in any of its folders; nothing is written to disk.

    Raises:
        BadInput: the archive is damaged or lacks a file.
    """
    files: dict[str, bytes] = {}
    with readable(path), tarfile.open(path) as archive:
        for member in archive:
            name = member.name.rsplit("/", 1)[-1]
            if name in names and member.isfile():
                file = archive.extractfile(member)
                files[name] = file.read() if file else b""
    missing = [name for name in names if name not in files]
    if missing:
        raise BadInput(f"{path} must hold {', '.join(names)}; it lacks {', '.join(missing)}. Download it again.")
    return {name: files[name] for name in names}
