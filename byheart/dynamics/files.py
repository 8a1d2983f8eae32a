"""Files of logged training dynamics: NumPy arrays and a few settings, without pickles; each complete or absent."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from byheart import checks
from byheart.data.loading.npz import read_arrays
from byheart.results.atomic_write import write

VERSION = 1
"""Version of the format. A file of another version is refused."""
SETTINGS = "dynamics"
"""Name of the array with the settings, JSON as text."""


def write_file(path: Path, settings: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> None:
    """Write an .npz file atomically.

    Raises:
        BadInput: the name does not end in .npz.
        WriteError: the file cannot be written; an earlier one is kept.
    """
    checked_path(path)
    text = np.array(json.dumps({"version": VERSION, **settings}))

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **{SETTINGS: text}, **arrays)

    write(path, fill)


def checked_path(path: Path) -> Path:
    """Return a path that a log can be written to.

    Raises:
        BadInput: the name does not end in .npz, or its folder does not exist.
    """
    if path.suffix != ".npz":
        raise checks.BadInput(f"A log is saved to a file whose name ends in .npz; got {str(path)!r}.")
    if not path.parent.is_dir():
        raise checks.BadInput(f"A log is saved to a folder that exists; there is no {path.parent}.")
    return path


def read_file(path: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Return the settings and arrays of a file.

    Raises:
        BadInput: no such file, a damaged one, another file, or one of another version.
    """
    arrays = read_arrays(path)
    text = arrays.pop(SETTINGS, None)
    try:
        settings = json.loads(str(text)) if text is not None else None
    except ValueError:
        settings = None
    if not isinstance(settings, dict) or "version" not in settings:
        raise checks.BadInput(f"{path} does not hold training dynamics; `Dynamics.save` writes them.")
    if settings["version"] != VERSION:
        raise checks.BadInput(
            f"{path} has version {settings['version']} of the format; this byheart reads version {VERSION}."
        )
    return settings, arrays
