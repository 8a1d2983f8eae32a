"""Checks of what a user names: a data set, a file or a folder. They read nothing, and take no time."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from byheart.checks import BadInput, known
from byheart.data.loading.options import LoadingOptions, no_meaning

NAMES = ("digits", "mnist", "fashion_mnist", "cifar10")
"""Names of the known data sets."""
FOLDER_VARIABLE = "BYHEART_DATA"
"""The environment variable with the folder of data, used if `data_dir` is not given."""

Kind = Literal["name", "npz", "npy", "folder", "table"]
"""The kinds of sources: the name of a known data set, a file of arrays, a folder of pictures, or a table."""
TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".pq", ".arrow", ".feather", ".ipc")
"""Endings of tables; those of text may be followed by .gz."""
SPREADSHEETS, PICKLES = (".xlsx", ".xls", ".ods"), (".pkl", ".pickle", ".joblib")
"""Endings of files that count as tables, and that `read_table` refuses with advice."""
_ENDINGS: dict[str, Kind] = {
    ".npz": "npz",
    ".npy": "npy",
    **dict.fromkeys((*TABLES, *SPREADSHEETS, *PICKLES), "table"),
}
_TITLES: dict[Kind, str] = {
    "name": "a known data set",
    "npz": "an .npz file",
    "npy": "an .npy file",
    "folder": "a folder of pictures",
    "table": "a table",
}
_OPTIONS: dict[Kind, tuple[str, ...]] = {
    "name": (),
    "npz": ("label", "ids", "validation", "group"),
    "npy": ("labels", "ids", "validation", "group"),
    "folder": ("label", "ids", "size", "validation", "group", "skip_unreadable"),
    "table": (
        *("label", "ids", "size", "validation", "group", "skip_unreadable"),
        *("features", "missing", "show", "separator", "thousands", "decimal"),
    ),
}
"""The options that each kind of source takes, beside `embedding`, which all take."""


def kind_of(source: str) -> Kind:
    """Return the kind of a source.

    Raises:
        BadInput: it is no known data set, and no existing file or folder that byheart reads.
    """
    if source in NAMES:
        return "name"
    ending = os.path.splitext(source.lower().removesuffix(".gz"))[1]
    kind = _ENDINGS.get(ending)
    if os.path.isdir(source):
        return "folder"
    if kind is not None:
        if not os.path.exists(source):
            raise BadInput(f"There is no file {Path(source)}. Check the path.")
        return kind
    if os.path.exists(source):
        raise BadInput(
            f"{source} must be a folder of pictures, or a file ending in .npz or .npy (arrays), or one of a table: "
            f"{', '.join(TABLES)}; got another file. Convert it."
        )
    if os.path.dirname(source):
        raise BadInput(f"There is no file or folder {source}. Check the path.")
    known("data set", source, [*NAMES, "FOLDER", *(f"FILE{ending}" for ending in (".npz", ".npy", *TABLES))])
    raise AssertionError("`known` accepts no name but those of `NAMES`.")


def check_data(source: str, options: LoadingOptions = LoadingOptions()) -> None:
    """Check that a source is known or exists, and takes the options that are given.

    Raises:
        BadInput: it does not.
    """
    kind = kind_of(source)
    options.limited_to((*_OPTIONS[kind], "embedding"), _TITLES[kind])
    for name in ("labels", "embedding", *(("ids", "group") if kind == "npy" else ())):
        path = getattr(options, name)
        if path is not None and not os.path.isfile(path):
            raise BadInput(f"There is no file {path} (`{name}`). Check the path.")


def check_data_dir(sources: Sequence[str], data_dir: str | os.PathLike[str] | None) -> None:
    """Raise `BadInput` for a folder of official files if no source is a known data set."""
    if data_dir is not None and sources and not any(source in NAMES for source in sources):
        raise no_meaning("data_dir", f"{sources[0]}, which is not among {', '.join(NAMES)}")


def is_local(source: str) -> bool:
    """Return whether a source needs no folder of official files: the embedded digits, a file or a folder."""
    return source == "digits" or source not in NAMES


def name_of(source: str) -> str:
    """Return the name of a source in reports and names of folders: the name of a folder, or of a file without ending.

    >>> name_of("mnist"), name_of("data/mine.npz")
    ('mnist', 'mine')
    """
    path = Path(source)
    return path.resolve().name if path.is_dir() and source not in NAMES else path.stem


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
