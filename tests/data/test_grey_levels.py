"""Grey levels: data that do not use the range [0, 1] are accepted with one `Caution`."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from byheart.checks import Caution
from byheart.data.dataset import Dataset
from byheart.data.grey_levels import difference, dimness
from byheart.data.loading.load import load
from byheart.data.loading.npz import load_npz
from byheart.data.split import Split
from byheart.data.stratified import stratified_split, stratified_subset

LEVELS = np.random.default_rng(0).integers(0, 17, (40, 4, 4)).astype(np.uint8)
LABELS = np.arange(40) % 2
BRIGHT = (15.9 * LEVELS).astype(np.uint8)


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (
            LEVELS,
            "The images reach 16 of 255 (0.063 of 1). If their levels run from 0 to 16, use `inputs / 16`, as floats",
        ),
        (LEVELS / 255, "reach 16 of 255"),
        (np.minimum(LEVELS, 15), "use `inputs / 15`"),
        (np.minimum(LEVELS, 1), "use `inputs / 1`"),
        (np.minimum(8 * LEVELS, 127), "reach 127 of 255"),
        (LEVELS / 16 * 0.1234, "reach 0.123 of 1. If their largest possible value is less than 1, divide by it"),
    ],
)
def test_images_that_stay_in_the_lower_half_of_the_range_are_taken_with_a_caution(
    images: np.ndarray, said: str
) -> None:
    with pytest.warns(Caution) as found:
        data = Dataset(images, LABELS, name="mine")
    (caution,) = found
    assert str(caution.message).startswith("mine: ")
    assert said in str(caution.message)
    assert data.largest < 128 / 255


@pytest.mark.parametrize(
    "images", [BRIGHT, LEVELS / 16, LEVELS > 8, np.minimum(8 * LEVELS, 128), np.zeros((40, 4, 4))], ids=str
)
def test_nothing_is_said_of_images_of_which_one_pixel_is_bright_or_none_has_light(images: np.ndarray) -> None:
    Dataset(images, LABELS)


def test_a_dark_part_of_bright_data_is_no_reason_for_a_caution() -> None:
    images = np.concatenate([BRIGHT / 255, LEVELS / 255])
    data = Dataset(images, np.arange(80) % 2)
    assert data.take(np.arange(40, 80)).largest < 128 / 255
    stratified_split(data, 40, seed=0)
    stratified_subset(data, 10, seed=0)
    data.with_inputs(np.asarray(images[..., None] / 16, np.float32))


def test_parts_that_are_not_scaled_alike_are_taken_with_a_caution() -> None:
    training = Dataset(LEVELS / 16, LABELS)
    with pytest.warns(Caution, match="data: Training images reach 1.00 .* they are scaled differently"):
        split = Split(training, training.alike(LEVELS / 40, LABELS))
    assert len(split.cautions) == 1


def test_fewer_bright_pixels_alone_are_no_other_scale() -> None:
    assert difference((1.0, 0.4), (0.4, 0.3)) == ""
    assert difference((1.0, 0.4), (0.9, 0.1)) == ""
    assert difference((1.0, 0.4), (0.0, 0.0)) == ""
    assert difference((16 / 255, 0.03), (1.0, 0.4)) != ""
    assert dimness(0.0) == dimness(1.0) == ""


def test_data_of_a_file_are_told_of_once_for_both_parts(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, images=LEVELS, labels=LABELS, validation_images=LEVELS[:10], validation_labels=LABELS[:10])
    with pytest.warns(Caution) as found:
        split = load_npz(path)
    assert [str(one.message) for one in found] == [f"mine: {dimness(16 / 255)}"]
    assert split.cautions == (dimness(split.training.largest),)
    np.savez(path, images=LEVELS, labels=LABELS, validation_images=BRIGHT[:10], validation_labels=LABELS[:10])
    with pytest.warns(Caution) as found:
        assert len(load_npz(path).cautions) == 2
    assert len(found) == 2


def test_digits_are_told_nothing_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load("digits").cautions == ()
