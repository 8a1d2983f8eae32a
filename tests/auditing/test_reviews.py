"""Files of reviews: written by the page, made by hand, and bad ones."""

from pathlib import Path

import numpy as np
import pytest
from made_audits import images_audit, made_audit, made_examples

import byheart as bh
from byheart.auditing.corrected import corrected_labels, write_corrected
from byheart.auditing.reviews import NO_LABEL, read_review
from byheart.checks import BadInput

AUDIT = images_audit()
IDENTITIES = AUDIT.examples.sort_values("row")[["id", "part", "row", "label"]]
NAMES = AUDIT.data.class_names
OWN = [str(label) for label in IDENTITIES.label]


def other_than(label: str) -> str:
    return next(name for name in NAMES if name != label)


def saved(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "review.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_file_of_the_page_gives_rows_marks_and_new_labels(tmp_path: Path) -> None:
    text = (
        "id,part,row,label,review,new_label,stratum\n"
        f"7,data,7,{OWN[7]},wrong,{other_than(OWN[7])},1\n"
        f"9,data,9,{OWN[9]},right,,5\n"
        f"12,data,12,{OWN[12]},unclear,,2\n"
        f"13,data,13,{OWN[13]},wrong,,2\n"
    )
    review = read_review(saved(tmp_path, text), IDENTITIES, NAMES)
    assert review.rows.tolist() == [7, 9, 12, 13]
    assert review.marks.tolist() == ["wrong", "right", "unclear", "wrong"]
    assert review.new_labels.tolist() == [NAMES.index(other_than(OWN[7])), NO_LABEL, NO_LABEL, NO_LABEL]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("separator", "end"), [(",", "\n"), (";", "\r\n"), ("\t", "\r\n")])
def test_a_file_of_a_spreadsheet_is_read_too(tmp_path: Path, separator: str, end: str, encoding: str) -> None:
    lines = [["ID", "Review", "Comment"], ["7", "Wrong", "a, b"], ["8", "", ""], ["9.0", " RIGHT ", ""]]
    text = "".join(separator.join(f'"{cell}"' for cell in line) + end for line in lines)
    if "9.0" in text:
        text = text.replace("9.0", "9")
    review = read_review(saved(tmp_path, text, encoding), IDENTITIES, NAMES)
    assert review.rows.tolist() == [7, 9]
    assert review.marks.tolist() == ["wrong", "right"]


def test_numbers_may_be_written_as_a_spreadsheet_does(tmp_path: Path) -> None:
    data = made_examples(class_names=("3", "5", "7", "9"))
    audit = made_audit(data)
    label, other = data.class_names[data.labels[4]], data.class_names[(data.labels[4] + 1) % 4]
    path = saved(tmp_path, f"row,label,review,new_label\n4.0,{label}.0,wrong,{other}.0\n")
    review = audit.reviewed(path).review
    assert review is not None
    assert (review.rows.tolist(), review.new_labels.tolist()) == ([4], [(data.labels[4] + 1) % 4])


def test_ids_are_text_and_need_the_part_where_one_comes_twice(tmp_path: Path) -> None:
    data = made_examples(ids=[f"{place % 150:03}.png" for place in range(300)])
    audit = made_audit(data)
    with pytest.raises(BadInput, match=r"line 2: 2 examples have the id '007.png'; give `row`"):
        audit.reviewed(saved(tmp_path, "id,review\n007.png,right\n"))
    assert audit.reviewed(saved(tmp_path, "id,row,review\n007.png,157,right\n")).review is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("row,mark\n1,right\n", "must have the columns `review` and `row` \\(or `id`\\); it has row, mark"),
        ("label,review\na class,right\n", "must have the columns"),
        ("row,review\n300,right\n", "line 2: `row` must be a whole number from 0 to 299; got 300"),
        ("row,review\nfirst,right\n", "`row` must be a whole number"),
        ("row,review\n1,wright\n", "There is no review named 'wright'. Did you mean right"),
        ("id,review\nnobody,right\n", "no example has the id 'nobody'; give `row`"),
        ("row,review,new_label\n1,wrong,e class\n", "There is no new label named 'e class'"),
        (f"row,review,new_label\n1,wrong,{OWN[1]}\n", "the new label .* is the one that row 1 has; is it right\\?"),
        (f"row,review,new_label\n1,right,{other_than(OWN[1])}\n", "its label is marked right, not wrong"),
        (f"row,label,review\n1,{other_than(OWN[1])},right\n", "is it a review of other data\\?"),
        ("row,id,review\n1,2,right\n", "the id of row 1 is 1, and here 2"),
        ("row,review\n1,right\n1,wrong\n", "line 3: the example of row 1 is marked in an earlier line, too"),
        ("row,review\n1,perhaps\n2,perhaps\n3,perhaps\n", "2 more lines have problems"),
        ("row,review\n1,\n2,\n", "has no marks"),
    ],
)
def test_bad_files_are_refused_with_the_line_and_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        AUDIT.reviewed(saved(tmp_path, text))


def test_corrected_labels_are_a_new_table_in_the_order_of_the_source(tmp_path: Path) -> None:
    text = f"row,review,new_label\n7,wrong,{other_than(OWN[7])}\n9,right,\n13,wrong,\n"
    review = read_review(saved(tmp_path, text), IDENTITIES, NAMES)
    table = corrected_labels(review, IDENTITIES, NAMES)
    assert list(table) == ["id", "part", "row", "label", "old_label", "changed"]
    assert table.row.tolist() == list(range(300))
    assert table.row[table.changed].tolist() == [7]
    assert table.label[7] == other_than(OWN[7])
    np.testing.assert_array_equal(table.old_label, OWN)
    path = write_corrected(table, tmp_path)
    before = path.read_bytes()
    with pytest.raises(BadInput, match=r"labels\.csv exists, and is not overwritten"):
        write_corrected(table, tmp_path)
    assert path.read_bytes() == before


def test_printing_a_reviewed_audit_says_what_the_marks_say(tmp_path: Path) -> None:
    rows = AUDIT.examples.row.head(30)
    marks = ["wrong" if place < 12 else "right" for place in range(30)]
    text = "row,review\n" + "".join(f"{row},{mark}\n" for row, mark in zip(rows, marks, strict=True))
    found = AUDIT.reviewed(saved(tmp_path, text))
    assert "Review: 30 labels, 18 right, 12 wrong, 0 unclear" in repr(found)
    assert "Of all labels, by this review, no share is known yet" in repr(found)
    assert isinstance(found, bh.Audit)
