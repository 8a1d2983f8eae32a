"""Atomic writes: a file is complete or absent, even if the process is killed."""

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from byheart import checks

WITHOUT_FSYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""Errors of file systems that do not support fsync."""


class WriteError(checks.Failure, OSError):
    """Raised if a file of a run cannot be written, such as on a full disk. The command line exits with status 1."""


def write(path: Path, fill: Callable[[Path], object]) -> None:
    """Call `fill` with a temporary path in the same directory, sync that file, and rename it to `path`.

    Raises:
        WriteError: the file cannot be written. An earlier file at `path` is kept, and the temporary file is removed.
    """
    # Processes of other machines can have the same id.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with writing(path):
            fill(temporary)
            _put_on_disk(temporary)
            temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    r"""Write text as UTF-8; a surrogate, such as an undecodable byte of a file name, is written as \udc80."""
    write(path, lambda temporary: temporary.write_text(text, encoding="utf-8", errors="backslashreplace"))


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an `OSError` about `path` inside the block into a `WriteError`."""
    try:
        yield
    except WriteError:
        raise
    except OSError as problem:
        raise WriteError(
            f"{path} cannot be written ({problem.strerror or problem}). Finished work is kept; "
            "when the file can be written, run the same command again to resume."
        ) from problem


def folder(path: Path) -> Path:
    """Return `path`, creating the directory if it does not exist.

    Raises:
        WriteError: the directory cannot be created.
    """
    with writing(path):
        path.mkdir(exist_ok=True)
    return path


def writable(directory: Path) -> Path:
    """Return `directory`, creating it if it does not exist.

    Raises:
        BadInput: files cannot be written to it.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".writable.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise checks.BadInput(
            f"The directory {directory} cannot be written: {problem.strerror}. Choose another."
        ) from None
    return directory


def _put_on_disk(path: Path) -> None:
    with path.open("rb") as file:
        try:
            os.fsync(file.fileno())
        except OSError as problem:
            if problem.errno not in WITHOUT_FSYNC:
                raise
