"""Stratified subsets and splits: exact sizes and shares, one draw per seed. Pooling: exact means."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byheart.checks import BadInput
from byheart.data.dataset import Dataset
from byheart.data.pooling import mean_pooled
from byheart.data.stratified import apportionment, stratified_split, stratified_subset


def numbered(class_counts: list[int]) -> Dataset:
    """Return images that each show their own number, with classes in random order."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(class_counts)), class_counts))
    images = np.arange(len(labels), dtype=np.float64).reshape(-1, 1, 1) / len(labels)
    return Dataset(images, labels, name="numbered")


def one_seat_at_a_time(counts: np.ndarray, total: int) -> np.ndarray:
    """The slow twin: one seat for each class, then each seat to the class furthest below its quota."""
    seats = (counts > 0).astype(int)
    while seats.sum() < total:
        seats[np.argmax(total * counts - counts.sum() * seats)] += 1
    return seats


@st.composite
def apportioned(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    counts = np.array(draw(st.lists(st.integers(0, 200), min_size=1, max_size=12).filter(any)))
    return counts, draw(st.integers(int(np.count_nonzero(counts)), int(counts.sum())))


@given(apportioned())
def test_seats_sum_to_the_total_and_stay_between_one_and_the_class(case: tuple[np.ndarray, int]) -> None:
    counts, total = case
    seats = apportionment(counts, total)
    assert seats.sum() == total
    assert np.all(seats >= (counts > 0))
    assert np.all(seats <= counts)


@given(apportioned())
def test_seats_are_within_one_of_the_quota_unless_a_class_was_lifted_to_one(case: tuple[np.ndarray, int]) -> None:
    counts, total = case
    quota = total * counts / counts.sum()
    if np.all((quota >= 1) | (counts == 0)):
        assert np.all(np.abs(apportionment(counts, total) - quota) < 1)


@given(apportioned())
def test_seats_are_as_near_the_quotas_as_those_of_the_slow_twin(case: tuple[np.ndarray, int]) -> None:
    counts, total = case

    def distance(seats: np.ndarray) -> int:
        return int(((counts.sum() * seats - total * counts) ** 2).sum())

    assert distance(apportionment(counts, total)) == distance(one_seat_at_a_time(counts, total))


@given(apportioned())
def test_all_seats_give_the_classes_themselves(case: tuple[np.ndarray, int]) -> None:
    counts, _ = case
    np.testing.assert_array_equal(apportionment(counts, int(counts.sum())), counts)


@pytest.mark.parametrize("total", [1, 7])
def test_fewer_seats_than_classes_or_more_than_examples_are_refused(total: int) -> None:
    with pytest.raises(BadInput, match=f"`total` must lie between 2, the number of classes, and 6, .*; got {total}"):
        apportionment(np.array([4, 2]), total)


def test_a_subset_has_the_exact_size_and_shares() -> None:
    subset = stratified_subset(numbered([50, 30, 20]), 10, seed=0)
    np.testing.assert_array_equal(subset.class_counts, [5, 3, 2])


def test_a_subset_keeps_images_with_their_labels_and_in_their_order() -> None:
    data = numbered([50, 30, 20])
    subset = stratified_subset(data, 33, seed=1)
    places = np.round(subset.inputs.ravel() * len(data)).astype(int)
    assert np.all(np.diff(places) > 0)
    np.testing.assert_array_equal(subset.labels, data.labels[places])


def test_the_same_seed_draws_the_same_subset_and_another_seed_another() -> None:
    data = numbered([50, 30, 20])
    first, same, other = (stratified_subset(data, 10, seed).fingerprint for seed in (3, 3, 4))
    assert first == same != other


def test_a_subset_of_all_is_the_data_and_no_copy() -> None:
    data = numbered([5, 3, 2])
    assert stratified_subset(data, 10, seed=0) is data


def test_every_example_is_drawn_equally_often_within_its_class() -> None:
    data = numbered([6, 2])
    n_seeds, drawn = 2000, np.zeros(8)
    for seed in range(n_seeds):
        drawn[np.round(stratified_subset(data, 4, seed).inputs.ravel() * 8).astype(int)] += 1
    # Each is drawn with probability 1/2. Five standard deviations of 8 binomial counts: a false alarm in 200,000 seeds.
    assert np.all(np.abs(drawn - n_seeds / 2) < 5 * np.sqrt(n_seeds) / 2)


def test_a_subset_keeps_a_rare_class() -> None:
    np.testing.assert_array_equal(stratified_subset(numbered([97, 2, 1]), 10, seed=0).class_counts, [8, 1, 1])


def test_a_subset_larger_than_the_data_is_refused() -> None:
    with pytest.raises(
        BadInput, match=r"A subset of 'numbered' must have at most its 10 examples; got 11. Ask for fewer"
    ):
        stratified_subset(numbered([5, 5]), 11, seed=0)


def test_a_subset_with_fewer_examples_than_classes_is_refused() -> None:
    with pytest.raises(BadInput, match=r"an example of each of its 2 classes; got 1. Ask for more"):
        stratified_subset(numbered([5, 5]), 1, seed=0)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(BadInput, match="`seed` must be a whole number of at least 0; got -1"):
        stratified_subset(numbered([5, 5]), 4, seed=-1)


def test_a_split_puts_every_example_into_one_part() -> None:
    data = numbered([50, 30, 20])
    split = stratified_split(data, 20, seed=0)
    both = np.concatenate([split.training.inputs, split.validation.inputs])
    np.testing.assert_array_equal(np.sort(both, axis=0), data.inputs)
    np.testing.assert_array_equal(split.training.class_counts, [40, 24, 16])
    np.testing.assert_array_equal(split.validation.class_counts, [10, 6, 4])


def test_a_class_with_a_single_example_is_trained_on() -> None:
    split = stratified_split(numbered([8, 1]), 7, seed=0)
    np.testing.assert_array_equal(split.training.class_counts, [1, 1])
    np.testing.assert_array_equal(split.validation.class_counts, [7, 0])


def test_a_split_that_leaves_too_few_to_train_on_is_refused() -> None:
    with pytest.raises(BadInput, match=r"2 classes of 'numbered' to training; got 9 of 10 examples. Ask for at most 8"):
        stratified_split(numbered([5, 5]), 9, seed=0)


def colored(height: int, width: int, channels: int) -> Dataset:
    """Return images of multiples of 1/256, so that means of 4 or 16 pixels are exact."""
    pixels = np.random.default_rng(0).integers(0, 257, (6, height, width, channels))
    return Dataset(pixels / 256, np.arange(6) % 3, name="colored", class_names=("a", "b", "c"))


@pytest.mark.parametrize(("side", "shape"), [(2, (6, 4, 1)), (2, (4, 4, 3)), (4, (8, 4, 3)), (6, (6, 12, 2))])
def test_each_pixel_of_a_smaller_image_is_the_mean_of_its_tile(side: int, shape: tuple[int, int, int]) -> None:
    data = colored(*shape)
    smaller = mean_pooled(data, side)
    height, width, channels = shape
    assert smaller.input_shape == (height // side, width // side, channels)
    for row in range(height // side):
        for column in range(width // side):
            tile = data.inputs[:, row * side : (row + 1) * side, column * side : (column + 1) * side].astype(np.float64)
            exact = (tile.sum(axis=(1, 2)) / side**2).astype(np.float32)
            np.testing.assert_allclose(smaller.inputs[:, row, column], exact, rtol=0 if side != 6 else 1e-6)


def test_smaller_images_keep_labels_and_names() -> None:
    data = colored(4, 4, 1)
    smaller = mean_pooled(data, 2)
    np.testing.assert_array_equal(smaller.labels, data.labels)
    assert (smaller.name, smaller.class_names, smaller.n_classes) == (data.name, data.class_names, data.n_classes)


def test_tiles_of_one_pixel_change_nothing() -> None:
    data = colored(5, 3, 2)
    assert mean_pooled(data, 1).fingerprint == data.fingerprint


def test_tiles_as_large_as_the_images_leave_one_pixel() -> None:
    data = colored(4, 4, 1)
    np.testing.assert_array_equal(mean_pooled(data, 4).inputs.ravel(), data.inputs.mean(axis=(1, 2, 3)))


@pytest.mark.parametrize(("side", "size"), [(2, (5, 4)), (2, (4, 5)), (3, (4, 4)), (8, (4, 4))])
def test_tiles_that_do_not_divide_the_images_are_refused(side: int, size: tuple[int, int]) -> None:
    message = f"`side` must divide the size of the images, {size[0]} x {size[1]}; got {side}."
    with pytest.raises(BadInput, match=re.escape(message)):
        mean_pooled(colored(*size, 1), side)


@pytest.mark.parametrize("side", [0, -2])
def test_tiles_without_a_pixel_are_refused(side: int) -> None:
    with pytest.raises(BadInput, match=f"`side` must be a whole number of at least 1; got {side}."):
        mean_pooled(colored(4, 4, 1), side)
