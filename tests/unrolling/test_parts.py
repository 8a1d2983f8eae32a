"""Differentiated runs on a part of the examples: each is the run on a data set of that part alone."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from worlds import blobs

from byheart.checks import BadInput
from byheart.data.inclusion import AllButFold, Inclusion, RandomShare
from byheart.data.rand_y import RandY
from byheart.data.split import Split
from byheart.networks.mlp import MLP
from byheart.sweeps.parts import over_all_examples
from byheart.sweeps.variable import Variable
from byheart.training.optimizers import SGD
from byheart.unrolling.loss_sensitivity import LastSteps
from byheart.unrolling.losses import WholeSetLoss
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.run_measures import MeanClassSensitivity, MeanLossSensitivity
from byheart.unrolling.sweep import UnrolledSweep

SPLIT = blobs(24, 3, n_classes=3)
MEASURES = (
    MeanLossSensitivity((4, 8), LastSteps(3, every=1), WholeSetLoss()),
    MeanClassSensitivity(8, LastSteps(3, every=1)),
)


def results(sweep: UnrolledSweep, split: Split = SPLIT) -> xr.Dataset:
    chunks = sweep.chunks([2])
    program = sweep.program(split, 2)
    return xr.concat([program.results(chunk, lambda done: None) for chunk in chunks], "member")


def sweep_of(*members: UnrolledMember) -> UnrolledSweep:
    return UnrolledSweep(MLP((4,)), members, 8, MEASURES, SGD(0.2), batch_size=4)


@pytest.mark.parametrize(
    "inclusions",
    [
        (RandomShare(0), RandomShare(1)),
        pytest.param((AllButFold(4, 0), AllButFold(4, 3)), marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("unique", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_run_on_a_part_is_the_run_on_a_data_set_of_that_part(inclusions: tuple[Inclusion, ...], unique: bool) -> None:
    members = tuple(UnrolledMember(seed, (), unique, one) for seed, one in enumerate(inclusions))
    found = results(sweep_of(*members))
    assert found.sizes["example"] == 24
    assert found.inclusion.values.tolist() == [repr(one) for one in inclusions]
    for index, member in enumerate(members):
        included = member.inclusion.indices(24)
        part = Split(SPLIT.training.take(included), SPLIT.validation)
        alone = results(sweep_of(dataclasses.replace(member, inclusion=UnrolledMember().inclusion)), part)
        of_member = found.isel(member=index)
        sensitivity = of_member.loss_sensitivity.values
        np.testing.assert_allclose(sensitivity[..., included], alone.loss_sensitivity.values[0], rtol=1e-4, atol=1e-6)
        left_out = np.setdiff1d(np.arange(24), included)
        assert np.isnan(sensitivity[..., left_out]).all()
        assert np.flatnonzero(of_member.is_included).tolist() == included.tolist()
        np.testing.assert_allclose(of_member.training_accuracy, alone.training_accuracy[0])
        if not unique:
            np.testing.assert_allclose(of_member.class_sensitivity, alone.class_sensitivity[0], rtol=1e-4, atol=1e-6)


def test_noise_is_that_of_the_whole_data_set() -> None:
    noise = (RandY(0.5),)
    member = UnrolledMember(0, noise, inclusion=RandomShare(3))
    program = sweep_of(member).program(SPLIT, 1)
    data = program._data.for_member(program._data.view(noise, member.inclusion)).training
    whole = program._data.for_member(program._data.view(noise)).training
    np.testing.assert_array_equal(data.labels, np.asarray(whole.labels)[member.inclusion.indices(24)])


def test_runs_on_all_examples_have_neither_column_nor_flags() -> None:
    found = results(sweep_of(UnrolledMember(0)))
    assert "inclusion" not in found.coords
    assert "is_included" not in found


def test_runs_on_parts_and_on_all_examples_are_sweeps_of_their_own() -> None:
    with pytest.raises(BadInput, match="some with `inclusion=AllExamples\\(\\)` and some with a part"):
        sweep_of(UnrolledMember(0), UnrolledMember(1, inclusion=RandomShare(0)))
    with pytest.raises(BadInput, match="the same number of examples"):
        sweep_of(*(UnrolledMember(0, inclusion=RandomShare(0, share)) for share in (0.25, 0.5))).check(SPLIT)


def test_a_plan_counts_the_examples_of_a_run() -> None:
    (planned,) = sweep_of(UnrolledMember(0, inclusion=RandomShare(0))).plan(SPLIT, [1])
    assert "12 examples" in planned.recipe


def test_numbers_of_included_examples_take_their_places() -> None:
    variable = Variable("made up", (("norm", None), ("example", None)))
    values = [np.arange(6.0).reshape(2, 3), np.arange(6.0, 12.0).reshape(2, 3)]
    inclusions = [RandomShare(0), RandomShare(1)]
    whole = over_all_examples(values, variable, inclusions, 6)
    assert whole.shape == (2, 2, 6)
    for found, one, given in zip(whole, inclusions, values, strict=True):
        np.testing.assert_array_equal(found[:, one.indices(6)], given)
        assert np.isnan(found).sum() == 6
