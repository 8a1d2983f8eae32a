"""Populations on vectors: the units of features do not matter, from training to every measure."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array, Float

from byheart.checks import BadInput
from byheart.critical.lass import LASS
from byheart.critical.radius import Pixels, StandardDeviations
from byheart.data.dataset import Dataset
from byheart.data.inclusion import RandomShare
from byheart.data.rand_x import RandX
from byheart.data.split import Split
from byheart.inputs import Inputs, Standardizer
from byheart.measures.accuracy import Accuracy
from byheart.measures.critical_sample_ratio import CriticalSampleRatio, RadiusSweep
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.networks.network import Network, n_parameters
from byheart.populations.train import train
from byheart.populations.trained_population import TrainedPopulation
from byheart.regularizers.adversarial_training import AdversarialTraining
from byheart.regularizers.dropout import InputDropout
from byheart.regularizers.gaussian_noise import InputNoise
from byheart.training.member import Member, grid
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe
from byheart.training.regularizer import Regularizer, RegularizerChain
from byheart.unrolling.loss_sensitivity import LastSteps
from byheart.unrolling.losses import WholeSetLoss
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.run_measures import MeanLossSensitivity
from byheart.unrolling.sweep import UnrolledSweep

RNG = np.random.default_rng(0)
UNITS, PLACES = 2.0 ** np.array([-10, 0, 5, 17, 3]), np.array([1.0, -1.0, 0.0, 2.0**18, 8.0])
LABELS = np.arange(150) % 3
Z = (RNG.normal(size=(150, 5)) + 1.5 * np.eye(3, 5)[LABELS]).astype(np.float32)
RECIPE = Recipe(MLP((16,)), SGD(0.2), batch_size=10, epochs=5)
SEARCH = LASS(budget=5)
MEASURE = MeanLossSensitivity((20,), LastSteps(10, every=5), WholeSetLoss())
MEASURES = (Accuracy(), CriticalSampleRatio(StandardDeviations(0.3), SEARCH))
CHAIN = (InputNoise(scale=1.0), InputDropout(), AdversarialTraining(radius=StandardDeviations(0.2)))


def split_of(vectors: np.ndarray) -> Split:
    return Split(Dataset(vectors[:100], LABELS[:100], name="table"), Dataset(vectors[100:], LABELS[100:]))


PLAIN, IN_UNITS = split_of(Z), split_of(Z * UNITS + PLACES)


def trained(split: Split, regularizers: tuple[Regularizer, ...] = (), **levels: object) -> TrainedPopulation:
    recipe = Recipe(MLP((16,)), SGD(0.2), batch_size=10, epochs=5, regularizers=regularizers)
    members = grid(seed=range(2), **levels)  # type: ignore[arg-type]
    return train(recipe, members, split, measures=MEASURES, final_measures=(RadiusSweep((0.1, 0.3), SEARCH),))


@pytest.mark.parametrize("regularizers", [(), CHAIN], ids=["plain", "regularized"])
def test_what_is_measured_does_not_depend_on_the_units_of_features(regularizers: tuple[Regularizer, ...]) -> None:
    plain, in_units = (trained(split, regularizers, rand_y=[0.0, 0.4]).trace for split in (PLAIN, IN_UNITS))
    for name in ("training_accuracy", "validation_accuracy", "csr_validation", "csr_by_radius"):
        np.testing.assert_allclose(plain[name], in_units[name], atol=0.03)
    np.testing.assert_allclose(plain.batch_loss, in_units.batch_loss, rtol=0.05, atol=0.01)
    assert (plain.validation_accuracy.sel(member=plain.rand_y == 0) > 0.6).all()


def test_a_trained_network_takes_raw_vectors_and_its_standardizer_is_no_parameter() -> None:
    network = trained(IN_UNITS).network(Member())
    predicted = network(jnp.asarray(IN_UNITS.training.inputs)).argmax(axis=1)
    assert (np.asarray(predicted) == IN_UNITS.training.labels).mean() > 0.8
    assert n_parameters(network) == 5 * 16 + 16 + 16 * 3 + 3
    standardizer = IN_UNITS.training.standardizer
    assert standardizer is not None
    np.testing.assert_array_equal(network.standardizer.mean, standardizer.mean)
    np.testing.assert_array_equal(network.standardizer.deviation, standardizer.deviation)


def test_members_with_noise_or_a_share_of_the_examples_have_the_standardizer_of_all_clean_examples() -> None:
    members = [Member(0, (RandX(0.5),), inclusion=RandomShare(seed)) for seed in range(2)]
    networks = [train(RECIPE, members, IN_UNITS).network(member) for member in members]
    for network in networks:
        np.testing.assert_array_equal(network.standardizer.mean, IN_UNITS.training.standardizer.mean)


def test_a_constant_feature_is_ignored() -> None:
    constant = np.concatenate([Z, np.full((150, 1), 1 / 3, np.float32)], axis=1)
    network = trained(split_of(constant)).network(Member())
    vectors = jnp.asarray(constant[:20])
    np.testing.assert_array_equal(network(vectors), network(vectors.at[:, 5].set(100.0)))


class Linear(Network):
    """A network that does not standardize its inputs."""

    weight: Float[Array, "feature class"]

    def __call__(self, inputs: Inputs) -> Array:
        return inputs @ self.weight

    def in_training(self, inputs: Inputs, hidden: object = None) -> tuple[Array, "Linear"]:
        return self(inputs), self


def test_a_network_of_ones_own_sees_vectors_as_they_are() -> None:
    network = Linear(jnp.ones((5, 3)))
    assert network.standardized(Standardizer.none(5)) is network


@pytest.mark.parametrize("measure", [CriticalSampleRatio(Pixels(3)), RadiusSweep((Pixels(1), Pixels(3)))])
def test_pixels_are_refused_before_training(measure: object) -> None:
    with pytest.raises(BadInput, match=r"must be StandardDeviations\(...\) for vectors of 5 features; got Pixels"):
        train(RECIPE, [Member()], PLAIN, measures=[measure])


def test_the_cnn_is_refused() -> None:
    with pytest.raises(BadInput, match=r"CNN\(.*\) needs images; got vectors of 5 features. If they are flattened"):
        train(Recipe(CNN((4, 4)), SGD(0.1), epochs=1), [Member()], PLAIN)


def chain(*regularizers: Regularizer, strengths: list[float]) -> RegularizerChain:
    standardizer = IN_UNITS.training.standardizer
    return RegularizerChain(regularizers, jnp.array(strengths), jax.random.key(0), standardizer)


VECTORS = jnp.asarray(IN_UNITS.training.inputs)


def test_at_strength_0_vectors_are_equal_bit_by_bit() -> None:
    together = chain(*CHAIN, strengths=[0.0, 0.0, 0.0])
    np.testing.assert_array_equal(together.inputs(VECTORS), VECTORS)
    network = trained(IN_UNITS).network(Member())
    np.testing.assert_array_equal(together.adversarial_inputs(network, VECTORS), VECTORS)


def test_input_noise_is_in_standard_deviations_and_dropped_features_take_their_mean() -> None:
    deviation = np.asarray(IN_UNITS.training.standard_deviation)
    noise = (chain(InputNoise(scale=1.0), strengths=[0.5]).inputs(VECTORS) - VECTORS) / deviation
    np.testing.assert_allclose(noise.std(axis=0), 0.5, rtol=0.3)
    dropped = chain(InputDropout(), strengths=[0.4]).inputs(VECTORS)
    is_mean = np.isclose(dropped, IN_UNITS.training.mean, atol=1e-3 * deviation, rtol=1e-6)
    assert 0.3 < is_mean.mean() < 0.5


def test_adversarial_vectors_lie_in_boxes_in_standard_deviations() -> None:
    network = trained(IN_UNITS).network(Member())
    together = chain(AdversarialTraining(radius=StandardDeviations(0.2)), strengths=[1.0])
    distance = np.abs(together.adversarial_inputs(network, VECTORS) - VECTORS) / IN_UNITS.training.standard_deviation
    assert 0.1 < distance.max() < 0.2 + 1e-3


def test_loss_sensitivity_is_for_a_change_of_one_standard_deviation() -> None:
    sweep = UnrolledSweep(MLP((4,)), (UnrolledMember(0),), horizon=20, measures=(MEASURE,), batch_size=10)
    found = [sweep.program(split, 1).results(sweep, lambda done: None) for split in (PLAIN, IN_UNITS)]
    for name in found[0].data_vars:
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=0.02, atol=1e-4)
