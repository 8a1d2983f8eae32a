"""Odd tables: each is taken as it should be, or refused with a message that says where and what to do."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.loading.options import LoadingOptions
from byheart.data.loading.tables.from_table import labelled_from_table

LETTERS = [f"word {number}" for number in range(60)]
MANY_TEXTS = "a,comment,label\n" + "".join(f"{row % 7},{word},x\n" for row, word in enumerate(LETTERS))
WIDE = (
    ",".join(f"c{place}" for place in range(300))
    + ",label\n"
    + "".join(
        ",".join("1" if place == 17 else str((row * place) % 5) for place in range(300)) + f",{'xy'[row % 2]}\n"
        for row in range(9)
    )
)
DATE = "2020-01-01T00:00+02:00"
COUNTED = "number,a,label\n" + "".join(f"{row},{row % 3},{'xy'[row % 2]}\n" for row in range(12))
COPIED = "a,species,code,label\n" + "".join(
    f"{row % 5},{'uv'[row % 2]},{row % 2},{'xy'[row % 2]}\n" for row in range(24)
)

TAKEN: dict[str, tuple[str, bytes | str, dict[str, Any], list[list[float]], list[Any]]] = {
    "commas": ("t.csv", "a,b,label\n1,2,x\n3,4,y\n", {}, [[1, 2], [3, 4]], ["x", "y"]),
    "semicolons": ("t.csv", "a;b;label\n1;2;x\n3;4;y\n", {}, [[1, 2], [3, 4]], ["x", "y"]),
    "tabs": ("t.tsv", "a\tb\tlabel\n1\t2\tx\n3\t4\ty\n", {}, [[1, 2], [3, 4]], ["x", "y"]),
    "bars": ("t.txt", "a|b|label\n1|2|x\n3|4|y\n", {}, [[1, 2], [3, 4]], ["x", "y"]),
    "blanks": ("t.txt", "a b label\n1 2 x\n3 4 y\n", {}, [[1, 2], [3, 4]], ["x", "y"]),
    "another separator": ("t.txt", "a~b~label\n1~2~x\n3~4~y\n", {}, [[1, 2], [3, 4]], ["x", "y"]),
    "a separator that is said": (
        "t.txt",
        "a_b_label\n1_2_x\n3_4_y\n",
        {"separator": "_"},
        [[1, 2], [3, 4]],
        ["x", "y"],
    ),
    "a byte order mark": ("t.csv", b"\xef\xbb\xbflabel,a\nx,1\ny,3\n", {}, [[1], [3]], ["x", "y"]),
    "UTF-16": ("t.csv", "a,label\n1,x\n3,\u00e9\n".encode("utf-16"), {}, [[1], [3]], ["x", "\u00e9"]),
    "gzipped": ("t.csv.gz", gzip.compress(b"a,label\n1,x\n3,y\n"), {}, [[1], [3]], ["x", "y"]),
    "line breaks of Windows": ("t.csv", "a,label\r\n1,x\r\n3,y\r\n", {}, [[1], [3]], ["x", "y"]),
    "no line break at the end": ("t.csv", "a,label\n1,x\n3,y", {}, [[1], [3]], ["x", "y"]),
    "blanks around": ("t.csv", "a, b, label\n1, 2, x\n3, 4, y\n", {}, [[1, 2], [3, 4]], ["x", "y"]),
    "quotes and line breaks in cells": (
        *("t.csv", 'a,label,note\n1,"x, ""y""\nz",n\n3,y,n\n', {"features": "a"}, [[1], [3]], ['x, "y"\nz', "y"]),
    ),
    "thousands that are said": (
        "t.csv",
        'a,label\n"1,234",x\n"12,000",y\n',
        {"thousands": ","},
        [[1234], [12000]],
        ["x", "y"],
    ),
    "a decimal comma that is said": ("t.csv", "a;label\n1,5;x\n3;y\n", {"decimal": ","}, [[1.5], [3]], ["x", "y"]),
    "points and commas that are said": (
        "t.csv",
        "a;label\n1.234,5;x\n3;y\n",
        {"thousands": ".", "decimal": ","},
        [[1234.5], [3]],
        ["x", "y"],
    ),
    "a separator of lines within a cell": (
        "t.csv",
        "a,label\n1,x\u2028x\n3,y\n",
        {},
        [[1], [3]],
        ["x\u2028x", "y"],
    ),
    "a column without a name": ("t.csv", ",a,label\n0,5,x\n1,7,y\n", {}, [[5], [7]], ["x", "y"]),
    "a separator at the end of lines": ("t.csv", "a,label,\n1,x,\n3,y,\n", {}, [[1], [3]], ["x", "y"]),
    "words for missing numbers": (
        "t.csv",
        "a,b,label\n1,7,x\nNA,8,y\n?,9,y\n",
        {"missing": "median", "features": "b,a"},
        [[0, 7], [1, 8], [1, 9]],
        ["x", "y", "y"],
    ),
    "missing numbers with their median": (
        "t.csv",
        "a,label\n1,x\n,y\n5,y\n",
        {"missing": "median"},
        [[1, 0], [3, 1], [5, 0]],
        ["x", "y", "y"],
    ),
    "truth values": ("t.csv", "a,label\nTrue,x\nFalse,y\n", {}, [[1], [0]], ["x", "y"]),
    "labels that are truth values": ("t.csv", "a,label\n1,True\n2,False\n", {}, [[1], [2]], [True, False]),
    "labels with gaps and signs": ("t.csv", "a,label\n1,-3\n2,70\n", {}, [[1], [2]], [-3, 70]),
    "labels with a point": ("t.csv", "a,label\n1,1.0\n2,2.0\n", {}, [[1], [2]], [1, 2]),
    "labels named NA and None": ("t.csv", "a,label\n1,NA\n2,None\n3,ZZ\n", {}, [[1], [2], [3]], ["NA", "None", "ZZ"]),
    "texts of few kinds": (
        "t.csv",
        "a,b,label\n1,u,x\n2,w,y\n3,u,y\n",
        {},
        [[1, 1, 0], [2, 0, 1], [3, 1, 0]],
        ["x", "y", "y"],
    ),
    "numbers and texts in one column": ("t.csv", "a,label\n12,x\n12a,y\n", {}, [[1, 0], [0, 1]], ["x", "y"]),
    "a label in another case": ("t.csv", "a,Label\n1,x\n2,y\n", {}, [[1], [2]], ["x", "y"]),
    "a pattern of features": (
        "t.csv",
        "a,p1,p2,label\n1,2,3,x\n4,5,6,y\n",
        {"features": "p*"},
        [[2, 3], [5, 6]],
        ["x", "y"],
    ),
    "features but one": (
        "t.csv",
        "a,p1,p2,label\n1,2,3,x\n4,5,6,y\n",
        {"features": "*,-a"},
        [[2, 3], [5, 6]],
        ["x", "y"],
    ),
    "a name with brackets": ("t.csv", "p[0],p0,label\n1,2,x\n4,5,y\n", {"features": ["p[0]"]}, [[1], [4]], ["x", "y"]),
    "a name with a comma": ("t.csv", '"p,q",r,label\n1,2,x\n4,5,y\n', {"features": ["p,q"]}, [[1], [4]], ["x", "y"]),
    "columns that are counted": ("t.csv", "0,1,label\n1,2,x\n3,4,y\n", {}, [[1, 2], [3, 4]], ["x", "y"]),
    "JSON lines": (
        "t.jsonl",
        '{"a": 1, "label": "x", "v": [1, 2]}\n\n{"label": "y", "v": [3, 4], "a": 2}\n',
        {},
        [[1, 1, 2], [2, 3, 4]],
        ["x", "y"],
    ),
    "JSON lines that lack a key": (
        "t.jsonl",
        '{"a": 1, "label": "x"}\n{"a": 4, "b": 5, "label": "y"}\n',
        {"missing": "median"},
        [[1, 1], [4, 0]],
        ["x", "y"],
    ),
    "JSON lines under another name": (
        "t.txt",
        '{"a": 1, "label": "x"}\n{"a": 4, "label": "y"}\n',
        {},
        [[1], [4]],
        ["x", "y"],
    ),
    "line breaks of old computers": ("t.csv", "a,label\r1,x\r3,y\r", {}, [[1], [3]], ["x", "y"]),
    "labels with blanks at their ends": ("t.csv", "a,label\n1,x \n3,x\n", {}, [[1], [3]], ["x ", "x"]),
    "dates as texts": ("t.csv", "a,label\n1,2020-01-01T00:00+02:00\n3,y\n", {}, [[1], [3]], [DATE, "y"]),
    "truth values in any case": ("t.csv", "a,label\n1,True\n3,false\n", {}, [[1], [3]], [True, False]),
    "whole numbers above 2**63": ("t.csv", f"a,label\n{2**64 + 2**40},x\n3,y\n", {}, [[2.0**64], [3]], ["x", "y"]),
}


@pytest.mark.parametrize("name", TAKEN)
def test_odd_tables_are_taken_as_they_are_meant(name: str, tmp_path: Path) -> None:
    file, content, options, inputs, labels = TAKEN[name]
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = labelled_from_table(tmp_path / file, LoadingOptions(**options))
    np.testing.assert_allclose(found.inputs, inputs)
    assert found.labels.tolist() == labels
    assert found.ids.tolist() == list(map(str, range(len(labels))))
    assert len(found.feature_names) == found.inputs.shape[1]


REFUSED: dict[str, tuple[str, bytes | str, dict[str, Any], str]] = {
    "an empty file": ("t.csv", "", {}, "must have a first line with the names of its columns; it is empty."),
    "a first line alone": ("t.csv", "a,label\n", {}, "must have at least one row below the names"),
    "no first line of names": ("t.csv", "5.1,3.5\n4.9,3.0\n", {}, "it holds only numbers: '5.1, 3.5'. Add a line"),
    "bytes that are no text": ("t.csv", b"a,label\n1,\0\n", {}, "holds bytes that are no text"),
    "Latin 1": (
        "t.csv",
        "a,label\n1,x\n2,caf\u00e9\n".encode("latin-1"),
        {},
        "got the byte 0xe9 in line 3. Save it as UTF-8",
    ),
    "two columns of one name": ("t.csv", "a,b,a,label\n1,2,3,x\n", {}, "'a' names columns 1, 3 of 4. Rename or remove"),
    "a line with too many cells": (
        "t.csv",
        "a,label\n1,x\n2,y,z\n",
        {},
        "line 3 must have at most 2 cells, as the first line names 2 columns; it has 3",
    ),
    "lines with too many cells": (
        "t.csv",
        "a,label\n1,x,z\n2,y,z\n",
        {},
        "at most as many cells in each line as names in the first, which are 2",
    ),
    "a quote that does not end": (
        "t.csv",
        'a,label\n1,"x\n2,y\n',
        {},
        "a quoted cell of row 1 does not end. Is the file cut short?",
    ),
    "thousands": (
        "t.csv",
        'a,label\n3,x\n"1,234",y\n',
        {},
        "column 'a' must hold plain numbers; got numbers with separators of thousands, such as '1,234' in row 1",
    ),
    "thousands with points": (
        "t.csv",
        "a;label\n3;x\n1.234,5;y\n",
        {},
        'such as \'1.234,5\' in row 1 (counted from 0). Pass `thousands="."` and `decimal=","` if they are',
    ),
    "points for both": ("t.csv", "a;label\n3;x\n", {"thousands": "."}, "`thousands` and `decimal` must differ"),
    "a decimal comma": (
        "t.csv",
        "a;label\n3;x\n1,25;y\n",
        {},
        "with a decimal comma, such as '1,25' in row 1 (counted from 0). Pass `decimal=\",\"`",
    ),
    "complex numbers": (
        "t.csv",
        "a,b,label\n1+2j,1,x\n3-1j,2,y\n",
        {},
        "'a' holds complex numbers. Leave them out, as by `features=\"*,-a\"`",
    ),
    "infinite numbers": (
        "t.csv",
        "a,label\n1,x\ninf,y\n-inf,y\n",
        {},
        "'a' holds infinite numbers in rows 1 and 2 (counted from 0)",
    ),
    "numbers beyond float32": (
        "t.csv",
        "a,label\n1,x\n1e39,y\n",
        {},
        "numbers too large for float32, such as 1e+39, in row 1",
    ),
    "missing numbers": (
        "t.csv",
        "a,b,key,label\n1,2,p,x\n,3,q,y\n4,,r,y\n",
        {"ids": "key"},
        "there are in 'a' in row 1 ('q') (counted from 0); 'b' in row 2 ('r')",
    ),
    "missing labels": (
        "t.csv",
        "a,key,label\n1,p,x\n2,q,\n",
        {"ids": "key"},
        "label column 'label' must have a label in every row; none is in row 1 ('q')",
    ),
    "labels that are NaN": ("t.csv", "a,label\n1,x\n2,nan\n", {}, "none is in row 1"),
    "a continuous label": (
        "t.csv",
        "a,label\n1,0.5\n2,2\n",
        {},
        "got 2 different numbers, such as 0.5 in row 0 (counted from 0). Are they continuous?",
    ),
    "no label": (
        "t.csv",
        "a,b\n1,2\n",
        {},
        "no column's name says that it does. Name it: `label` (--label), one of a, b.",
    ),
    "two labels": ("t.csv", "a,class,target\n1,2,3\n", {}, "the columns class, target may. Name it"),
    "a label that is not there": (
        "t.csv",
        "a,species\n1,2\n",
        {"label": "specis"},
        "has no column 'specis', which `label` (--label) names. Did you mean 'species'?",
    ),
    "a pattern that fits nothing": (
        "t.csv",
        "a,label\n1,x\n",
        {"features": "p*"},
        "has no column that 'p*' in `features` fits",
    ),
    "the label among the features": (
        "t.csv",
        "a,label\n1,x\n",
        {"features": "a,label"},
        "`features` must not name 'label'",
    ),
    "nothing but the label": ("t.csv", "label\nx\ny\n", {}, "must have a column besides ['label']"),
    "features that never change": (
        "t.csv",
        "a,label\n1,x\n1,y\n",
        {},
        "must have a column of features that differ between rows; 'a' do not",
    ),
    "too many texts": (
        "t.csv",
        MANY_TEXTS,
        {},
        "'comment' holds 60 different texts, such as 'word 0', 'word 1', of which at most 50 are one-hot encoded",
    ),
    "an id that comes twice": (
        "t.csv",
        "a,key,label\n1,p,x\n2,p,y\n",
        {"ids": "key"},
        "1 values are repeated, such as 'p' in rows 0 and 1",
    ),
    "a part of another name": (
        "t.csv",
        "a,part,label\n1,train,x\n2,later,y\n",
        {"validation": "part"},
        "must say train, validation or test for each example; got 'later'",
    ),
    "a group that is missing": (
        "t.csv",
        "a,who,label\n1,p,x\n2,,y\n",
        {"group": "who"},
        "group column 'who' must have a value in every row; none is in row 1",
    ),
    "a treatment of missing values": (
        "t.csv",
        "a,label\n1,x\n",
        {"missing": "mean"},
        "There is no treatment of missing values named 'mean'",
    ),
    "a line that is no JSON": (
        "t.jsonl",
        '{"a": 1, "label": "x"}\noops\n',
        {},
        "line 2: every line must be one JSON object",
    ),
    "a line of JSON without keys": (
        "t.jsonl",
        "[1, 2]\n",
        {},
        "line 1: every line must be one JSON object; got [1, 2]",
    ),
    "a key that comes twice": ("t.jsonl", '{"a": 1, "a": 2, "label": "x"}\n', {}, "the key 'a' twice"),
    "one document of JSON": ("t.jsonl", '[{"a": 1,\n "label": "x"}]\n', {}, "The file seems to be one JSON document."),
    "vectors of different lengths": (
        "t.jsonl",
        '{"v": [1, 2], "label": "x"}\n{"v": [1], "label": "y"}\n',
        {},
        "vectors of different lengths (2 in row 0, 1 in row 1)",
    ),
    "one column that is no label": ("t.csv", "a\n1\n2\n", {}, "Name it: `label` (--label), one of a."),
    "percentages": (
        "t.csv",
        "a,label\n3%,x\n4.5 %,y\n",
        {},
        "'a' holds numbers with a sign of percent or currency, such as '3%'. Leave them out",
    ),
    "prices": ("t.csv", 'a,label\n"$1,200",x\n$3.50,y\n', {}, "percent or currency, such as '$1,200'. Leave them out"),
    "names of pictures": (
        "t.csv",
        "file,label\np/0.png,x\np/1.JPG,y\n",
        {},
        "'file' holds names of pictures, such as 'p/0.png', 'p/1.JPG' (see `metadata.csv` in docs/own_pictures.md)",
    ),
    "comments above the names": (
        "t.csv",
        "# made by me\na,b,label\n1,2,x\n",
        {},
        "Remove the comments above the names of the columns.",
    ),
    "a line of units": ("t.csv", "a,label\ncm,\n1,x\n", {}, "must have a label in every row; none is in row 0"),
    "a line with too few cells": ("t.csv", "a,label\n1,x\n2\n", {}, "none is in row 1 (counted from 0)"),
    "JSON lines with other keys each": (
        "t.jsonl",
        '{"a": 1, "label": "x"}\n{"b": 2, "label": "y"}\n',
        {},
        "there are in 'a' in row 1 (counted from 0); 'b' in row 0 (counted from 0)",
    ),
    "an archive under another name": ("t.csv", b"PK\x03\x04\x90\x00", {}, "t.csv must be"),
    "a page that was downloaded": (
        "t.csv",
        "<!DOCTYPE html>\n<html>Not found, sorry</html>\n",
        {},
        "must have at most as many cells in each line as names in the first",
    ),
    "text under another name": ("t.parquet", "a,label\n1,x\n", {}, "is damaged or cut short"),
    "a spreadsheet": ("t.xlsx", b"PK", {}, "is a spreadsheet, which is not read. Save its sheet as CSV"),
    "a pickle": ("t.pkl", b"\x80\x04", {}, "is a pickle, which is never loaded"),
    "a gzipped file cut short": ("t.csv.gz", gzip.compress(MANY_TEXTS.encode())[:-20], {}, "is damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_tables_are_refused_with_where_and_what_to_do(name: str, tmp_path: Path) -> None:
    file, content, options, message = REFUSED[name]
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInput) as problem:
        labelled_from_table(tmp_path / file, LoadingOptions(**options))
    assert message in str(problem.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file .*none.csv. Check the path."):
        labelled_from_table(tmp_path / "none.csv")
    with pytest.raises(BadInput, match=r"cannot be read \(Is a directory\)"):
        labelled_from_table(tmp_path)


def test_names_that_are_not_utf_8_can_be_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv"))
    path.write_text("a,label\n1,x\n2,y\n")
    assert labelled_from_table(path).name == r"caf\xe9"
    path.write_text("a,a\n1,x\n")
    with pytest.raises(BadInput) as problem:
        labelled_from_table(path)
    assert r"caf\xe9.csv must name each column once" in str(problem.value)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_columns_that_say_nothing_are_left_out_and_said(tmp_path: Path) -> None:
    found = labelled_from_table(written(tmp_path / "t.csv", WIDE))
    assert "c17" not in found.feature_names
    assert "constant: 'c0', 'c5', 'c10', 'c15', 'c17'" in " ".join(found.notes)
    found = labelled_from_table(written(tmp_path / "t.csv", COUNTED))
    assert found.feature_names == ("a",)
    assert found.notes == ("Not used, as they count or name the rows: 'number'.",)
    assert labelled_from_table(tmp_path / "t.csv", LoadingOptions(features="*")).feature_names == ("number", "a")


def test_the_names_of_very_many_columns_are_read(tmp_path: Path) -> None:
    names = [f"the column number {place}" for place in range(5_000)]
    rows = "".join(
        ",".join(str((row + place) % 3) for place in range(5_000)) + f",{'xy'[row % 2]}\n" for row in range(3)
    )
    found = labelled_from_table(written(tmp_path / "t.csv", ",".join([*names, "label"]) + "\n" + rows))
    assert found.feature_names == tuple(names)


def test_columns_that_are_called_ids_are_no_features_unless_their_values_repeat(tmp_path: Path) -> None:
    rows = "".join(f"{7 * row % 11},p{row},{row // 2},{row % 4},{'xy'[row % 2]}\n" for row in range(10))
    path = written(tmp_path / "t.csv", f"id,patient_key,visit_id,paid,label\n{rows}")
    found = labelled_from_table(path)
    assert found.feature_names == ("visit_id", "paid")
    assert found.notes == ("Not used, as they count or name the rows: 'id', 'patient_key'.",)
    assert labelled_from_table(path, LoadingOptions(features="id,paid")).feature_names == ("id", "paid")


def test_labels_under_another_name_are_no_features_unless_they_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", COPIED)
    found = labelled_from_table(path)
    assert found.feature_names == ("a",)
    assert "'species', 'code'. Name them in `features`" in found.notes[0]
    assert labelled_from_table(path, LoadingOptions(features="code")).feature_names == ("code",)


def test_ids_groups_parts_and_texts_are_kept_as_written(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "key,who,part,note,a,label\n007,1,Train,,3,x\n008,1.0,test,hm,4,y\n")
    found = labelled_from_table(path, LoadingOptions(ids="key", group="who", validation="part", show="note"))
    assert found.ids.tolist() == ["007", "008"]
    assert found.group is not None
    assert found.group.tolist() == ["1", "1.0"]
    assert found.part is not None
    assert found.part.tolist() == ["training", "validation"]
    assert found.shown is not None
    assert found.shown.tolist() == ["", "hm"]
    assert found.name == "t"


def test_medians_are_those_of_the_training_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "part,a,label\ntrain,1,x\ntrain,3,y\ntrain,,y\ntest,100,y\n")
    assert labelled_from_table(path, LoadingOptions(validation="part", missing="median")).inputs[2].tolist() == [2, 1]


def test_a_column_with_texts_far_below_is_read_as_texts(tmp_path: Path) -> None:
    rows = ["1"] * 300_000 + ["01", "one"]
    path = written(
        tmp_path / "t.csv", "a,label\n" + "".join(f"{cell},{'xy'[row % 2]}\n" for row, cell in enumerate(rows))
    )
    assert labelled_from_table(path).feature_names == ("a=01", "a=1", "a=one")


def test_long_files_of_json_lines_are_joined_from_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byheart.data.loading.tables.json_lines._CHUNK", 4)
    rows: list[dict[str, Any]] = [{"a": row, "v": [row, 1], "label": "xy"[row % 2]} for row in range(12)]
    rows[2]["b"], rows[9]["b"], rows[11]["a"] = 3, 4.5, 0.5
    for row in rows[:8]:
        row["t"] = "u"
    path = written(tmp_path / "t.jsonl", "\n".join(map(json.dumps, rows)))
    found = labelled_from_table(path, LoadingOptions(missing="median"))
    assert found.feature_names == ("a", "v[0]", "v[1]", "t is missing", "b", "b is missing")
    np.testing.assert_array_equal(found.inputs[:, 0], [*range(11), 0.5])
    np.testing.assert_array_equal(found.inputs[[0, 2, 9]][:, 3:], [[0, 3.75, 1], [0, 3, 0], [1, 4.5, 0]])


def test_json_lines_keep_dates_and_objects_out(tmp_path: Path) -> None:
    rows = [{"a": 1, "o": {"k": 1}, "label": "x"}, {"a": 2, "o": {"k": 2}, "label": "y"}]
    path = written(tmp_path / "t.jsonl", "\n".join(map(json.dumps, rows)))
    with pytest.raises(BadInput, match=r"'o' holds Python objects \(dict\)"):
        labelled_from_table(path)
