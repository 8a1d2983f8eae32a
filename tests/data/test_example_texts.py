"""Texts that show examples: those of the source, or the most unusual numbers of a vector."""

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.dataset import Dataset
from byheart.data.example_texts import LONGEST, example_texts
from byheart.data.legend import Legend
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.split_of import split_of

ROWS = np.array([[0.0, 5, 100], [1, 5, 100], [0, 5, 104], [1, 5, 160]])


def test_the_farthest_numbers_come_first_and_constant_ones_never() -> None:
    data = Dataset(ROWS, [0, 1, 0, 1], legend=Legend(("height", "same", "weight")))
    assert example_texts(data, np.array([3, 0])).tolist() == [
        "weight 160 (+1.7 sd), height 1 (+1.0 sd)",
        "height 0 (-1.0 sd), weight 100 (-0.6 sd)",
    ]


def test_features_without_names_are_numbered_and_images_have_no_text() -> None:
    assert example_texts(Dataset(ROWS, [0, 1, 0, 1]), np.array([3]))[0].startswith("feature 2 160 (+1.7 sd)")
    assert example_texts(Dataset(np.ones((2, 1, 1)), [0, 1]), np.array([1])).tolist() == [""]


def test_texts_of_the_source_follow_the_examples_into_parts_and_are_short() -> None:
    shown = np.array(["a\nb", "c " * 500, "e", "f", "g", "h"], object)
    labelled = LabelledExamples(
        inputs=np.arange(12.0).reshape(6, 2),
        labels=np.array(list("xyxyxy")),
        ids=np.arange(6).astype(str),
        name="texts",
        shown=shown,
        feature_names=("p", "q"),
    )
    split = split_of(labelled)
    for part in (split.training, split.validation, split.training.take([2, 0, 1], may_lack_classes=True)):
        texts = example_texts(part, np.arange(len(part)))
        for text, place in zip(texts.tolist(), part.index.tolist(), strict=True):
            assert text == (
                " ".join(shown[place].split())[: LONGEST - 1] + "…" if place == 1 else shown[place].replace("\n", " ")
            )


def test_texts_must_be_as_many_as_the_examples() -> None:
    labelled = LabelledExamples(
        inputs=np.eye(4), labels=np.array(list("xyxy")), ids=np.arange(4).astype(str), name="t", shown=np.array(["a"])
    )
    with pytest.raises(BadInput, match="`shown` must have one entry for each of 4 labels; got 1"):
        split_of(labelled)
