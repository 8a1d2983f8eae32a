"""Local official files: every common layout is found, and the bytes are checked."""

import re
from pathlib import Path

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.loading.chosen import FOLDER_VARIABLE
from byheart.data.loading.load import load
from tests.data.loading.tiny_sources import CIFAR, FASHION, MNIST, archived, dotted, gzipped, md5, put

pytestmark = pytest.mark.usefixtures("tiny_sources")


@pytest.mark.parametrize("pack", [lambda files: files, gzipped, dotted, lambda files: gzipped(dotted(files))])
@pytest.mark.parametrize("folder", [".", "mnist", "MNIST/raw", "MNIST"])
def test_mnist_is_found_in_every_usual_layout(tmp_path: Path, folder: str, pack: object) -> None:
    assert callable(pack)
    put(tmp_path / "data" / folder, pack(MNIST))
    split = load("mnist", tmp_path / "data")
    assert (len(split.training), len(split.validation), split.input_shape) == (20, 10, (4, 4, 1))
    first = np.frombuffer(MNIST["train-images-idx3-ubyte"][16:32], np.uint8).reshape(4, 4, 1)
    np.testing.assert_array_equal(split.training.inputs[0], (first / 255).astype(np.float32))
    assert split.validation.labels.tolist() == list(range(10))


@pytest.mark.parametrize(
    "folder",
    [".", "fashion_mnist", "fashion-mnist", "fashion-mnist/data/fashion", "FashionMNIST/raw", "FashionMNIST"],
)
def test_fashion_mnist_is_found_in_every_usual_layout(tmp_path: Path, folder: str) -> None:
    put(tmp_path / "data" / folder, gzipped(FASHION))
    assert load("fashion_mnist", tmp_path / "data").training.class_names[9] == "Ankle boot"


@pytest.mark.parametrize("pack", [lambda files: files, archived])
@pytest.mark.parametrize("folder", [".", "cifar10", "CIFAR10"])
def test_cifar10_is_found_as_folder_and_as_archive(tmp_path: Path, folder: str, pack: object) -> None:
    assert callable(pack)
    put(tmp_path / "data" / folder, pack(CIFAR))
    split = load("cifar10", tmp_path / "data")
    assert (len(split.training), len(split.validation), split.input_shape) == (50, 10, (32, 32, 3))
    red = np.frombuffer(CIFAR["data_batch_2.bin"][1:33], np.uint8)
    np.testing.assert_array_equal(split.training.inputs[10, 0, :, 0], (red / 255).astype(np.float32))


@pytest.mark.parametrize("folder", ["cifar-10-batches-bin", "cifar10/cifar-10-batches-bin"])
def test_cifar10_is_found_in_its_own_folder(tmp_path: Path, folder: str) -> None:
    put(tmp_path / "data" / folder, CIFAR)
    assert load("cifar10", tmp_path / "data").training.class_names[3] == "cat"


def test_the_folder_may_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(put(tmp_path / "data", MNIST)))
    assert load("mnist").name == "mnist"


def test_mnist_and_fashion_mnist_side_by_side_are_not_mixed(tmp_path: Path) -> None:
    put(tmp_path / "MNIST/raw", MNIST)
    put(tmp_path / "FashionMNIST/raw", FASHION)
    mnist, fashion = load("mnist", tmp_path), load("fashion_mnist", tmp_path)
    assert mnist.training.inputs[0, 0, 0, 0] == np.float32(MNIST["train-images-idx3-ubyte"][16] / 255)
    assert fashion.training.inputs[0, 0, 0, 0] == np.float32(FASHION["train-images-idx3-ubyte"][16] / 255)


def test_the_files_of_fashion_mnist_do_not_pass_for_mnist(tmp_path: Path) -> None:
    put(tmp_path / "data", FASHION)
    with pytest.raises(BadInput, match="MNIST was not found below"):
        load("mnist", tmp_path / "data", download=False)


def test_a_damaged_file_is_named_with_both_hashes(tmp_path: Path) -> None:
    damaged = MNIST | {"train-labels-idx1-ubyte": MNIST["train-labels-idx1-ubyte"][:-1] + b"\x07"}
    folder = put(tmp_path / "data" / "mnist", gzipped(damaged))
    expected, got = (md5(files["train-labels-idx1-ubyte"]) for files in (MNIST, damaged))
    said = f"train-labels-idx1-ubyte in {folder} must be MNIST's official file, "
    with pytest.raises(BadInput, match=re.escape(said) + f".* the MD5 {expected}; got {got}. Delete it"):
        load("mnist", tmp_path / "data")


def test_an_incomplete_archive_is_named(tmp_path: Path) -> None:
    put(tmp_path / "data", archived({name: data for name, data in CIFAR.items() if name != "test_batch.bin"}))
    with pytest.raises(
        BadInput, match=r"cifar-10-binary.tar.gz must hold .*; it lacks test_batch.bin. Download it again."
    ):
        load("cifar10", tmp_path / "data")


@pytest.mark.parametrize("trace", ["cifar-10-python.tar.gz", "cifar-10-batches-py/data_batch_1"])
def test_the_pickled_version_of_cifar10_is_refused(tmp_path: Path, trace: str) -> None:
    put((tmp_path / trace).parent, {Path(trace).name: b"cos\nsystem"})
    with pytest.raises(
        BadInput, match=r"has the Python version, which is a pickle and is never loaded. Download http://127"
    ):
        load("cifar10", tmp_path)


def test_the_pickled_version_of_cifar10_does_not_hinder_mnist(tmp_path: Path) -> None:
    put(tmp_path / "cifar-10-batches-py", {"data_batch_1": b""})
    put(tmp_path / "mnist", MNIST)
    assert load("mnist", tmp_path).name == "mnist"
    with pytest.raises(BadInput, match="Fashion-MNIST was not found below"):
        load("fashion_mnist", tmp_path, download=False)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="`data_dir` must be a folder; there is none at"):
        load("mnist", tmp_path / "none")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "none"))
    with pytest.raises(BadInput, match="`BYHEART_DATA` must be a folder"):
        load("mnist")
