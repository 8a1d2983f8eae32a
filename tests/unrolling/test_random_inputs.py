"""One run of a sweep: which of its inputs are random, and which labels it has."""

import dataclasses

import jax
import numpy as np
import pytest
from worlds import blobs

from byheart.checks import BadInput
from byheart.data.noise import n_noisy, noise_family
from byheart.keys import key_for
from byheart.unrolling.random_inputs import (
    GaussianInputs,
    RandomInputs,
    TracedUnrolledMember,
    UniformInputs,
    UnrolledMember,
    family_of,
)

DATA = blobs(30, 3, 3).training
CLEAN = np.asarray(DATA.images)
KINDS = pytest.mark.parametrize("inputs", [GaussianInputs(), UniformInputs()], ids=repr)


def examples(
    member: UnrolledMember, inputs: RandomInputs = GaussianInputs(), noise_seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and labels of all training examples."""
    one = jax.tree.map(lambda leaf: leaf[0], TracedUnrolledMember.of([member], len(DATA)))
    images, labels = one.examples(family_of(DATA, inputs, noise_seed), member.unique_classes)
    return np.asarray(images), np.asarray(labels)


def is_replaced(images: np.ndarray) -> np.ndarray:
    """(example,), True where any pixel differs; then all of them must, since noise is never the same by chance."""
    differs = (images != CLEAN).reshape(len(DATA), -1)
    np.testing.assert_array_equal(differs.any(axis=1), differs.all(axis=1))
    return differs.all(axis=1)


@KINDS
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.98, 1.0])
def test_exactly_so_many_inputs_are_random_and_all_others_bit_identical(inputs: RandomInputs, share: float) -> None:
    images, labels = examples(UnrolledMember(rand_x=share), inputs)
    assert is_replaced(images).sum() == n_noisy(share, len(DATA)) == round(share * len(DATA))
    np.testing.assert_array_equal(labels, DATA.labels)


@KINDS
def test_random_inputs_are_nested_over_shares_and_the_same_whatever_the_share(inputs: RandomInputs) -> None:
    half, all_random = (examples(UnrolledMember(rand_x=share), inputs)[0] for share in (0.5, 1.0))
    np.testing.assert_array_equal(half[is_replaced(half)], all_random[is_replaced(half)])


@KINDS
def test_the_noise_is_a_matter_of_its_own_seed_and_not_of_the_members(inputs: RandomInputs) -> None:
    first, other = (examples(UnrolledMember(False, seed, 1.0), inputs)[0] for seed in (0, 5))
    np.testing.assert_array_equal(first, other)
    assert not (first == examples(UnrolledMember(rand_x=1.0), inputs, noise_seed=1)[0]).any()


def test_both_kinds_replace_the_same_inputs_and_labels() -> None:
    member = UnrolledMember(rand_x=0.4, rand_y=0.4)
    (gaussian, labels), (uniform, same_labels) = (
        examples(member, kind) for kind in (GaussianInputs(), UniformInputs())
    )
    np.testing.assert_array_equal(is_replaced(gaussian), is_replaced(uniform))
    np.testing.assert_array_equal(labels, same_labels)


def test_uniform_inputs_fill_0_to_1_evenly() -> None:
    """Mean and mean square of 480 pixels within 4 standard errors: a fixed key, and 1 false alarm in 8,000 keys."""
    pixels = examples(UnrolledMember(rand_x=1.0), UniformInputs())[0].ravel()
    assert pixels.min() >= 0
    assert pixels.max() < 1
    assert abs(pixels.mean() - 1 / 2) < 4 * np.sqrt(1 / 12 / pixels.size)
    assert abs((pixels**2).mean() - 1 / 3) < 4 * np.sqrt(4 / 45 / pixels.size)
    assert len(np.unique(pixels)) == pixels.size


def test_gaussian_inputs_are_those_of_rand_x() -> None:
    images, labels = examples(UnrolledMember(rand_x=0.3, rand_y=0.6), GaussianInputs(), noise_seed=2)
    seen = noise_family(DATA, key_for("noise of training data", 2)).at(9, 18)
    np.testing.assert_array_equal(images, seen.images)
    np.testing.assert_array_equal(labels, seen.labels)


def test_with_unique_classes_example_i_has_label_i_and_inputs_stay() -> None:
    images, labels = examples(UnrolledMember(True, rand_x=0.5))
    np.testing.assert_array_equal(labels, np.arange(len(DATA)))
    np.testing.assert_array_equal(images, examples(UnrolledMember(False, rand_x=0.5))[0])


def test_members_stack_in_their_order() -> None:
    traced = TracedUnrolledMember.of([UnrolledMember(False, 3, 0.5), UnrolledMember(False, 1, 0.0, 1.0)], 30)
    assert [leaf.tolist() for leaf in traced] == [[3, 1], [15, 0], [0, 30]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "`seed` must be a whole number of at least 0; got -1"),
        ({"rand_x": 1.5}, "`rand_x` must be between 0 and 1; got 1.5"),
        ({"rand_y": -0.1}, "`rand_y` must be between 0 and 1; got -0.1"),
    ],
)
def test_a_member_that_cannot_be_is_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        dataclasses.replace(UnrolledMember(), **change)
