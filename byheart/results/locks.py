"""Locks of files, and file systems that have none, such as many clusters' home directories."""

import errno
import os
import secrets
from pathlib import Path

WITHOUT_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""How file systems answer that cannot lock a file."""


def lock_problem(directory: Path) -> OSError | None:
    """Why files in `directory` cannot be locked; None where they can. Found out on a file of its own, which is removed.

    `filelock` does not tell: by version, it waits for ever, or warns and uses a file in place of the lock
    (`SoftFileLock`). Such a file would protect, too, but it stays when its process is killed, and would keep every later
    run from the chunk.

    Raises:
        OSError: the directory cannot be written.
    """
    try:
        import fcntl
    except ImportError:  # On Windows, which locks otherwise.
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
