"""Files that are whole or absent, whatever kills the process that writes them."""

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from byheart import checks

WITHOUT_FSYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""How file systems answer that cannot be told to put a file on the disk at once."""


class WriteError(OSError):
    """A file of a run cannot be written, for example since the disk is full; the command line exits with status 1."""


def write(path: Path, fill: Callable[[Path], object]) -> None:
    """Lets `fill` write a file under another name, and gives it its own once it is on the disk.

    Raises:
        WriteError: it cannot be written; what stood there before stands there still, and nothing is left beside it.
    """
    temporary = path.with_name(
        f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}"
    )  # Other machines have the same numbers.
    try:
        with writing(path):
            fill(temporary)
            _put_on_disk(temporary)
            temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    r"""Writes text as UTF-8; what is no character, such as a byte of a file's name, is written as \udc80."""
    write(path, lambda temporary: temporary.write_text(text, encoding="utf-8", errors="backslashreplace"))


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the operating system says of a `path` that cannot be written into `WriteError`."""
    try:
        yield
    except WriteError:
        raise
    except OSError as problem:
        raise WriteError(
            f"{path} cannot be written ({problem.strerror or problem}). What finished is kept; "
            "once it can be written, the same command goes on from there."
        ) from problem


def folder(path: Path) -> Path:
    """The directory `path`, made if need be.

    Raises:
        WriteError: it cannot be made.
    """
    with writing(path):
        path.mkdir(exist_ok=True)
    return path


def writable(directory: Path) -> Path:
    """`directory`, made if need be, if files can be written to it; otherwise a `BadInput`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".writable.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise checks.BadInput(f"The directory {directory} cannot be written: {problem.strerror}.") from None
    return directory


def _put_on_disk(path: Path) -> None:
    with path.open("rb") as file:
        try:
            os.fsync(file.fileno())
        except OSError as problem:
            if problem.errno not in WITHOUT_FSYNC:
                raise
