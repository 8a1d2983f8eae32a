"""Inclusions: equal sizes, draws by their own seed, and folds that cover all examples."""

import jax.numpy as jnp
import numpy as np
import pytest
from worlds import blobs, seen_by

from byheart.checks import BadInput
from byheart.data.inclusion import AllButFold, AllExamples, Inclusion, RandomShare
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY

SPLIT = blobs(20, 6, n_classes=3)


@pytest.mark.parametrize(
    "inclusion", [AllExamples(), RandomShare(3), RandomShare(3, 0.8), AllButFold(4, 1), AllButFold(3, 2)]
)
@pytest.mark.parametrize("n", [5, 20, 21])
def test_the_number_of_examples_is_known_before_which_they_are(inclusion: Inclusion, n: int) -> None:
    indices = inclusion.indices(n)
    assert len(indices) == inclusion.size(n)
    assert (np.diff(indices) > 0).all()
    assert 0 <= indices[0] <= indices[-1] < n


@pytest.mark.parametrize(("n", "n_folds"), [(20, 4), (20, 3), (10, 7), (7, 7), (5, 2)])
def test_every_example_is_left_out_with_some_fold_and_folds_are_of_one_size(n: int, n_folds: int) -> None:
    left_out = np.array([~np.isin(np.arange(n), AllButFold(n_folds, fold).indices(n)) for fold in range(n_folds)])
    assert (left_out.sum(axis=1) == -(-n // n_folds)).all()
    assert left_out.any(axis=0).all()
    if n % n_folds == 0:
        assert (left_out.sum(axis=0) == 1).all()


def test_another_seed_draws_another_half() -> None:
    halves = [set(RandomShare(seed).indices(100).tolist()) for seed in (0, 0, 1)]
    assert halves[0] == halves[1] != halves[2]


@pytest.mark.parametrize(
    ("inclusion", "message"),
    [
        (RandomShare(0, 1.0), "`share` must include some of the 20 training examples, and not all; 1 includes 20"),
        (RandomShare(0, 0.01), "not all; 0.01 includes 0"),
        (AllButFold(21, 0), "`n_folds` must be at most the number of training examples, 20; got 21"),
    ],
)
def test_an_inclusion_of_all_or_none_is_refused(inclusion: Inclusion, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        inclusion.size(20)


def test_folds_are_counted_from_0() -> None:
    with pytest.raises(BadInput, match="`fold` must be one of 0 to 3; got 4"):
        AllButFold(4, 4)
    with pytest.raises(BadInput, match="`n_folds` must be a whole number of at least 2"):
        AllButFold(1, 0)


def test_a_member_sees_the_included_examples_with_their_noise_and_those_left_out_beside() -> None:
    inclusion = RandomShare(1)
    data, whole = seen_by(SPLIT, RandX(0.5), RandY(0.5), inclusion=inclusion), seen_by(SPLIT, RandX(0.5), RandY(0.5))
    included = inclusion.indices(20)
    left_out = np.setdiff1d(np.arange(20), included)
    np.testing.assert_array_equal(np.flatnonzero(data.is_included), included)
    assert data.held_out is not None
    for part, places in ((data.training, included), (data.held_out, left_out), (data.every_example, np.arange(20))):
        assert part.n_examples == len(places)
        images, labels = part.batch(jnp.arange(len(places)))
        for name in (
            "inputs",
            "labels",
            "clean_inputs",
            "clean_labels",
            "is_noisy",
            "is_noisy_input",
            "is_noisy_label",
        ):
            np.testing.assert_array_equal(getattr(part, name), np.asarray(getattr(whole.training, name))[places])
        np.testing.assert_array_equal(images, part.inputs)
        np.testing.assert_array_equal(labels, part.labels)


def test_a_member_that_is_trained_on_all_leaves_none_out() -> None:
    data = seen_by(SPLIT)
    assert data.held_out is None
    assert data.is_included.all()
    assert data.every_example.chosen is None
