"""Finds out whether a file system supports locks; the home directories of many clusters do not."""

import errno
import os
import secrets
from pathlib import Path

WITHOUT_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""Errors of file systems that do not support locks."""


def lock_problem(directory: Path) -> OSError | None:
    """Return the error that locking a temporary file in `directory` raises; None if locks work.

    `filelock` does not report it: depending on its version it waits forever, or warns and uses a `SoftFileLock`. The
    file of such a lock stays when its process is killed, and would block every later run from the chunk.

    Raises:
        OSError: the directory cannot be written.
    """
    try:
        import fcntl
    except ImportError:  # Windows, which has other locks.
        return None
    path = directory / f".locks.{os.getpid()}-{secrets.token_hex(4)}"
    try:
        with path.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        if problem.errno in WITHOUT_LOCKS:
            return problem
        raise
    finally:
        path.unlink(missing_ok=True)
    return None
