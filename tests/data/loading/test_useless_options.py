"""Options that would do nothing for a source are refused, for every kind of source and every option."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from byheart.checks import BadInput
from byheart.data.loading.load_data import load_data
from byheart.data.loading.options import LoadingOptions

RANDOM = np.random.default_rng(0)
LABELS = np.arange(24) % 2
VECTORS, IMAGES = RANDOM.normal(size=(24, 2)), RANDOM.random((24, 4, 4))
FRAME = pd.DataFrame({"a": VECTORS[:, 0], "b": VECTORS[:, 1], "note": "text", "label": LABELS})
GIVEN: dict[str, Any] = {
    "label": "label",
    "ids": "a",
    "labels": "labels.npy",
    "size": 16,
    "validation": 0.3,
    "group": "b",
    "skip_unreadable": True,
    "features": "a",
    "missing": "median",
    "show": "note",
    "separator": ";",
    "thousands": "'",
    "decimal": ",",
    "embedding": "vectors.npy",
}
"""A value of each option that is not its default."""
OF_TEXT = {"separator", "thousands", "decimal"}
OF_PICTURES = {"size", "skip_unreadable"}


def table_in(ending: str) -> Callable[[Path], Any]:
    def saved(folder: Path) -> Path:
        path = folder / f"table.{ending}"
        match ending:
            case "csv":
                FRAME.to_csv(path, index=False)
            case "jsonl":
                FRAME.to_json(path, orient="records", lines=True)
            case "parquet":
                FRAME.to_parquet(path)
            case _:
                FRAME.to_feather(path)
        return path

    return saved


def vectors_file(folder: Path) -> Path:
    return folder / "vectors.npy"


def arrays_in_parts(folder: Path) -> Path:
    parts = {"vectors": VECTORS, "labels": LABELS, "validation_vectors": VECTORS, "validation_labels": LABELS}
    np.savez(folder / "parts.npz", **parts)
    return folder / "parts.npz"


def arrays(folder: Path) -> Path:
    np.savez(folder / "arrays.npz", x=VECTORS, y=LABELS, a=LABELS, b=LABELS)
    return folder / "arrays.npz"


def class_folders(folder: Path) -> Path:
    for place, image in enumerate(IMAGES):
        path = folder / "pets" / "ab"[place % 2] / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((255 * image).astype(np.uint8)).save(path)
    return folder / "pets"


USELESS: dict[str, tuple[Callable[[Path], Any], set[str]]] = {
    "a known data set": (lambda folder: "digits", set(GIVEN) - {"embedding"}),
    "class folders": (class_folders, {"label", "ids", "labels", "group", "features", "missing", "show", *OF_TEXT}),
    "an .npz file": (arrays, {"labels", "features", "missing", "show", *OF_PICTURES, *OF_TEXT}),
    "an .npz file of parts": (arrays_in_parts, {"labels", "validation", "show", *OF_PICTURES, *OF_TEXT}),
    "an .npy file": (vectors_file, {"label", "features", "missing", "show", *OF_PICTURES, *OF_TEXT}),
    "a CSV file": (table_in("csv"), {"labels", *OF_PICTURES}),
    "JSON lines": (table_in("jsonl"), {"labels", *OF_PICTURES, *OF_TEXT}),
    "a Parquet file": (table_in("parquet"), {"labels", *OF_PICTURES, *OF_TEXT}),
    "a Feather file": (table_in("feather"), {"labels", *OF_PICTURES, *OF_TEXT}),
    "a frame": (lambda folder: FRAME, {"labels", *OF_PICTURES, *OF_TEXT}),
    "arrays of vectors": (lambda folder: (VECTORS, LABELS), {"labels", *OF_PICTURES, *OF_TEXT}),
    "arrays of images": (lambda folder: (IMAGES, LABELS), {"labels", "features", "missing", *OF_PICTURES, *OF_TEXT}),
    "items": (lambda folder: list(zip(VECTORS, LABELS, strict=True)), {"labels", *OF_PICTURES, *OF_TEXT}),
}
"""For each kind of source, the options that it cannot use."""


@pytest.mark.parametrize(
    ("kind", "option"), [(kind, option) for kind, (_, useless) in USELESS.items() for option in sorted(useless)]
)
def test_an_option_that_would_do_nothing_is_refused(
    kind: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("vectors.npy", VECTORS)
    np.save("labels.npy", LABELS)
    source = USELESS[kind][0](tmp_path)
    with pytest.raises(BadInput, match=rf"`{option}`.*(Leave it|leave the option|Leave the option) out"):
        load_data(source, **{option: GIVEN[option]}, progress=False)


@pytest.mark.parametrize("option", ["size", "skip_unreadable", "missing"])
def test_options_about_inputs_are_refused_where_only_texts_are_read(option: str, tmp_path: Path) -> None:
    table = table_in("csv")(tmp_path)
    with pytest.raises(BadInput, match=f"`{option}`.*has no meaning for a table.*Leave it out"):
        load_data(table, show="note", embedding=VECTORS, **{option: GIVEN[option]})
    assert len(load_data(table, show="note", embedding=VECTORS).training) == 19


def test_medians_are_refused_for_a_table_of_pictures(tmp_path: Path) -> None:
    class_folders(tmp_path)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "pets").rglob("*.png"))
    frame = pd.DataFrame({"image": [{"bytes": None, "path": file} for file in files], "label": LABELS})
    frame.to_parquet(tmp_path / "pictures.parquet")
    with pytest.raises(BadInput, match=r"`missing` \(--missing\) has no meaning for a table of pictures"):
        load_data(tmp_path / "pictures.parquet", missing="median", progress=False)


def test_a_folder_of_official_files_is_refused_for_other_data(tmp_path: Path) -> None:
    for source in (table_in("csv")(tmp_path), FRAME):
        with pytest.raises(BadInput, match=r"`data_dir`.*has no meaning for.*Leave it out"):
            load_data(source, features="a,b", data_dir=tmp_path)


def test_every_option_is_in_the_table() -> None:
    assert set(GIVEN) == {field.name for field in dataclasses.fields(LoadingOptions)}
