"""Runs on folders of pictures and on arrays: the same numbers as from an NPZ file, names of examples, repeats."""

import csv
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from byheart.data.loading.load import load
from byheart.data.loading.load_data import load_data

Outcome = tuple[int, str, str]
SETTINGS = ("--n-training", "all", "--seeds", "4", "--architecture", "MLP((8,))")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 100 digits as pictures in class folders, and, in the same order, as an NPZ file beside them."""
    root = tmp_path_factory.mktemp("digits")
    digits = load("digits", training=100).training
    order = np.argsort(digits.labels, kind="stable")
    images = np.round(255 * digits.inputs[order, ..., 0]).astype(np.uint8)
    labels = digits.labels[order]
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        (root / "pictures" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(root / "pictures" / str(label) / f"{place:03}.png")
    np.savez(root / "pictures.npz", images=images, labels=labels)
    np.save(root / "vectors.npy", images.reshape(100, -1) / np.float32(255))
    (root / "labels.txt").write_text("\n".join(map(str, labels)))
    return root


def results(directory: Path) -> xr.Dataset:
    (path,) = [path for path in (directory / "results").glob("*.nc") if "pictures" not in path.name]
    return xr.load_dataset(path, engine="h5netcdf")


def test_pictures_give_the_numbers_of_arrays_bit_by_bit_and_keep_their_names(
    pictures: Path, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    folder, arrays = str(pictures / "pictures"), str(pictures / "pictures.npz")
    for data, out in (((folder, "--size", "8"), "folder"), ((arrays,), "arrays")):
        status, _, err = byheart("run", "easy-examples", *SETTINGS, "--data", *data, "--out", str(tmp_path / out))
        assert status == 0, err
    one, other = results(tmp_path / "folder"), results(tmp_path / "arrays")
    for name in set(one.variables) - {"id"}:
        np.testing.assert_array_equal(one[name].values, other[name].values)
    assert one.attrs["class_names"] == other.attrs["class_names"]
    with (tmp_path / "folder" / "tables" / "easy-examples.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert all(row["id"] == f"{row['class']}/{int(row['index']):03}.png" for row in rows if row["data"] == "real")
    with (tmp_path / "arrays" / "tables" / "easy-examples.csv").open() as file:
        assert "id" not in next(csv.reader(file))
    record = json.loads((tmp_path / "folder" / "experiment.json").read_text())
    assert (record["data"], record["reading"]) == (folder, {"size": 8})
    assert "reading" not in json.loads((tmp_path / "arrays" / "experiment.json").read_text())


@pytest.mark.usefixtures("untrained")
def test_a_run_of_pictures_is_repeated_with_its_options_and_a_changed_file_is_found_out(
    pictures: Path, byheart: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = shutil.copytree(pictures / "pictures", tmp_path / "copy")
    given = ("run", "easy-examples", *SETTINGS, "--data", str(root), "--size", "8", "--validation", "0.3")
    with pytest.raises(AssertionError, match="something is trained"):
        byheart(*given, "--out", str(tmp_path / "run"))
    record = tmp_path / "run" / "experiment.json"
    assert json.loads(record.read_text())["reading"] == {"size": 8, "validation": 0.3}
    with pytest.raises(AssertionError, match="something is trained"):
        byheart("run", str(record), "--out", str(tmp_path / "again"))
    assert json.loads((tmp_path / "again" / "experiment.json").read_text())["reading"] == {"size": 8, "validation": 0.3}
    status, _, err = byheart("run", str(record), "--out", str(tmp_path / "third"), "--size", "9")
    assert (status, "give its experiment.json and --out DIR, and no settings" in err) == (2, True)
    monkeypatch.chdir(tmp_path)
    root.rename(tmp_path / "moved")
    with pytest.raises(AssertionError, match="something is trained"):
        byheart(*[str(tmp_path / "moved") if word == str(root) else word for word in given], "--out", "run")
    (tmp_path / "moved").rename(root)
    changed = next(iter(sorted(root.rglob("*.png"))))
    Image.fromarray(255 - np.asarray(Image.open(changed))).save(changed)
    status, _, err = byheart("run", str(tmp_path / "again" / "experiment.json"), "--out", str(tmp_path / "third"))
    assert (status, "the data of easy-examples are not the same" in err) == (2, True)


@pytest.mark.usefixtures("untrained")
def test_notes_about_a_folder_are_told_and_its_options_are_checked_before_any_work(
    pictures: Path, byheart: Callable[..., Outcome], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shutil.copytree(pictures / "pictures", tmp_path / "few")
    (root / "readme.txt").write_text("text")
    (root / "3" / "broken.png").write_bytes(b"\x89PNG")
    status, _, err = byheart("run", "easy-examples", "--data", str(root), "--out", str(tmp_path / "run"))
    assert (status, "3/broken.png" in err, (tmp_path / "run").exists()) == (2, True, False)
    words = ("run", "easy-examples", *SETTINGS, "--data", str(root), "--skip-unreadable")
    with pytest.raises(AssertionError, match="something is trained"):
        byheart(*words, "--out", str(tmp_path / "run"))
    told = capsys.readouterr().err
    assert "byheart: few: Skipped: 1 file that is no picture (.txt: 1)." in told
    assert "1 of 101 pictures cannot be read: " in told
    assert "byheart: few: All pictures are 8 x 8, and are resized to 32 x 32; `--size 8` keeps them." in told
    status, _, err = byheart("run", "easy-examples", "--data", str(root), "--labels", "no.txt")
    assert (status, "`labels` (--labels) has no meaning for a folder of pictures" in err) == (2, True)


def test_vectors_with_labels_in_a_second_file_are_those_of_the_pictures(pictures: Path) -> None:
    vectors = load_data(pictures / "vectors.npy", labels=pictures / "labels.txt")
    images = load_data(pictures / "pictures", size=8)
    np.testing.assert_array_equal(vectors.training.labels, images.training.labels)
    np.testing.assert_array_equal(vectors.training.inputs, images.training.inputs.reshape(-1, 64))
    assert images.fingerprint == load_data(pictures / "pictures.npz").fingerprint


@pytest.mark.usefixtures("untrained")
def test_the_whole_paper_takes_a_folder(pictures: Path, byheart: Callable[..., Outcome], tmp_path: Path) -> None:
    status, out, err = byheart(
        *("reproduce", "--dry-run", "--data", str(pictures / "pictures"), "--out", str(tmp_path / "all"))
    )
    assert status == 0, err
    assert "byheart: pictures: All pictures are 8 x 8, and are resized to 32 x 32; `--size 8` keeps them." in err
    assert "pictures" in out


@pytest.fixture
def embedded(pictures: Path, tmp_path: Path) -> tuple[str, ...]:
    """Return options that name the pictures and an embedding of them: means of their rows and columns."""
    images = np.load(pictures / "pictures.npz")["images"] / np.float32(255)
    np.save(tmp_path / "features.npy", np.concatenate([images.mean(1), images.mean(2)], axis=1))
    return str(pictures / "pictures"), "--size", "8", "--embedding", str(tmp_path / "features.npy")


def test_a_run_on_an_embedding_shows_the_pictures(
    embedded: tuple[str, ...], pictures: Path, byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    status, _, err = byheart("run", "easy-examples", *SETTINGS, "--data", *embedded, "--out", str(tmp_path / "run"))
    assert status == 0, err
    assert "Networks see the 16 features of " in err
    (path,) = (tmp_path / "run" / "results").glob("*pictures*.nc")
    found = xr.load_dataset(path, engine="h5netcdf")
    plain = load_data(pictures / "pictures", size=8).training
    np.testing.assert_array_equal(found.picture, np.round(255 * plain.inputs[found.pictured_example.values]))
    record = json.loads((tmp_path / "run" / "experiment.json").read_text())
    assert record["reading"] == {"size": 8, "embedding": embedded[-1]}
    assert record["facts"]["input_shape"] == [16]


@pytest.mark.usefixtures("untrained")
def test_a_changed_embedding_is_found_out(
    embedded: tuple[str, ...], byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    given = ("run", "easy-examples", *SETTINGS, "--data", *embedded, "--out", str(tmp_path / "run"))
    with pytest.raises(AssertionError, match="something is trained"):
        byheart(*given)
    np.save(embedded[-1], np.load(embedded[-1]) + np.float32(0.5))
    for words in (given, ("run", str(tmp_path / "run" / "experiment.json"), "--out", str(tmp_path / "run"))):
        status, _, err = byheart(*words)
        assert (status, "the data of easy-examples are not the same" in err) == (2, True)


@pytest.mark.usefixtures("untrained")
def test_the_whole_paper_takes_an_embedding_and_leaves_filters_out(
    embedded: tuple[str, ...], byheart: Callable[..., Outcome], tmp_path: Path
) -> None:
    folder, features = embedded[0], embedded[-1]
    words = ("reproduce", "--dry-run", "--out", str(tmp_path / "all"))
    status, out, err = byheart(*words, "--data", folder, "--embedding", features)
    assert status == 0, err
    assert "byheart: pictures: Left out: filters, which needs images." in err
    assert "capacity" in out
    assert "filters" not in out
    status, _, err = byheart(*words, "--embedding", features)
    assert (status, "--embedding holds the vectors of one data set" in err) == (2, True)


def test_embedding_without_torch_says_how_to_install_it(
    byheart: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    words = ("embed", "digits", "--encoder", "torch:my_module:encoder()", "--out", str(tmp_path / "features.npy"))
    status, _, err = byheart(*words)
    assert (status, 'torch is not installed; run `pip install "byheart[torch]"`.' in err) == (2, True)
    assert not list(tmp_path.iterdir())
