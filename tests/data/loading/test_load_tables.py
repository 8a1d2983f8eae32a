"""Tables and Python objects by `load_data`: the same data whatever they come in."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_breast_cancer, load_wine

from byheart.checks import BadInput
from byheart.data.loading.load_data import load_data
from byheart.data.split import Split


def frame_of(bunch: Any) -> pd.DataFrame:
    return bunch.frame.drop(columns="target").assign(species=bunch.target_names[bunch.target])


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer], ids=["wine", "breast cancer"])
def test_a_table_is_the_same_from_every_source(load: Any, tmp_path: Path) -> None:
    bunch = load(as_frame=True)
    frame = frame_of(bunch).sample(frac=1, random_state=0).reset_index(drop=True)
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", sep="\t")
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True, double_precision=15)
    numbers, labels = frame.drop(columns="species"), frame["species"]
    sources: list[Any] = [
        *(tmp_path / name for name in ("t.csv", "t.tsv", "t.jsonl")),
        *(frame, (numbers, labels), (numbers.to_numpy(), labels.to_numpy()), frame.to_dict("list")),
        list(zip(numbers.to_numpy(), labels, strict=True)),
    ]
    splits = [load_data(one, **({} if isinstance(one, tuple | list) else {"label": "species"})) for one in sources]
    assert len({split.fingerprint for split in splits}) == 1
    assert splits[0].training.class_names == tuple(sorted(bunch.target_names))
    assert splits[0].training.legend is not None
    assert splits[0].training.legend.feature_names == tuple(bunch.feature_names)


def test_a_table_is_the_same_from_parquet_and_arrow(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    frame = frame_of(load_wine(as_frame=True))
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_feather(tmp_path / "t.feather")
    splits = [load_data(tmp_path / name, label="species") for name in ("t.csv", "t.parquet", "t.feather")]
    assert len({split.fingerprint for split in splits}) == 1


def test_options_of_a_table_reach_it(tmp_path: Path) -> None:
    rows = "".join(
        f"p{row},{row // 4},{'' if row == 3 else row % 5},{row},text {row},{'xy'[row % 2]}\n" for row in range(24)
    )
    (tmp_path / "t.csv").write_text("key;who;a;b;words;kind\n".replace(";", ",") + rows)
    split = load_data(
        tmp_path / "t.csv",
        label="kind",
        ids="key",
        group="who",
        show="words",
        features="a,b",
        missing="median",
        validation=0.25,
    )
    assert split.training.legend is not None
    assert split.training.legend.feature_names == ("a", "a is missing", "b")
    assert split.training.legend.shown is not None
    assert split.training.legend.shown[5] == "text 5"
    assert split.training.ids is not None
    assert not {place // 4 for place in split.training.index} & {place // 4 for place in split.validation.index}
    np.savez(tmp_path / "a.npz", x=np.eye(4), y=[0, 1, 0, 1])
    with pytest.raises(BadInput, match=r"`features` \(--features\) has no meaning for an .npz file"):
        load_data(tmp_path / "a.npz", features="a")


def test_a_column_says_the_parts_and_test_rows_are_left_out_beside_validation_rows(tmp_path: Path) -> None:
    parts = ["train"] * 6 + ["validation"] * 2 + ["test"] * 2
    frame = pd.DataFrame({"a": np.arange(10) ** 2, "split": parts, "label": list("xy") * 5})
    for source in (frame, tmp_path / "t.csv"):
        frame.to_csv(tmp_path / "t.csv", index=False)
        split = load_data(source, validation="split")
        assert (len(split.training), len(split.validation)) == (6, 2)
        assert "2 test examples are left out" in split.notes[0]
    both = load_data({"train": frame[:6], "test": frame[6:]}, features="a")
    assert both.validation.ids is not None
    assert both.validation.ids[0] == "test/0"
    with pytest.raises(BadInput, match=r"has a validation part, so no share can be set aside; got `validation` 0\.5"):
        load_data({"train": frame[:6], "test": frame[6:]}, features="a", validation=0.5)


def test_wrong_uses_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,label\n1,x\n2,y\n3,x\n4,y\n")
    with pytest.raises(BadInput, match="`name` has no meaning for"):
        load_data(tmp_path / "t.csv", name="mine")
    with pytest.raises(BadInput, match=r"`decimal` \(--decimal\) has no meaning for a Python object"):
        load_data(np.eye(4), label=[0, 1, 0, 1], decimal=",")
    with pytest.raises(BadInput, match="`separator` must be a single character; got ';;'"):
        load_data(tmp_path / "t.csv", separator=";;")
    with pytest.raises(BadInput, match="`features` must be names of columns or patterns"):
        load_data(tmp_path / "t.csv", features=[])
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    with pytest.raises(BadInput, match=r"t.xlsx is a spreadsheet"):
        load_data(tmp_path / "t.xlsx")
    with pytest.raises(BadInput, match="at least 2 classes"):
        load_data(np.eye(4), label=list("xxxx"))
    assert load_data(np.eye(4), label=[0, 1, 0, 1], name="mine").name == "mine"


def png(value: int, mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    file = io.BytesIO()
    color = value if mode == "L" else (value, 0, 0)
    Image.new(mode, size, color).save(file, "PNG")
    return file.getvalue()


def pictures(split: Split) -> list[int]:
    """Return the red of the first pixel of all pictures, in their order in the source."""
    found = {}
    for part in (split.training, split.validation):
        found |= dict(zip(part.index.tolist(), (255 * part.inputs[:, 0, 0, 0]).round().tolist(), strict=True))
    return [found[place] for place in sorted(found)]


def test_pictures_in_a_table_are_images(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    values = [200, 20, 40, 60, 80, 100]
    structs = [{"bytes": png(value), "path": f"{value}.png"} for value in values]
    (tmp_path / "on_disk.png").write_bytes(png(60))
    structs[3] = {"bytes": None, "path": "on_disk.png"}
    labels = list("xy") * 3
    parquet.write_table(pa.table({"image": structs, "width": [8] * 6, "label": labels}), tmp_path / "t.parquet")
    split = load_data(tmp_path / "t.parquet", size=8)
    assert split.training.input_shape == (8, 8, 3)
    assert pictures(split) == values
    assert split.training.ids is not None
    assert split.training.ids[0] == f"{values[split.training.index[0]]}.png"
    assert split.notes == ("The examples are the pictures in 'image'; not used: 'width'.",)
    encoded = pa.table({"image": [png(value, "L") for value in values], "label": labels})
    parquet.write_table(encoded, tmp_path / "t.parquet")
    assert load_data(tmp_path / "t.parquet", size=4).training.input_shape == (4, 4, 1)
    frame = pd.DataFrame({"image": structs, "label": labels}).drop(index=3)
    assert pictures(load_data(frame, size=8)) == [value for value in values if value != 60]


def test_pictures_that_are_missing_or_broken_are_refused_with_their_row(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    labels = list("xy") * 2
    for cell, message in {
        None: r"column 'image' must have a picture in every row; none is in row 2",
        png(3)[:40]: r"must hold pictures that can be read; it does not in row 2 \(counted from 0\): ",
    }.items():
        table = pa.table({"image": pa.array([png(1), png(2), cell, png(4)], pa.binary()), "label": labels})
        with pytest.raises(BadInput, match=message):
            load_data(table)
    with pytest.raises(BadInput, match="has several columns of pictures: 'a', 'b'"):
        load_data(pa.table({"a": [png(1)] * 4, "b": [png(1)] * 4, "label": labels}))
    with pytest.raises(BadInput, match="`features` must name the pictures 'a' or other columns"):
        load_data(pa.table({"a": [png(1)] * 4, "b": [1, 2, 3, 5], "label": labels}), features="a,b")


def test_pictures_of_pillow_in_pairs_are_brought_to_one_size() -> None:
    items = [(Image.new("RGB", (8 + place, 8), (50 * place, 0, 0)), "xy"[place % 2]) for place in range(4)]
    split = load_data(items, size=8)
    assert split.training.input_shape == (8, 8, 3)
    assert pictures(split) == [0, 50, 100, 150]
    with pytest.raises(BadInput, match="Item 3 must hold a picture of Pillow"):
        load_data([*items[:3], (np.zeros((8, 8, 3)), "y")])


def test_rows_without_a_readable_picture_are_refused_or_left_out(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    pictures: list[bytes | None] = []
    for shade in range(20):
        file = io.BytesIO()
        Image.fromarray(np.full((4, 4), 10 * shade, np.uint8)).save(file, "PNG")
        pictures.append(file.getvalue())
    pictures[3], pictures[7] = b"\x89PNG\r\n\x1a\nbroken", None
    frame = pd.DataFrame({"image": pictures, "label": ["x", "y"] * 10, "name": [f"n{row}" for row in range(20)]})
    frame.to_parquet(tmp_path / "t.parquet")
    options: dict[str, Any] = {"ids": "name", "size": 4}
    with pytest.raises(BadInput, match=r"must have a picture in every row; none is in row 7 .*--skip-unreadable"):
        load_data(tmp_path / "t.parquet", **options)
    split = load_data(tmp_path / "t.parquet", **options, skip_unreadable=True)
    assert len(split.training) + len(split.validation) == 18
    for part in (split.training, split.validation):
        rows = [int(name[1:]) for name in part.ids]
        np.testing.assert_array_equal(part.inputs[:, 0, 0, 0], 10 * np.array(rows, np.float32) / np.float32(255))
        np.testing.assert_array_equal(part.labels, np.array(rows) % 2)
    assert (
        "Rows without a picture that can be read, left out: rows 3 ('n3') and 7 ('n7') (counted from 0)."
        in " ".join(split.notes)
    )
    vectors = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.raises(BadInput, match=r"The source has 2 more, left out: n3, n7. Leave out their rows too."):
        load_data(tmp_path / "t.parquet", **options, skip_unreadable=True, embedding=vectors)


def test_pictures_that_a_table_names_by_their_files_know_the_folder(tmp_path: Path) -> None:
    for place in range(8):
        Image.fromarray(np.full((4, 4), 30 * place, np.uint8)).save(tmp_path / f"{place}.png")
    for folder, names_files in ((Path(), True), (tmp_path, False)):
        cells = [{"bytes": None, "path": str(folder / f"{place}.png")} for place in range(8)]
        pd.DataFrame({"image": cells, "label": list("ab") * 4}).to_parquet(tmp_path / "t.parquet")
        legend = load_data(tmp_path / "t.parquet", size=4, progress=False).training.legend
        assert legend is not None
        assert legend.folder == (str(tmp_path) if names_files else "")
