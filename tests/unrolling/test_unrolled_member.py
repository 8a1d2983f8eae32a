"""The inputs and labels of one run of a sweep."""

import dataclasses
from typing import Any

import jax
import numpy as np
import pytest
from worlds import blobs

from byheart.checks import BadInput
from byheart.data.noisy_dataset import add_noise
from byheart.data.rand_x import GaussianInputs, RandX, UniformInputs
from byheart.data.rand_y import RandY
from byheart.networks.mlp import MLP
from byheart.sweeps.layout import Layout
from byheart.training.member import noise_at
from byheart.unrolling.loss_sensitivity import LastSteps
from byheart.unrolling.losses import WholeSetLoss
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.run_measures import MeanLossSensitivity
from byheart.unrolling.sweep import UnrolledSweep
from byheart.unrolling.unrolled_program import UnrolledProgram

SPLIT = blobs(30, 3, 3)
MEASURE = MeanLossSensitivity((2,), LastSteps(1, every=1), WholeSetLoss())


def examples(member: UnrolledMember, noise_seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and labels of all training examples of the member's run."""
    sweep = UnrolledSweep(MLP(()), (member,), 2, (MEASURE,), batch_size=10, noise_seed=noise_seed)
    program = UnrolledProgram(sweep, SPLIT, Layout(n_devices=1))
    seed, view = jax.tree.map(lambda leaf: leaf[0], program._traced([member]))
    run = program._run(seed, view, program._data, member.unique_classes, 30 if member.unique_classes else 3)
    return np.asarray(run.examples.inputs), np.asarray(run.examples.targets)


@pytest.mark.parametrize("inputs", [GaussianInputs(), UniformInputs()], ids=repr)
def test_a_run_has_the_examples_that_add_noise_gives(inputs: GaussianInputs | UniformInputs) -> None:
    noises = noise_at(0.3, 0.6, inputs)
    images, labels = examples(UnrolledMember(4, noises), noise_seed=2)
    noisy = add_noise(SPLIT.training, *noises, seed=2)
    np.testing.assert_array_equal(images, noisy.inputs)
    np.testing.assert_array_equal(labels, noisy.labels)


def test_the_noise_is_a_matter_of_its_own_seed_and_not_of_the_members() -> None:
    first, other = (examples(UnrolledMember(seed, (RandX(1.0),)))[0] for seed in (0, 5))
    np.testing.assert_array_equal(first, other)
    assert not (first == examples(UnrolledMember(0, (RandX(1.0),)), noise_seed=1)[0]).any()


def test_with_unique_classes_example_i_has_label_i_and_inputs_stay() -> None:
    images, labels = examples(UnrolledMember(noise=(RandX(0.5),), unique_classes=True))
    np.testing.assert_array_equal(labels, np.arange(30))
    np.testing.assert_array_equal(images, examples(UnrolledMember(noise=(RandX(0.5),)))[0])


def test_a_kind_of_noise_that_the_program_did_not_draw_is_refused() -> None:
    sweep = UnrolledSweep(MLP(()), (UnrolledMember(),), 2, (MEASURE,), batch_size=10)
    program = UnrolledProgram(sweep, SPLIT, Layout(n_devices=1))
    with pytest.raises(BadInput, match="was not drawn"):
        program.results(dataclasses.replace(sweep, members=(UnrolledMember(0, (RandY(0.5),)),)), lambda done: None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "`seed` must be a whole number of at least 0; got -1"),
        ({"noise": (RandX(0.1), RandX(0.2))}, "`noise` may hold one noise of each kind"),
    ],
)
def test_a_member_that_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        dataclasses.replace(UnrolledMember(), **change)
