"""Checks of what a user names: a data set, a file or a folder. They read nothing, and take no time."""

import os
from pathlib import Path

from byheart.checks import BadInput, known

NAMES = ("digits", "mnist", "fashion_mnist", "cifar10")
"""Names of the known data sets."""
FOLDER_VARIABLE = "BYHEART_DATA"
"""The environment variable with the folder of data, used if `data_dir` is not given."""


def check_data(name: str) -> None:
    """Check that `name` is a known data set or the path of an existing .npz file.

    Raises:
        BadInput: it is neither.
    """
    if not is_file(name):
        known("data set", name, [*NAMES, "FILE.npz"])
    elif not Path(name).exists():
        raise BadInput(f"There is no file {Path(name)}. Check the path.")


def is_file(name: str) -> bool:
    """Return whether `name` is a path of a file; otherwise it is the name of a data set."""
    return name.lower().endswith(".npz")


def chosen_folder(data_dir: str | os.PathLike[str] | None) -> Path | None:
    """Return the folder in `data_dir` or the environment variable; None if neither is set.

    Raises:
        BadInput: the folder does not exist.
    """
    chosen = data_dir or os.environ.get(FOLDER_VARIABLE)
    if not chosen:
        return None
    folder = Path(chosen).expanduser()
    if not folder.is_dir():
        name = "data_dir" if data_dir else FOLDER_VARIABLE
        raise BadInput(f"`{name}` must be a folder; there is none at {str(folder)!r}. Check the path.")
    return folder
