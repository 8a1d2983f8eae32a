"""The upper bound of the critical sample ratio as a probe: as certificates say, and without effect on other numbers."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from worlds import Smooth, blobs, seen_by

from byheart.checks import BadInput
from byheart.critical.certified_samples import certified_samples
from byheart.critical.lass import LASS
from byheart.critical.radius import Pixels, StandardDeviations
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.measures.not_certified import NotCertified, NotCertifiedByRadius
from byheart.networks.mlp import MLP
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.training.measuring_cost import measuring_cost
from byheart.training.member import Member
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

SPLIT = blobs(40, 30)
SETS = ("validation", "validation_alike", "training")
RADII = (0.01, 0.03, 1.0, 2.0)
RECIPE = Recipe(MLP((8, 8)), SGD(0.3), batch_size=5, epochs=4)
MEMBERS = (Member(0), Member(1, (RandX(0.5),)), Member(2, (RandY(1.0),)))
SEARCHES = (CriticalSampleRatio(0.03, LASS(budget=5), SETS, 24),), (RadiusSweep(RADII, LASS(budget=5), 24),)
PROOFS = (NotCertified(0.03, SETS, 24),), (NotCertifiedByRadius(RADII, 24),)


def trained(bracket: bool) -> Any:
    """Return the population, measured twice by searches, and by proofs if asked."""
    through, at_end = (search + (proof if bracket else ()) for search, proof in zip(SEARCHES, PROOFS, strict=True))
    sweep = PopulationSweep(RECIPE, MEMBERS, through, (0, 4), at_end)
    return Population(sweep, SPLIT).train(MEMBERS)


@pytest.fixture(scope="module")
def bracketed() -> Any:
    return trained(bracket=True)


def test_numbers_of_a_search_are_the_same_bit_for_bit_with_a_proof_beside_it(bracketed: Any) -> None:
    alone = trained(bracket=False).trace
    for name in ("csr_validation", "csr_validation_alike", "csr_training", "csr_by_radius", "batch_loss"):
        np.testing.assert_array_equal(bracketed.trace[name], alone[name], err_msg=name)
    assert not any(str(name).startswith("not_certified") for name in alone)


def test_shares_are_those_of_certificates_of_each_members_own_inputs(bracketed: Any) -> None:
    final = bracketed.trace.isel(epoch=-1)
    for place, member in enumerate(MEMBERS):
        network = jax.tree.map(jax.numpy.asarray, bracketed.network(member))
        data = seen_by(SPLIT, *member.noise)
        for name in SETS:
            inputs, _ = getattr(data, name).batch(jax.numpy.arange(24))
            expected = 1 - certified_samples(network, inputs, radius=0.03).is_certified.mean()
            assert final[f"not_certified_{name}"].values[place] == pytest.approx(expected)
        by_radius = final.not_certified_by_radius.values[place]
        assert by_radius[1] == final.not_certified_validation.values[place]
        assert by_radius[0] <= by_radius[1]
        assert by_radius[2] == by_radius[3] == 1


def test_what_is_found_is_never_certified(bracketed: Any) -> None:
    trace = bracketed.trace
    for name in SETS:
        assert (trace[f"csr_{name}"] <= trace[f"not_certified_{name}"]).all()
    assert (trace.csr_by_radius <= trace.not_certified_by_radius).all()
    assert float(trace.not_certified_training.min()) < 1


def test_training_that_was_interrupted_has_the_same_shares(bracketed: Any) -> None:
    class Stopped(Exception):
        """The end of the first half."""

    class Kept:
        state: Any = None

        def load(self) -> Any:
            return self.state

        def is_due(self) -> bool:
            return True

        def save(self, state: Any) -> None:
            self.state = [np.array(leaf) for leaf in state]

    def stop(epoch: int) -> None:
        if epoch == 3:
            raise Stopped

    kept = Kept()
    sweep = PopulationSweep(RECIPE, MEMBERS, PROOFS[0], (0, 4))
    with pytest.raises(Stopped):
        Population(sweep, SPLIT).train(MEMBERS, on_epoch=stop, checkpoint=kept)
    resumed = Population(sweep, SPLIT).train(MEMBERS, checkpoint=kept).trace
    np.testing.assert_array_equal(resumed.not_certified_training, bracketed.trace.not_certified_training)


def test_a_plan_counts_proofs_and_proofs_of_larger_sets_more() -> None:
    def cost(*measures: Any, n: int = 40) -> float:
        return measuring_cost(measures, RECIPE, n, 30, (4, 4, 1), 2).operations

    assert cost(*SEARCHES[0], *PROOFS[0]) > 1.5 * cost(*SEARCHES[0])
    one_set, all_sets = cost(NotCertified(0.03)), cost(NotCertified(0.03, SETS))
    assert all_sets == pytest.approx(one_set * (30 + 30 + 40) / 30)
    assert cost(NotCertifiedByRadius(RADII)) == pytest.approx(4 * one_set)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NotCertified(0.0), "`radius` must be a finite number above 0"),
        (lambda: NotCertified(sets=("training", "test")), "There is no set of inputs named 'test'"),
        (lambda: NotCertified(n_samples=0), "`n_samples` must be a whole number of at least 1"),
        (lambda: NotCertified(bounds=(1.0, 0.0)), "`bounds` must be"),
        (lambda: NotCertifiedByRadius((0.2, 0.1)), "`radii` must be a non-empty, strictly increasing sequence"),
    ],
)
def test_bad_fields_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make()


@pytest.mark.parametrize(
    ("probe", "architecture", "message"),
    [
        (NotCertified(0.03), Smooth(), "`NotCertified` needs networks whose outputs can be bounded"),
        (NotCertifiedByRadius((0.03,)), Smooth(), "`NotCertifiedByRadius` needs networks whose outputs can be bounded"),
        (NotCertified(StandardDeviations(1)), MLP((8,)), "`radius` must be Pixels"),
        (NotCertifiedByRadius((StandardDeviations(1),)), MLP((8,)), "`radii` must be Pixels"),
    ],
)
def test_what_cannot_be_certified_is_refused_before_training(probe: Any, architecture: Any, message: str) -> None:
    sweep = PopulationSweep(dataclasses.replace(RECIPE, architecture=architecture), MEMBERS, (probe,))
    with pytest.raises(BadInput, match=message):
        Population(sweep, SPLIT)


def test_a_radius_has_the_unit_of_the_search() -> None:
    assert NotCertified(Pixels(51)).radius == Pixels(51)
    (axes,) = (one.axes for one in NotCertifiedByRadius((Pixels(51), Pixels(102))).variables.values())
    assert axes == (("radius", (0.2, 0.4)),)
