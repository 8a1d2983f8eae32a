"""Splits of labelled examples: numbers of classes, shares, parts, groups, names, and memory."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byheart.checks import BadInput, Caution
from byheart.data.dataset import Dataset
from byheart.data.loading.grouped import grouped_for_training
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.load import load
from byheart.data.loading.load_data import load_data
from byheart.data.loading.npz import load_npz, save_npz
from byheart.data.loading.numbering import numbered
from byheart.data.loading.split_of import split_of
from byheart.data.stratified import default_split, n_for_validation

RNG = np.random.default_rng(0)


def examples(n: int = 30, **changes: Any) -> LabelledExamples:
    given: dict[str, Any] = {
        "inputs": RNG.normal(size=(n, 4)).astype(np.float32),
        "labels": np.arange(n) % 3,
        "ids": np.array([f"row {place}" for place in range(n)]),
        "name": "made",
    }
    return LabelledExamples(**given | changes)


IDS = np.array(["a", "b", "c", "d"])
RARE = np.array([0, 1, 0, 1, 2])


@pytest.mark.parametrize(
    ("labels", "class_names", "numbers", "names"),
    [
        (["dog", "cat", "dog", "cow"], (), [2, 0, 2, 1], ("cat", "cow", "dog")),
        (["10", "9", "-1", "9"], (), [2, 1, 0, 1], ("-1", "9", "10")),
        (["b", "2", "a", "10"], (), [3, 0, 2, 1], ("2", "10", "a", "b")),
        ([7, -3, 7, 100], (), [1, 0, 1, 2], ("-3", "7", "100")),
        ([1.0, 2.0, 1.0, 2.0], (), [0, 1, 0, 1], ("1", "2")),
        ([True, False, True, True], (), [1, 0, 1, 1], ("False", "True")),
        (["dog", "cat", "dog", "cat"], ("dog", "cat"), [0, 1, 0, 1], ("dog", "cat")),
        (["dog", "cat", "dog", "cat"], ("dog", "owl", "cat"), [0, 1, 0, 1], ("dog", "cat")),
        ([2, 0, 2, 0], ("dog", "owl", "cat"), [1, 0, 1, 0], ("dog", "cat")),
        ([2, 1, 2, 1], ("2", "1"), [0, 1, 0, 1], ("2", "1")),
        (["ß", "ss", "é", "e"], (), [2, 1, 3, 0], ("e", "ss", "ß", "é")),
    ],
)
def test_classes_are_numbered_in_a_stated_order_and_keep_their_names(
    labels: list[Any], class_names: tuple[str, ...], numbers: list[int], names: tuple[str, ...]
) -> None:
    for given in (np.array(labels), np.array(labels, object)):
        found, found_names = numbered(given, IDS, class_names)
        assert (found.tolist(), found_names) == (numbers, names)


@pytest.mark.parametrize(
    ("labels", "class_names", "said"),
    [
        ([1.0, np.nan, 2.0, 1.0], (), "it is missing in 1 of 4 examples (b)."),
        (np.array(["x", None, "", " "], object), (), "it is missing in 3 of 4 examples (b, c, d)."),
        (["x", "x", "x", "x"], (), "There must be at least 2 classes; all 4 labels are 'x'."),
        ([0.5, 1.0, 2.0, 1.0], (), "got float64, such as 0.5, which looks like a measurement."),
        ([1.0, np.inf, 2.0, 1.0], (), "`labels` must be finite; got infinity in 1 of 4 examples (b)."),
        (["x", "y", "z", "x"], ("x", "y"), "must be among the classes 'x', 'y'; got 'z'."),
        ([0, 1, 2, 1], ("x", "y"), "must be among the classes 'x', 'y'; got '0', '1', '2'."),
        (["x", "y", "x", "y"], ("x", "y", "x"), "`class_names` must be distinct"),
        (np.array([{}, 1, 2, 3], object), (), "must be strings, integers or booleans; got dict, int."),
        (np.eye(4), (), "Are they one-hot?"),
        ([0, 1], (), "got 4 examples and 2 labels."),
        ([1j, 2j, 1j, 2j], (), "got complex128"),
    ],
)
def test_labels_that_cannot_be_are_refused(labels: Any, class_names: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadInput) as problem:
        numbered(np.asarray(labels), IDS, class_names)
    assert said in str(problem.value)


def test_many_different_numbers_look_like_measurements_and_many_classes_do_not() -> None:
    ids = np.arange(60).astype(str)
    with pytest.raises(BadInput, match="got 30 different numbers in 60 examples"):
        numbered(np.arange(60) % 30, ids)
    assert len(numbered(np.arange(60) % 20, ids)[1]) == 20
    assert len(numbered(np.array([f"word {n % 30}" for n in range(60)]), ids)[1]) == 30


def test_a_split_equals_that_of_a_file_of_arrays(tmp_path: Path) -> None:
    digits = load("digits")
    save_npz(digits, tmp_path / "digits.npz")
    for inputs in (digits.training.inputs, digits.training.inputs.reshape(-1, 64)):
        labelled = examples(inputs=inputs, labels=digits.training.labels, ids=np.arange(1437).astype(str))
        split = split_of(labelled)
        assert split.fingerprint == default_split(Dataset(inputs, digits.training.labels), 0).fingerprint
        assert split.training.ids is None


@pytest.mark.parametrize(("share", "n"), [(0.2, 6), (0.07, 3), (0.5, 15), (0.9, 27)])
def test_the_share_is_rounded_up_and_stratified(share: float, n: int) -> None:
    split = split_of(examples(), validation=share)
    assert len(split.validation) == n == n_for_validation(30, share)
    assert np.ptp(split.training.class_counts) <= 1


def test_names_stay_with_their_examples(tmp_path: Path) -> None:
    labelled = examples()
    split = split_of(labelled)
    taken = split.training.take([5, 3], may_lack_classes=True)
    for part in (split.training, split.validation, taken, taken.with_inputs(taken.inputs)):
        assert part.ids is not None
        np.testing.assert_array_equal(part.ids, [f"row {place}" for place in part.index])
        assert not part.ids.flags.writeable
    save_npz(split, tmp_path / "a.npz")
    again = load_npz(tmp_path / "a.npz")
    np.testing.assert_array_equal(again.training.ids, split.training.ids)
    np.testing.assert_array_equal(again.validation.ids, split.validation.ids)
    assert load_data(tmp_path / "a.npz").fingerprint == split.fingerprint


def test_the_fingerprint_is_that_of_the_content_and_not_of_names() -> None:
    labelled = examples()
    renamed = LabelledExamples(inputs=labelled.inputs, labels=labelled.labels, ids=labelled.ids[::-1], name="other")
    assert split_of(labelled).fingerprint == split_of(renamed).fingerprint
    changed = labelled.inputs.copy()
    changed[3, 1] += 1
    other = LabelledExamples(inputs=changed, labels=labelled.labels, ids=labelled.ids, name="made")
    assert split_of(labelled).fingerprint != split_of(other).fingerprint


def test_stated_parts_are_kept() -> None:
    part = np.where(np.arange(30) < 20, "training", "validation")
    split = split_of(examples(part=part))
    assert (split.training.index.tolist(), split.validation.index.tolist()) == ([*range(20)], [*range(20, 30)])


def test_groups_stay_on_one_side_and_class_shares_are_kept_as_far_as_they_allow() -> None:
    for seed in range(5):
        group = RNG.integers(0, 60, 600)
        labels = RNG.integers(0, 3, 600)
        is_training = grouped_for_training(labels, group.astype(str), 120, seed)
        assert not set(group[is_training]) & set(group[~is_training])
        assert np.abs(np.bincount(labels[~is_training]) - np.bincount(labels) / 5).max() <= 10


def test_a_group_with_all_of_a_class_stays_in_training() -> None:
    group = np.array(["a"] * 10 + ["b", "c"] * 10)
    labels = np.array([2] * 10 + [0, 0, 1, 1] * 5)
    is_training = grouped_for_training(labels, group, 6, 0)
    assert is_training[:10].all()
    assert not is_training.all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": RARE}, "Every class must have at least 2 examples, one for each part; 1 of 3"),
        ({"labels": np.array([0, 1, 0, 1]), "ids": np.array(["a"] * 4)}, "`inputs` must have one entry for each of 4"),
        ({"part": np.array(["training"] * 5)}, "There must be validation examples; all 5 are in the other part."),
        ({"part": np.array(["train"] * 4 + ["test"])}, "`part` must be training or validation; got 'test', 'train'."),
        (
            {"labels": RARE, "part": np.array(["training"] * 3 + ["validation"] * 2)},
            "'2' is only in the validation part",
        ),
        (
            {"inputs": np.full((5, 2), np.nan)},
            "got NaN or infinity in 5 of 5 examples (row 0, row 1, ",
        ),
        ({"group": np.array(["a"] * 5)}, "each of the 1 groups holds all of a class."),
        ({"inputs": np.zeros(5)}, "`inputs` must have the axes"),
    ],
)
def test_what_cannot_be_split_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as problem:
        split_of(examples(5, **{"labels": np.array([0, 1, 0, 1, 1])} | changes))
    assert said in str(problem.value)


def test_a_group_in_both_parts_is_refused() -> None:
    part = np.where(np.arange(30) < 20, "training", "validation")
    with pytest.raises(BadInput, match=r"1 have examples in both parts, such as 'x'. Move them to one part"):
        split_of(examples(part=part, group=np.array(["x"] * 30)))


def test_equal_examples_with_different_labels_are_counted_and_said_once() -> None:
    inputs = np.repeat(RNG.normal(size=(10, 4)), 3, axis=0)
    with pytest.warns(Caution, match="30 of 30 examples equal another one exactly and have another label than it"):
        split = split_of(examples(inputs=inputs))
    assert sum("equal another one exactly" in one for one in split.cautions) == 1
    same = split_of(examples(inputs=inputs, labels=np.repeat(np.arange(10) % 3, 3)))
    assert not same.cautions


def test_a_mapped_file_is_in_memory_once(tmp_path: Path) -> None:
    inputs = RNG.normal(size=(20_000, 100)).astype(np.float32)
    np.save(tmp_path / "x.npy", inputs)
    np.save(tmp_path / "y.npy", np.arange(20_000) % 3)
    del inputs
    tracemalloc.start()
    split = load_data(tmp_path / "x.npy", labels=tmp_path / "y.npy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = split.training.inputs.nbytes + split.validation.inputs.nbytes
    assert size == 8_000_000
    assert peak < 2 * size


def test_a_dataset_of_a_mapped_file_copies_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", RNG.normal(size=(50, 4)).astype(np.float32))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.shares_memory(Dataset(mapped, np.arange(50) % 2).inputs, mapped)
    writable = np.load(tmp_path / "x.npy", mmap_mode="r+")
    assert not np.shares_memory(Dataset(writable, np.arange(50) % 2).inputs, writable)
    view = np.array(mapped)[:]
    view.flags.writeable = False
    assert not np.shares_memory(Dataset(view, np.arange(50) % 2).inputs, view)
