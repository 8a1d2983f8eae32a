"""Loads data by name or path: digits, official files (local or downloaded), or the user's file."""

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from byheart.checks import BadInput, count, instance
from byheart.data.dataset import Dataset
from byheart.data.loading.chosen import FOLDER_VARIABLE, chosen_folder, kind_of
from byheart.data.loading.downloading import DownloadError, ProgressBar, fetch
from byheart.data.loading.local_files import find_official_files
from byheart.data.loading.npz import load_npz
from byheart.data.loading.official import SOURCES
from byheart.data.split import Split
from byheart.data.stratified import default_split, stratified_subset


def load(
    name_or_path: str | os.PathLike[str],
    data_dir: str | os.PathLike[str] | None = None,
    *,
    training: int | None = None,
    validation: int | None = None,
    seed: int = 0,
    download: bool = True,
    progress: bool | ProgressBar | None = None,
) -> Split:
    """Load training and validation data by name or from a file.

    `digits` is embedded (1,797 images of 8 x 8); a fifth of it, drawn by `seed`, is the validation part. `mnist`,
    `fashion_mnist` and `cifar10` are read from their official files below `data_dir`, or else below the folder in the
    environment variable `BYHEART_DATA`; otherwise they are downloaded once into the user's cache. Their official test
    sets are the validation data. A path ending in .npz is read by `load_npz`. `load_data` reads more.

    Args:
        name_or_path: digits, mnist, fashion_mnist, cifar10, or a path ending in .npz.
        data_dir: folder with the official files, in any common layout.
        training: number of training examples to keep, drawn by `seed` within each class; None keeps all.
        validation: number of validation examples to keep, likewise.
        seed: seed of these draws.
        download: download official files that are not found; otherwise only search the folder and the cache.
        progress: show a progress bar while downloading, or the bar to use; None shows one in a terminal.

    Raises:
        BadInput: an unknown name, missing or damaged files, a failed download, or sizes that do not fit the data.

    >>> load("digits", training=100, validation=50)
    Split('digits': 100 training and 50 validation examples of 8 x 8 x 1, 10 classes)
    """
    name = os.fspath(instance("name_or_path", name_or_path, (str, os.PathLike), 'a name or a path, such as "mnist"'))
    for part, size in {"training": training, "validation": validation}.items():
        if size is not None:
            count(part, size)
    kind = kind_of(name)
    if kind not in ("name", "npz"):
        raise BadInput(f"`load` reads known data sets and .npz files; got {name}. Use `load_data`, which reads it too.")
    if kind == "npz":
        split = load_npz(name, seed=seed)
    elif name == "digits":
        split = _digits(seed)
    else:
        folder = chosen_folder(data_dir)
        split = _official(name, folder, download, sys.stderr.isatty() if progress is None else progress)
    return Split.of_parts(_part(split.training, training, seed), _part(split.validation, validation, seed))


def _digits(seed: int) -> Split:
    """Return the digits in scikit-learn's file, of which only that file is read: importing it takes a second."""
    package = importlib.util.find_spec("sklearn")
    file = Path(str(package and package.origin)).with_name("datasets") / "data" / "digits.csv.gz"
    if file.exists():
        rows = np.loadtxt(file, delimiter=",")
        images, labels = rows[:, :-1].reshape(-1, 8, 8), rows[:, -1].astype(int)
    else:
        from sklearn.datasets import load_digits

        digits = load_digits()
        images, labels = digits.images, digits.target
    return default_split(Dataset(images / 16, labels, name="digits"), seed)


def _official(name: str, folder: Path | None, download: bool, progress: bool | ProgressBar) -> Split:
    source = SOURCES[name]
    files = find_official_files(source, folder) if folder else None
    if files is None:
        files = _cached(name, folder, download, progress)
    training, validation = (Dataset(images, labels, source.class_names, name) for images, labels in source.parse(files))
    return Split(training, validation)


def _cached(name: str, folder: Path | None, download: bool, progress: bool | ProgressBar) -> Mapping[str, bytes]:
    """Return the files from the user's cache, after downloading those that it lacks if `download` is set."""
    from pooch import os_cache

    source, cache = SOURCES[name], Path(os_cache("byheart")) / name
    where = f"below {folder} (in {', '.join(source.folders)})" if folder else f"(no `data_dir`, no {FOLDER_VARIABLE})"
    names = ", ".join(source.downloads)
    try:
        if download:
            fetch(source, cache, progress)
    except DownloadError as failure:
        raise BadInput(
            f"{source.title} was not found {where}, and could not be downloaded from {failure}. "
            f"Download {names} yourself, and pass the folder as `data_dir` or {FOLDER_VARIABLE}."
        ) from None
    files = find_official_files(source, cache)
    if files is None:
        raise BadInput(
            f"{source.title} was not found {where}, nor in the cache {cache}, and downloads are off. "
            f"Allow the download, or put {names} into a folder and pass it as `data_dir`."
        )
    return files


def _part(data: Dataset, size: int | None, seed: int) -> Dataset:
    return data if size is None else stratified_subset(data, size, seed)
