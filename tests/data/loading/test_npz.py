"""NPZ files: arrays that are read, and the errors for damaged files."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.dataset import Dataset
from byheart.data.example_texts import example_texts
from byheart.data.legend import Legend
from byheart.data.loading.npz import load_npz, save_npz
from byheart.data.shown_inputs import shown_inputs
from byheart.data.split import Split

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 2, 3, 1), dtype=np.uint8)
LABELS = np.arange(20) % 2


def npz(path: Path, **arrays: Any) -> Path:
    everything: dict[str, Any] = {"images": IMAGES, "labels": LABELS} | arrays
    np.savez(path, **everything)
    return path


def test_a_saved_split_is_loaded_bit_by_bit(tmp_path: Path) -> None:
    training = Dataset(IMAGES, LABELS, ("cat", "dog"), "pets")
    split = Split(training, training.take(np.array([3, 1, 5]), may_lack_classes=True))
    save_npz(split, tmp_path / "pets.npz")
    loaded = load_npz(tmp_path / "pets.npz")
    assert (loaded.name, loaded.fingerprint) == ("pets", split.fingerprint)
    np.testing.assert_array_equal(loaded.training.index, np.arange(20))
    np.testing.assert_array_equal(loaded.validation.index, [3, 1, 5])
    assert [path.name for path in tmp_path.iterdir()] == ["pets.npz"]


@pytest.mark.parametrize("has_validation", [True, False])
def test_a_saved_split_keeps_ids_names_of_features_and_what_is_shown(tmp_path: Path, has_validation: bool) -> None:
    legend = Legend(("width", "height"), np.array([f"text {place}" for place in range(20)]), IMAGES)
    vectors = np.random.default_rng(1).normal(size=(20, 2))
    ids = [f"{place}.png" for place in range(20)]
    data = Dataset(vectors, LABELS, ("cat", "dog"), "pets", ids=ids, legend=legend)
    split = Split.of_parts(data.take(np.arange(8, 20)), data.take(np.arange(8)))
    save_npz(split, tmp_path / "pets.npz")
    if not has_validation:
        arrays = dict(np.load(tmp_path / "pets.npz"))
        kept = {name: values for name, values in arrays.items() if not name.startswith("validation_")}
        np.savez(tmp_path / "pets.npz", **kept)
    loaded = load_npz(tmp_path / "pets.npz")
    assert len(loaded.training) == (12 if has_validation else 9)
    for one in (loaded.training, loaded.validation):
        assert one.legend is not None
        assert one.legend.feature_names == ("width", "height")
        places = np.arange(2)
        assert example_texts(one, places).tolist() == [f"text {place}" for place in one.index[:2]]
        np.testing.assert_array_equal(shown_inputs(one, places), IMAGES[one.index[:2]] / np.float32(255))
        np.testing.assert_array_equal(one.ids, [f"{place}.png" for place in one.index])


def test_a_legend_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="`shown` must have an entry for each `index` up to 19; got 3"):
        load_npz(npz(tmp_path / "a.npz", shown=np.array(["a", "b", "c"])))
    with pytest.raises(BadInput, match="`feature_names` must be strings; got int64"):
        load_npz(npz(tmp_path / "a.npz", feature_names=np.arange(3)))


def test_a_split_is_saved_only_under_a_name_that_ends_in_npz(tmp_path: Path) -> None:
    split = load_npz(npz(tmp_path / "a.npz"))
    with pytest.raises(BadInput, match=r"must end in .npz"):
        save_npz(split, tmp_path / "a.zip")
    with pytest.raises(BadInput, match=r"cannot be written \(No such file or directory\)"):
        save_npz(split, tmp_path / "none" / "a.npz")


def test_without_validation_data_a_fifth_is_kept_aside_by_seed(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz")
    split = load_npz(path)
    assert (len(split.training), len(split.validation)) == (16, 4)
    np.testing.assert_array_equal(split.validation.class_counts, [2, 2])
    assert load_npz(path).fingerprint == split.fingerprint != load_npz(path, seed=1).fingerprint


def test_validation_data_of_the_file_is_used(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", validation_images=IMAGES[:3] / 255, validation_labels=np.zeros(3, int))
    split = load_npz(path)
    assert (len(split.training), len(split.validation)) == (20, 3)
    np.testing.assert_array_equal(split.validation.inputs, split.training.inputs[:3])


def test_the_index_of_the_file_names_examples_also_where_validation_data_are_kept_aside(tmp_path: Path) -> None:
    split = load_npz(npz(tmp_path / "a.npz", index=np.arange(100, 120)))
    together = np.concatenate([split.training.index, split.validation.index])
    np.testing.assert_array_equal(np.sort(together), np.arange(100, 120))


def test_class_names_of_the_file_are_used(tmp_path: Path) -> None:
    assert load_npz(npz(tmp_path / "a.npz", class_names=["cat", "dog"])).training.class_names == ("cat", "dog")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"image": 1}, "`validation_index`, `validation_ids`; got `image`. Rename or remove them."),
        ({"validation_images": IMAGES}, "it lacks `validation_labels`."),
        ({"validation_index": np.arange(20)}, "it lacks `validation_images`, `validation_labels`."),
        ({"index": np.arange(19)}, "a.npz: `index` must have one entry for each of 20 examples; got 19."),
        ({"labels": np.array([None] * 20)}, "Python objects (pickle), which are never loaded"),
        ({"labels": LABELS[:-1]}, "a.npz: `images` and `labels` must have the same length"),
        ({"labels": LABELS + 1}, "a.npz: `labels` must run from 0 to 1; got 1 to 2. Pass `labels - 1`."),
        ({"class_names": [1, 2]}, "a.npz: `class_names` must be strings"),
        (
            {"validation_images": IMAGES * 1.0, "validation_labels": LABELS},
            "a.npz, validation part: `validation_images` must lie in [0, 1]",
        ),
    ],
)
def test_arrays_that_cannot_be_right_are_refused(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=re.escape(said)):
        load_npz(npz(tmp_path / "a.npz", **arrays))


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES)
    with pytest.raises(BadInput, match="must hold `images`, `labels`; it lacks `labels`"):
        load_npz(tmp_path / "a.npz")


def test_a_truncated_npz_file_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BadInput, match=r"a.npz is damaged"):
        load_npz(path)


def test_an_npz_file_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz")
    data = bytearray(path.read_bytes())
    data[data.index(IMAGES.tobytes())] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadInput, match=r"a.npz is damaged"):
        load_npz(path)


@pytest.mark.parametrize("data", [b"", b"some text that is no archive"])
def test_a_file_that_is_no_npz_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(BadInput, match=r"a.npz (is damaged|must be an .npz file of plain arrays)"):
        load_npz(tmp_path / "a.npz")


def test_one_bare_array_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, IMAGES)
    with pytest.raises(BadInput, match="must hold named arrays; got one without a name"):
        load_npz(tmp_path / "a.npz")
