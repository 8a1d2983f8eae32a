"""`load`: data by name or path, in the given sizes, and errors that say what is missing."""

from pathlib import Path

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.loading.load import load
from byheart.data.loading.npz import save_npz

pytestmark = pytest.mark.usefixtures("tiny_sources")


def test_digits_are_embedded() -> None:
    split = load("digits")
    assert (len(split.training), len(split.validation), split.input_shape, split.n_classes) == (
        1437,
        360,
        (8, 8, 1),
        10,
    )
    assert (split.training.inputs.min(), split.training.inputs.max(), split.name) == (0, 1, "digits")
    shares = split.training.class_counts / 1437 - split.validation.class_counts / 360
    assert np.abs(shares).max() < 1 / 360


def test_digits_are_the_same_if_scikit_learn_keeps_its_file_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprint = load("digits").fingerprint
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert load("digits").fingerprint == fingerprint


def test_the_seed_draws_the_split_of_digits() -> None:
    assert load("digits").fingerprint == load("digits", seed=0).fingerprint != load("digits", seed=1).fingerprint


def test_parts_are_cut_down_to_the_sizes_asked_for() -> None:
    split = load("digits", training=100, validation=50, seed=3)
    np.testing.assert_array_equal(split.training.class_counts, [10] * 10)
    assert (len(split.training), len(split.validation)) == (100, 50)


def test_more_examples_than_there_are_cannot_be_asked_for() -> None:
    with pytest.raises(BadInput, match="'digits' must have at most its 1437 examples; got 2000"):
        load("digits", training=2000)
    with pytest.raises(BadInput, match="`validation` must be a whole number of at least 1; got 0"):
        load("digits", validation=0)


def test_a_file_of_ones_own_is_loaded_by_its_path(tmp_path: Path) -> None:
    split = load("digits", training=30, validation=20)
    save_npz(split, tmp_path / "mine.npz")
    assert load(tmp_path / "mine.npz").fingerprint == split.fingerprint
    assert load(str(tmp_path / "mine.npz"), training=10).name == "mine"


def test_an_unknown_name_is_refused_with_the_nearest_ones() -> None:
    with pytest.raises(BadInput, match=r"There is no data set named 'fashion-mnist'. Did you mean fashion_mnist"):
        load("fashion-mnist")
    with pytest.raises(BadInput, match=r"Choose from: FILE.arrow, FILE.csv, .*FILE.npz, .*FOLDER, cifar10, digits, f"):
        load("x")


def test_without_download_the_error_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as error:
        load("mnist", tmp_path, download=False)
    cache = tmp_path / "cache" / "byheart" / "mnist"
    assert str(error.value) == (
        f"MNIST was not found below {tmp_path} (in mnist, MNIST/raw, MNIST, .), nor in the cache {cache}, "
        "and downloads are off. Allow the download, or put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
        "t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz into a folder and pass it as `data_dir`."
    )
