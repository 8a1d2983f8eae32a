"""Label flips by a matrix: drawn from the row of an example's own class, and errors for invalid matrices."""

import numpy as np
import pytest
import scipy.stats
from worlds import as_called

from byheart.checks import BadInput
from byheart.data.class_flips import ClassFlips
from byheart.data.dataset import Dataset
from byheart.data.noisy_dataset import add_noise

MATRIX = ((0.1, 0.6, 0.3), (0.0, 0.2, 0.8), (1.0, 0.0, 0.0))
DATA = Dataset(np.random.default_rng(0).random((6000, 1, 1)), np.arange(6000) % 3)


def test_new_labels_follow_the_row_of_their_own_class() -> None:
    """Chi-square for each row at a false-alarm rate of 1 key in 10,000; a class of probability 0 never comes."""
    labels = np.asarray(add_noise(DATA, ClassFlips(1.0, MATRIX)).labels)
    for own, row in enumerate(np.array(MATRIX)):
        counts = np.bincount(labels[DATA.labels == own], minlength=3)
        assert (counts[row == 0] == 0).all()
        possible = row > 0
        if possible.sum() > 1:
            assert scipy.stats.chisquare(counts[possible], 2000 * row[possible]).pvalue > 1e-4


def test_at_a_level_as_many_labels_are_drawn_anew_and_higher_levels_keep_them() -> None:
    low, high = (add_noise(DATA, ClassFlips(level, MATRIX)) for level in (0.2, 0.5))
    mask = np.asarray(low.is_noisy_label)
    assert (mask.sum(), np.asarray(high.is_noisy_label).sum()) == (1200, 3000)
    np.testing.assert_array_equal(np.asarray(low.labels)[mask], np.asarray(high.labels)[mask])
    np.testing.assert_array_equal(np.asarray(low.labels)[~mask], DATA.labels[~mask])
    np.testing.assert_array_equal(low.inputs, DATA.inputs)


def test_flips_to_the_next_class_are_certain() -> None:
    labels = np.asarray(add_noise(DATA, ClassFlips.to_next(1.0, 3)).labels)
    np.testing.assert_array_equal(labels, (DATA.labels + 1) % 3)


def test_flips_to_any_other_class_leave_none_as_it_was() -> None:
    labels = np.asarray(add_noise(DATA, ClassFlips.to_any_other(1.0, 3)).labels)
    assert (labels != DATA.labels).all()


@pytest.mark.parametrize(
    "given", [MATRIX, [list(row) for row in MATRIX], np.array(MATRIX)], ids=["tuple", "list", "array"]
)
def test_its_repr_can_be_pasted_back_however_the_matrix_came(given: object) -> None:
    flips = as_called(ClassFlips, level=0.3, matrix=given)
    assert eval(repr(flips), {"ClassFlips": ClassFlips}) == flips
    assert hash(flips) == hash(ClassFlips(0.3, MATRIX))


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (
            ((0.5, 0.5),),
            "`matrix` must have as many columns as rows, one for each class; got 1 rows, and 2 numbers in row 0",
        ),
        (((0.5, 0.4), (0.0, 1.0)), "Each row of `matrix` must sum to 1; row 0 sums to 0.9"),
        (((1.5, -0.5), (0.0, 1.0)), "`matrix` must be between 0 and 1; got 1.5"),
        ((0.5, 0.5), "`matrix` must be a sequence; got 0.5"),
    ],
)
def test_a_matrix_that_is_none_of_probabilities_is_refused(matrix: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        as_called(ClassFlips, level=0.3, matrix=matrix)


def test_a_matrix_of_other_classes_than_the_data_is_refused() -> None:
    with pytest.raises(BadInput, match="must have a row and a column for each of the 3 classes; got 2 x 2"):
        add_noise(DATA, ClassFlips(0.3, ((0.0, 1.0), (1.0, 0.0))))
