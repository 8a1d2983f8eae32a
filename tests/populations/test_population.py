"""Populations: member i equals the solo run, for any other members, any layout and any end of training."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np
import pytest
import xarray as xr
from jaxtyping import Array, Float, Key
from worlds import Fingerprint, blobs

from byheart.checks import BadInput
from byheart.data.class_flips import ClassFlips
from byheart.data.dataset import Dataset
from byheart.data.inclusion import AllButFold, RandomShare
from byheart.data.member_view import MemberData, labels_after_noise
from byheart.data.noisy_dataset import add_noise
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.data.split import Split
from byheart.measures.accuracy import Accuracy
from byheart.measures.misclassified import Misclassified
from byheart.networks.mlp import MLP
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.populations.trace import NEVER
from byheart.populations.train import measure_sweep, train
from byheart.populations.trained_population import TrainedPopulation
from byheart.sweeps.layout import Layout
from byheart.sweeps.variable import Variable
from byheart.training.member import Member, noise_at
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

SPLIT = blobs(42, 10)
RECIPE = Recipe(MLP((16,)), SGD(0.1, momentum=0.9, halve_every=2), batch_size=8, epochs=4)
MEMBERS = (
    Member(0),
    Member(1, noise_at(rand_x=0.5)),
    Member(2, noise_at(rand_y=0.4)),
    Member(3, noise_at(0.3, 0.3), learning_rate=0.02),
    Member(0, learning_rate=0.05),
)
EPOCHS = (0, 2, 4)
ONE_BY_ONE = Layout(n_devices=1, at_once=1)


@dataclasses.dataclass(frozen=True)
class CountedTraces:
    """A probe that counts how often it is traced, that is, compiled."""

    n_traces: ClassVar[list[None]] = []
    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType({"one": Variable("the number 1")})

    def __call__(self, network: eqx.Module, data: MemberData, key: Key[Array, ""]) -> dict[str, Float[Array, ""]]:
        self.n_traces.append(None)
        return {"one": jax.numpy.ones(())}


SWEEP = PopulationSweep(RECIPE, (), (Fingerprint(), CountedTraces()), EPOCHS, (Accuracy(),))


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(SWEEP, SPLIT)


@pytest.fixture(scope="module")
def trained(population: Population) -> TrainedPopulation:
    return population.train(MEMBERS)


@pytest.fixture(scope="module")
def alone() -> Population:
    """Return a layout with one member at a time on one device."""
    return Population(SWEEP, SPLIT, ONE_BY_ONE)


def assert_same(one: TrainedPopulation, other: TrainedPopulation) -> None:
    """Check that networks and traces are bit-identical."""
    jax.tree.map(np.testing.assert_array_equal, one.networks, other.networks)
    xr.testing.assert_identical(one.trace, other.trace)


def at(trained: TrainedPopulation, *indices: int) -> TrainedPopulation:
    """Return the population of the chosen members alone."""
    return TrainedPopulation(
        trained.trace.isel(member=list(indices)),
        jax.tree.map(lambda leaf: leaf[np.array(indices)], trained.networks),
        tuple(trained.members[i] for i in indices),
    )


@pytest.mark.parametrize("index", range(len(MEMBERS)))
def test_a_member_is_bit_identical_to_its_solo_run(trained: TrainedPopulation, alone: Population, index: int) -> None:
    """Members that train one after the other run the same program as one alone, so no rounding differs."""
    assert_same(at(trained, index), alone.train([MEMBERS[index]]))


def test_members_that_share_every_operation_equal_their_solo_runs_to_rounding(trained: TrainedPopulation) -> None:
    """A batched matrix product may sum in another order; after 20 steps the difference is below 1e-5."""
    together = train(RECIPE, MEMBERS, SPLIT, measures=[Fingerprint()], layout=Layout(n_devices=1, at_once=4))
    for one, other in zip(jax.tree.leaves(together.networks), jax.tree.leaves(trained.networks), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    end = trained.trace.sel(epoch=[4])
    np.testing.assert_allclose(together.trace.logits, end.logits, atol=1e-4)
    np.testing.assert_array_equal(together.trace.random_number, end.random_number)
    np.testing.assert_array_equal(together.trace.noisy_images, end.noisy_images)


def test_two_devices_give_bit_by_bit_what_one_gives(trained: TrainedPopulation, alone: Population) -> None:
    assert len(Layout().devices) == 2
    assert_same(trained, alone.train(MEMBERS))


def test_trained_twice_a_population_is_bit_identical(population: Population, trained: TrainedPopulation) -> None:
    assert_same(trained, population.train(MEMBERS))


def test_permuting_members_permutes_results(population: Population, trained: TrainedPopulation) -> None:
    order = [3, 0, 4, 2, 1]
    assert_same(at(trained, *order), population.train([MEMBERS[i] for i in order]))


@pytest.mark.parametrize("padded_to", [1, 3, 6])
def test_members_that_fill_up_the_program_leave_no_trace(
    population: Population, trained: TrainedPopulation, padded_to: int
) -> None:
    first_three = population.train(MEMBERS[:3], padded_to=padded_to)
    assert first_three.trace.sizes["member"] == 3
    assert_same(at(trained, 0, 1, 2), first_three)


def test_groups_of_one_size_share_one_compilation(population: Population, trained: TrainedPopulation) -> None:
    del trained
    before = len(CountedTraces.n_traces)
    population.train([Member(seed, noise_at(rand_x=0.05 * seed), learning_rate=0.3) for seed in range(10, 15)])
    population.train([Member(99)], padded_to=5)
    assert len(CountedTraces.n_traces) == before > 0


def test_a_probe_sees_the_same_whatever_else_is_measured_and_when(trained: TrainedPopulation) -> None:
    more = train(RECIPE, MEMBERS, SPLIT, measures=[Accuracy(), Fingerprint()], measured_epochs=range(5))
    for name in Fingerprint.variables:
        xr.testing.assert_identical(more.trace[name].sel(epoch=list(EPOCHS)), trained.trace[name])
    at_end = trained.trace.training_accuracy
    np.testing.assert_array_equal(more.trace.training_accuracy.sel(epoch=4), at_end)
    assert at_end[0] > 0.9  # The clean blobs are learned.


def test_seeds_differ_in_their_networks_and_share_their_noise(population: Population) -> None:
    one, other = (population.train([Member(seed, noise_at(rand_x=0.5, rand_y=0.5))] * 5) for seed in (0, 1))
    assert (one.trace.logits != other.trace.logits).all()
    assert (one.trace.random_number != other.trace.random_number).all()
    np.testing.assert_array_equal(one.trace.noisy_images, other.trace.noisy_images)


def test_another_noise_seed_changes_noisy_members_alone(trained: TrainedPopulation) -> None:
    other = Population(dataclasses.replace(SWEEP, noise_seed=1), SPLIT).train(MEMBERS)
    assert_same(at(trained, 0, 4), at(other, 0, 4))
    for index in (1, 2, 3):
        assert (trained.trace.logits[index, 1:] != other.trace.logits[index, 1:]).all()


def test_a_diverged_member_is_reported_and_its_neighbors_equal_their_solo_runs(
    population: Population, trained: TrainedPopulation
) -> None:
    wild = Member(1, learning_rate=1e20)
    mixed = population.train([MEMBERS[0], wild, MEMBERS[2], wild, MEMBERS[4]])
    assert_same(at(trained, 0, 2, 4), at(mixed, 0, 2, 4))
    np.testing.assert_array_equal(mixed.trace.diverged_epoch, [NEVER, 1, NEVER, 1, NEVER])
    diverged, untrained = mixed.trace.isel(member=1), trained.trace.isel(member=1).sel(epoch=0)
    for name in ("batch_loss", "logits", "noisy_images", "random_number"):
        assert diverged[name].sel(epoch=[2, 4]).isnull().all()
    np.testing.assert_array_equal(diverged.logits.sel(epoch=0), untrained.logits)
    for name in Accuracy.variables:
        assert diverged[name].isnull()


def test_a_member_that_diverges_later_keeps_the_numbers_from_before() -> None:
    """The logits of a linear network that fits random labels at this learning rate overflow in the third epoch."""
    recipe = Recipe(MLP(()), SGD(1e37), batch_size=8, epochs=5)
    member = Member(1, noise_at(rand_y=1.0))
    trace = train(recipe, [member], SPLIT, measures=[Fingerprint()], measured_epochs=range(6)).trace
    np.testing.assert_array_equal(trace.diverged_epoch, [3])
    is_known = np.arange(6) < 3
    np.testing.assert_array_equal(trace.logits[0].notnull().all(("image", "output")), is_known)
    np.testing.assert_array_equal(trace.batch_loss[0].notnull(), is_known & (np.arange(6) > 0))


def test_members_settings_stand_beside_their_numbers(trained: TrainedPopulation) -> None:
    trace = trained.trace
    np.testing.assert_array_equal(trace.seed, [0, 1, 2, 3, 0])
    np.testing.assert_array_equal(trace.rand_x, [0, 0.5, 0, 0.3, 0])
    np.testing.assert_array_equal(trace.rand_y, [0, 0, 0.4, 0.3, 0])
    np.testing.assert_array_equal(trace.learning_rate, [0.1, 0.1, 0.1, 0.02, 0.05])
    np.testing.assert_array_equal(trace.epoch, EPOCHS)
    np.testing.assert_array_equal(trace.noisy_images[:, 0], [0, 21, 17, trace.noisy_images[3, 0], 0])
    np.testing.assert_array_equal(trace.diverged_epoch, [NEVER] * 5)


def test_numbers_have_named_axes_and_say_what_they_are(trained: TrainedPopulation) -> None:
    trace = trained.trace
    assert trace.logits.dims == ("member", "epoch", "image", "output")
    assert trace.random_number.dims == trace.batch_loss.dims == ("member", "epoch")
    assert trace.training_accuracy.dims == trace.diverged_epoch.dims == ("member",)
    np.testing.assert_array_equal(trace.image, [0, 1, 2])
    assert all(trace[name].attrs["long_name"] for name in trace.data_vars)


def test_the_untrained_network_has_no_batch_loss(trained: TrainedPopulation) -> None:
    losses = trained.trace.batch_loss
    np.testing.assert_array_equal(losses.isnull().all("member"), [True, False, False])
    assert (losses.sel(epoch=4) < losses.sel(epoch=2))[0]


def test_epochs_are_told_as_they_end(population: Population) -> None:
    told: list[int] = []
    population.train(MEMBERS, on_epoch=told.append)
    assert told == [0, 1, 2, 3, 4]


def test_what_on_epoch_raises_stops_the_training(population: Population) -> None:
    told: list[int] = []

    def stop(epoch: int) -> None:
        told.append(epoch)
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        population.train(MEMBERS, on_epoch=stop)
    assert told == [0, 1, 2]


def test_the_network_of_a_member_gives_the_logits_of_the_trace(trained: TrainedPopulation) -> None:
    """Equal up to rounding, since here it runs outside of the compiled program."""
    for index, member in enumerate(MEMBERS):
        logits = trained.network(member)(jax.numpy.asarray(SPLIT.validation.inputs[:3]))
        np.testing.assert_allclose(logits, trained.trace.logits[index, -1], atol=1e-5)


def test_a_member_that_was_not_trained_has_no_network(trained: TrainedPopulation) -> None:
    with pytest.raises(BadInput, match=r"The population has no Member\(seed=7, .*; see its `members`."):
        trained.network(Member(7))


def test_a_population_without_members_is_refused(population: Population) -> None:
    with pytest.raises(BadInput, match=r"A population needs at least one member; got none."):
        population.train([])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe": Recipe(MLP((4,)), batch_size=43)}, "`batch_size` must be at most the number of training examples"),
        ({"measured_epochs": (0, 5)}, "`measured_epochs` must be strictly increasing within 0 to 4"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_compiles(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Population(dataclasses.replace(SWEEP, **change), SPLIT)


FLIPS = ClassFlips(0.5, ((0.0, 1.0), (0.3, 0.7)))


def test_kinds_of_noise_combine_and_each_has_a_column_in_every_chunk() -> None:
    members = (Member(0), Member(1, (FLIPS,)), Member(2, (FLIPS.at(0.2), RandX(0.3))))
    sweep = PopulationSweep(RECIPE, members, (Fingerprint(),), final_measures=(Misclassified(),))
    assert [kind.id for kind in sweep.kinds] == ["class_flips", "rand_x"]
    together = measure_sweep(sweep, SPLIT)
    np.testing.assert_array_equal(together.class_flips, [0, 0.5, 0.2])
    np.testing.assert_array_equal(together.rand_x, [0, 0, 0.3])
    np.testing.assert_array_equal(together.rand_y, [0, 0, 0])
    program = sweep.program(SPLIT, 1)
    for chunk in sweep.chunks([1]):
        alone = program.results(chunk, lambda epoch: None)
        index = members.index(chunk.members[0])
        assert set(alone.coords) == set(together.coords)
        np.testing.assert_array_equal(alone.logits[0], together.logits[index])
        labels, is_noisy = labels_after_noise(together.coords, {one.id: one.level for one in members[index].noise})
        noisy = add_noise(SPLIT.training, *members[index].noise)
        np.testing.assert_array_equal(labels, noisy.labels)
        np.testing.assert_array_equal(is_noisy, noisy.is_noisy)
        assert alone.noisy_images[0, -1] == is_noisy.sum()


def test_a_kind_that_does_not_fit_the_data_is_refused_before_training() -> None:
    wrong = PopulationSweep(RECIPE, (Member(0, (ClassFlips.to_next(0.5, 3),)),))
    with pytest.raises(BadInput, match="for each of the 2 classes; got 3 x 3"):
        wrong.program(SPLIT, 1)


def test_a_member_of_a_part_is_trained_as_on_a_data_set_of_that_part_alone() -> None:
    """Fold members of one program against networks trained on the examples themselves."""
    members = tuple(Member(seed, (RandY(0.5),), inclusion=AllButFold(3, fold)) for seed, fold in ((4, 0), (5, 2)))
    sweep = PopulationSweep(RECIPE, members, final_measures=(Accuracy(), Misclassified()))
    found = measure_sweep(sweep, SPLIT)
    noisy = add_noise(SPLIT.training, RandY(0.5))
    for place, member in enumerate(members):
        chosen = member.inclusion.indices(42)
        assert len(chosen) == 28 == sweep.n_training(SPLIT)
        part = Dataset(SPLIT.training.inputs[chosen], np.asarray(noisy.labels)[chosen], SPLIT.training.class_names)
        alone = train(RECIPE, [Member(member.seed)], Split(part, SPLIT.validation), final_measures=[Accuracy()])
        np.testing.assert_allclose(found.batch_loss[place], alone.trace.batch_loss[0], rtol=1e-5)
        assert found.training_accuracy[place] == alone.trace.training_accuracy[0]
        np.testing.assert_array_equal(np.flatnonzero(found.is_included[place]), chosen)
        network = alone.network(Member(member.seed))
        wrong = np.asarray(network(jax.numpy.asarray(SPLIT.training.inputs))).argmax(axis=1) != np.asarray(noisy.labels)
        np.testing.assert_array_equal(found.is_misclassified[place], wrong)
        assert str(found.inclusion.values[place]) == repr(member.inclusion)


def test_members_of_different_inclusions_share_one_compilation() -> None:
    halves = [Member(seed, inclusion=RandomShare(seed)) for seed in range(4)]
    population = Population(PopulationSweep(RECIPE, (), (CountedTraces(),)), SPLIT)
    population.train(halves[:2])
    before = len(CountedTraces.n_traces)
    population.train(halves[2:])
    assert len(CountedTraces.n_traces) == before


def test_members_that_are_trained_on_different_numbers_of_examples_are_refused() -> None:
    mixed = (Member(0, inclusion=RandomShare(0)), Member(0, inclusion=RandomShare(0, 0.8)))
    with pytest.raises(BadInput, match=r"trained on the same number of examples; got 21 by RandomShare.* 34 by"):
        PopulationSweep(RECIPE, mixed).program(SPLIT, 1)
    with pytest.raises(BadInput, match="trained on the same number of examples; got some with"):
        PopulationSweep(RECIPE, (Member(0), mixed[0]))


def test_the_batch_size_is_held_against_the_included_examples() -> None:
    sweep = PopulationSweep(dataclasses.replace(RECIPE, batch_size=30), (Member(0, inclusion=RandomShare(0)),))
    with pytest.raises(BadInput, match="`batch_size` must be at most the number of training examples, 21; got 30"):
        sweep.program(SPLIT, 1)


def test_a_plan_counts_the_operations_of_all_networks() -> None:
    sweep = PopulationSweep(RECIPE, tuple(Member(seed) for seed in range(3)))
    (planned,) = sweep.plan(SPLIT, [2])
    assert planned.operations == 3 * sweep.cost(SPLIT).operations > 0
