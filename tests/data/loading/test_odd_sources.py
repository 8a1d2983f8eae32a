"""Odd sources are taken as they should be, or refused by a message that says what came, where, and what to do."""

import contextlib
import dataclasses
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from byheart.checks import BadInput, Caution
from byheart.data.loading.load_data import load_data
from tests.data.loading import odd_sources as odd


@dataclasses.dataclass(frozen=True)
class Taken:
    """The expected data: sizes of both parts, the shape of inputs, classes, and parts of notes and of a caution."""

    sizes: tuple[int, int]
    shape: tuple[int, ...]
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    caution: str = ""


PETS = ("cats", "dogs")
GREY = (32, 32, 1)
TAKEN: dict[odd.Build, Taken] = {
    odd.hidden_and_other_files: Taken(
        (4, 2),
        GREY,
        PETS,
        (
            "Skipped: ",
            "3 hidden files",
            "1 folder without a picture",
            "2 files that are no pictures (.md: 1, .txt: 1)",
        ),
    ),
    odd.wrong_endings: Taken((4, 2), GREY, PETS),
    odd.truncated_and_skipped: Taken(
        (4, 2), GREY, PETS, ("1 of 7 pictures cannot be read: ", "dogs/cut.png (", "They are left out.")
    ),
    odd.symlink_loop: Taken((4, 2), GREY, PETS, ("1 link to a folder that holds it", "2 links that lead nowhere")),
    odd.linked_pictures: Taken(
        (4, 2), GREY, PETS, ("All pictures are 4 x 4, and are resized to 32 x 32; `--size 4` keeps them.",)
    ),
    odd.names_that_are_not_utf8: Taken((4, 2), GREY, ("cats", "d\\xfcgs")),
    odd.parts_train_test: Taken((6, 2), GREY, PETS),
    odd.three_parts: Taken((6, 6), GREY, PETS, ("test/ is left out.",)),
    odd.train_alone: Taken((4, 2), GREY, PETS),
    odd.a_class_named_train: Taken((4, 2), GREY, ("bus", "train")),
    odd.pictures_beside_the_folders: Taken((4, 2), GREY, PETS, ("Skipped: 2 pictures beside the class folders.",)),
    odd.metadata_csv: Taken((4, 2), GREY, ("cat", "dog")),
    odd.metadata_csv_of_a_spreadsheet: Taken((4, 2), GREY, ("cat", "dog")),
    odd.metadata_csv_with_quotes: Taken((4, 2), GREY, ("big, black", "two\nlines")),
    odd.metadata_grouped: Taken(
        (4, 2), GREY, ("cat", "dog"), ("1 of 3 groups, 33% of the examples, are set aside for validation.",)
    ),
    odd.metadata_with_a_split_column: Taken((4, 2), GREY, ("0", "1")),
    odd.metadata_jsonl: Taken((4, 2), GREY, ("-1", "0", "1")),
    odd.metadata_that_lists_a_few: Taken((4, 2), GREY, ("cat", "dog"), ("2 pictures are not in the metadata file",)),
    odd.x_and_y: Taken((9, 3), (3,), ("0", "1")),
    odd.data_and_labels_with_gaps: Taken((9, 3), (3,), ("-2", "1")),
    odd.keras_names: Taken((12, 3), (4, 4, 1), ("0", "1")),
    odd.medical_names: Taken((12, 4), (4, 4, 1), ("0", "1"), ("`test_images` is left out",)),
    odd.text_labels: Taken((9, 3), (4, 4, 1), ("9", "10")),
    odd.boolean_labels: Taken((9, 3), (3,), ("False", "True")),
    odd.constant_feature: Taken((9, 3), (300,), ("0", "1")),
    odd.contradicting_copies: Taken(
        (11, 3),
        (3,),
        ("0", "1"),
        caution="2 of 14 examples equal another one exactly and have another label than it, such as 0 (0) and 12 (1).",
    ),
    odd.named_arrays: Taken((8, 4), (3,), ("0", "1"), ("1 of 3 groups",)),
    odd.other_arrays: Taken((9, 3), (3,), ("0", "1"), ("Arrays that are not used: `weights`.",)),
    odd.npy_and_npy: Taken((9, 3), (3,), ("0", "1")),
    odd.npy_of_columns_first: Taken((9, 3), (3,), ("0", "1")),
    odd.classes_of_emoji: Taken((4, 2), GREY, ("\U0001f431", "\U0001f436")),
    odd.classes_that_look_alike: Taken(
        (9, 3),
        GREY,
        ("Bar", "bar", "cafe\u0301", "caf\u00e9"),
        caution="blanks, case or Unicode form alone: 'Bar' and 'bar'; 'cafe\\u0301' and 'caf\\xe9'. If they are one",
    ),
    odd.classes_of_letters_in_both_cases: Taken((4, 2), GREY, ("A", "a")),
    odd.animated_pictures: Taken((4, 2), GREY, PETS),
    odd.a_folder_named_like_a_table: Taken((4, 2), GREY, PETS),
    odd.metadata_that_lists_a_file_twice: Taken(
        (5, 2),
        GREY,
        ("a", "b"),
        caution="2 of 7 examples equal another one exactly and have another label than it, such as 0.png (a) and 0.png "
        "(b).",
    ),
    odd.whole_numbers_of_64_bits: Taken((9, 3), (3,), ("-34359738368", "1099511627776")),
    odd.unsigned_numbers_of_64_bits: Taken((9, 3), (3,), ("3", "9223372036854775813")),
    odd.half_precision: Taken((9, 3), (3,), ("0", "1")),
    odd.npy_and_lines: Taken((9, 3), (3,), ("cat", "dog")),
}
REFUSED: dict[odd.Build, tuple[str, ...]] = {
    odd.nothing: ("must hold class folders with pictures; it is empty. Put the pictures of each class into a folder",),
    odd.one_class: ("must hold at least 2 class folders with pictures; got one, 'cats'.",),
    odd.one_folder_too_high: ("got one, 'inside'. Pass ", "/inside if its folders are the classes."),
    odd.class_with_one_example: ("1 of 3 class has only 1: 'owl' (owl/0.png). Add examples, or remove the class.",),
    odd.pictures_without_class: ("it holds 1 pictures without a class. Put",),
    odd.text_files_alone: ("it holds 2 folders and 0 files, but no picture",),
    odd.truncated: ("1 of 7 pictures cannot be read: ", "/dogs/cut.png (", "`skip_unreadable` (--skip-unreadable)."),
    odd.empty_picture: ("/cats/empty.jpg (the file is empty)",),
    odd.text_named_picture: ("/cats/page.jpg (its content is none of PNG, JPEG, WEBP, GIF, BMP, TIFF)",),
    odd.bomb: ("/cats/bomb.png (more than 89,478,485 pixels, which may be a decompression bomb)",),
    odd.floats_of_32_bits: ("/cats/depth.tiff (its pixels have 32 bits, of unknown range; save it with 8 or 16 bits)",),
    odd.class_only_in_validation: ("Every class must have a training example; 'owls' is only in the validation part.",),
    odd.parts_without_classes: (
        "holds only test/ and train/, which name parts and must hold class folders; they hold",
    ),
    odd.share_beside_parts: ("has a validation part, so no share can be set aside; got `validation` 0.5.",),
    odd.metadata_with_a_split_column_of_other_words: ("'patient' must say train, validation or test", "got 'p0'"),
    odd.metadata_jsonl_with_a_missing_label: ("it is missing in 3 of 6 examples (0.png, 2.png, 4.png).",),
    odd.metadata_jsonl_damaged: ("metadata.jsonl, line 2: every line must be one JSON object",),
    odd.metadata_without_file_name: ("must have the column 'file_name'; got 'file', 'label', 'patient'.",),
    odd.metadata_without_label: (
        "no column's name says that it does. Name it: `label` (--label), one of kind, patient",
    ),
    odd.metadata_with_two_labels: ("the columns label, class may. Name it: `label` (--label)",),
    odd.metadata_of_missing_files: ("lists 1 of 7 files that are not there: '9.png'.",),
    odd.metadata_of_files_elsewhere: ("row 6 (counted from 0): '../secret.png' must lie in the folder of the file.",),
    odd.two_metadata_files: ("must hold one metadata file; it holds metadata.csv and metadata.jsonl.",),
    odd.column_without_metadata: ("`label` names the column 'kind', but ", "has no metadata.csv, .jsonl or .parquet."),
    odd.continuous_labels: ("`labels` must name classes; got 30 different numbers in 30 examples, which looks like",),
    odd.missing_labels: ("Every example must have a label; it is missing in 1 of 12 examples (7).",),
    odd.measured_labels: ("`labels` must name classes; got float32, such as ", "Name another column"),
    odd.one_hot_labels: ("must have one axis, (example); got the shape (12, 2). Are they one-hot?",),
    odd.two_labels: ("must hold labels under one name; got `y`, `target`. Choose one: `label` (--label).",),
    odd.two_inputs: ("must hold inputs under one of the names", "got `x`, `data`. Rename them."),
    odd.infinite_values: ("got NaN or infinity in 1 of 12 examples (4).",),
    odd.complex_numbers: ("must be an array of numbers of any kind; got complex64.",),
    odd.object_arrays: ("Python objects (pickle), which are never loaded.",),
    odd.npy_and_lines_with_a_gap: ("it is missing in 1 of 12 examples (10).",),
    odd.npy_and_too_few_lines: ("/y.txt must hold one value for each of 12 inputs in ", "got the shape (10,)."),
    odd.npy_without_labels: ("holds inputs alone; name the file of their labels: `labels` (--labels FILE).",),
    odd.npy_of_objects: ("/x.npy must be an .npy file of plain arrays; got another file or Python objects (pickle)",),
    odd.npy_cut_short: ("/x.npy is damaged (",),
    odd.npy_with_a_size: ("`size` (--size) has no meaning for an .npy file; it takes --labels, --id, --validation",),
    odd.pictures_too_large_for_the_memory: (
        "`size` (--size) must let 6 pictures fit into memory; with 1000000 x 1000000 pixels they take 24,000 GB, and",
    ),
    odd.object_arrays_besides: ("Python objects (pickle), which are never loaded.",),
    odd.several_labels_each: ("must have one axis, (example); got the shape (12, 4). Are they one-hot?",),
    odd.videos: ("or (example, height, width, channel) of images; got the shape (12, 2, 4, 4, 3).",),
    odd.bytes_that_are_no_archive: ("/a.npz is damaged (File is not a zip file). Download or save it again.",),
    odd.another_kind_of_file: (
        "/a.mat must be a folder of pictures, or a file ending in .npz or .npy (arrays), or one of a table: .csv",
    ),
}


@pytest.mark.parametrize(("build", "taken"), TAKEN.items(), ids=[build.__name__ for build in TAKEN])
def test_it_is_taken_as_it_should_be(build: odd.Build, taken: Taken, tmp_path: Path) -> None:
    source, options = build(tmp_path / "source")
    warned = pytest.warns(Caution, match=re.escape(taken.caution)) if taken.caution else contextlib.nullcontext()
    with warned:
        split = load_data(source, **options)
    assert not taken.caution or any(taken.caution in one for one in split.cautions)
    found = (len(split.training), len(split.validation)), split.input_shape, split.training.class_names
    assert found == (taken.sizes, taken.shape, taken.class_names)
    assert all(any(part in note for note in split.notes) for part in taken.notes), split.notes


@pytest.mark.parametrize(("build", "said"), REFUSED.items(), ids=[build.__name__ for build in REFUSED])
def test_it_is_refused_by_a_clear_message(build: odd.Build, said: tuple[str, ...], tmp_path: Path) -> None:
    source, options = build(tmp_path / "source")
    with pytest.raises(BadInput) as problem:
        load_data(source, **options)
    assert all(part in str(problem.value) for part in said), problem.value


def test_every_odd_source_is_in_a_table() -> None:
    builders = {
        value for value in vars(odd).values() if getattr(value, "__annotations__", {}).get("return") is odd.Source
    }
    assert builders - {odd.npz, odd.npy} == {*TAKEN, *REFUSED}


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, _ = odd.hidden_and_other_files(tmp_path / "source")
    scan = os.scandir

    def guarded(path: str) -> object:
        if str(path).endswith("dogs"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr("os.scandir", guarded)
    with pytest.raises(
        BadInput, match=r"/dogs cannot be read \(Permission denied\). Allow reading it, or take it out."
    ):
        load_data(source)


@pytest.mark.parametrize("folder", [Path("no/such"), Path("nowhere")])
def test_a_folder_that_does_not_exist_is_refused(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no (file or folder|data set named)"):
        load_data(folder)


def test_names_of_files_and_rows_stay_with_the_examples(tmp_path: Path) -> None:
    source, options = odd.metadata_grouped(tmp_path / "pictures")
    split = load_data(source, **options)
    assert set(split.training.ids) | set(split.validation.ids) == {f"{number}.png" for number in range(6)}
    people = [{int(name[0]) // 2 for name in part.ids} for part in (split.training, split.validation)]
    assert not people[0] & people[1]
    source, options = odd.named_arrays(tmp_path / "arrays")
    split = load_data(source, **options)
    np.testing.assert_array_equal(split.training.ids, [str(100 + place) for place in split.training.index])


@pytest.mark.slow
def test_a_hundred_thousand_pictures_are_taken(tmp_path: Path) -> None:
    for name, gray in (("cats", 3), ("dogs", 200)):
        first = odd.picture(tmp_path / name / "0.png", gray)
        for number in range(1, 50_000):
            os.link(first, tmp_path / name / f"{number}.png")
    split = load_data(tmp_path, size=4)
    assert (len(split.training), len(split.validation)) == (80_000, 20_000)
    assert len({*split.training.ids, *split.validation.ids}) == 100_000
    shutil.rmtree(tmp_path)
