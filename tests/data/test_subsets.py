"""Subsets of examples, and subsets without the examples that noise corrupts."""

import numpy as np
import pytest
from worlds import blobs

from byheart.checks import BadInput
from byheart.data.class_flips import ClassFlips
from byheart.data.noise import Noise
from byheart.data.noisy_dataset import add_noise
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.data.subsets import Subset

SPLIT = blobs(60, 12, n_classes=3)


def places(subset: Subset, noise_seed: int = 0) -> np.ndarray:
    return subset.of(SPLIT, noise_seed).training.index


@pytest.mark.parametrize("without", [RandX(0.4), RandY(0.4), RandX(0.25), ClassFlips.to_next(0.4, 3)])
def test_what_is_left_are_the_examples_that_the_same_noise_leaves_clean(without: Noise) -> None:
    whole = Subset(30).of(SPLIT)
    for noise_seed in (0, 1):
        noisy = add_noise(whole.training, without, seed=noise_seed)
        clean = whole.training.index[~np.asarray(noisy.is_noisy)]
        np.testing.assert_array_equal(places(Subset(30, without), noise_seed), clean)


def test_its_size_is_known_without_the_data() -> None:
    for subset in (Subset(60), Subset(30), Subset(30, RandX(0.4)), Subset(31, RandY(0.5))):
        assert len(places(subset)) == subset.size
    assert (Subset(31).removed, Subset(31, RandY(0.5)).removed) == (0.0, 0.5)


def test_smaller_subsets_are_part_of_larger_ones_and_validation_stays() -> None:
    assert set(places(Subset(12))) < set(places(Subset(30))) < set(places(Subset(60)))
    assert Subset(12).of(SPLIT).validation is SPLIT.validation


def test_without_everything_and_with_more_than_there_is_are_refused() -> None:
    with pytest.raises(BadInput, match="must have at most its 60 examples; got 61"):
        Subset(61).of(SPLIT)
    with pytest.raises(BadInput):
        Subset(30, RandX(1.0)).of(SPLIT)
    with pytest.raises(BadInput, match="`n_examples` must be a whole number"):
        Subset(0)
