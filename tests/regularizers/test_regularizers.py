"""Each regularizer at its place, and laws of all of them.

Strength 0 changes nothing; inference is unchanged; each strength in a population is as alone.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from slow_cases import slow_after
from worlds import blobs

from byheart.checks import BadInput
from byheart.measures.accuracy import Accuracy
from byheart.networks.cnn import CNN
from byheart.networks.losses import CrossEntropy
from byheart.networks.mlp import MLP
from byheart.networks.network import HiddenLayer
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.regularizers.dropout import Dropout, InputDropout
from byheart.regularizers.gaussian_noise import HiddenNoise, InputNoise
from byheart.regularizers.label_smoothing import LabelSmoothing
from byheart.regularizers.weight_decay import WeightDecay
from byheart.training.member import Member, noise_at
from byheart.training.objective import objective_of
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe
from byheart.training.regularizer import Regularizer, RegularizerChain

SPLIT = blobs(24, 9, n_classes=3)
ALL: list[Regularizer] = [
    Dropout(),
    Dropout(of_maps=True),
    InputDropout(),
    InputNoise(),
    HiddenNoise(),
    HiddenNoise(of_maps=True),
    WeightDecay(0.01),
    LabelSmoothing(),
]
EACH = pytest.mark.parametrize("regularizer", ALL, ids=repr)
ARCHITECTURES = [MLP((6, 5)), CNN((3,), dense=(4,), crop=0, kernel=3, pool=2)]
DENSE, MAPS = HiddenLayer(0, is_dense=True), HiddenLayer(0, is_dense=False)
KEY = jax.random.key(0)
IMAGES, LABELS = jnp.asarray(SPLIT.training.inputs[:6]), jnp.asarray(SPLIT.training.labels[:6])


def trained(recipe: Recipe, *members: Member) -> Any:
    return Population(PopulationSweep(recipe, members, (Accuracy(),)), SPLIT).train(members)


def recipe_of(*regularizers: Regularizer, architecture: MLP | CNN = ARCHITECTURES[0]) -> Recipe:
    return Recipe(architecture, SGD(0.1), batch_size=8, epochs=2, regularizers=regularizers)


def same(one: Any, other: Any, exactly: bool = True) -> bool:
    leaves = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.array_equal(a, b) if exactly else np.allclose(a, b, atol=1e-5) for a, b in leaves)


@EACH
@pytest.mark.parametrize("architecture", slow_after(1, ARCHITECTURES), ids=repr)
def test_at_strength_0_an_update_is_as_without(regularizer: Regularizer, architecture: MLP | CNN) -> None:
    def gradient(*regularizers: Regularizer) -> Any:
        objective = objective_of(CrossEntropy(), regularizers, jnp.zeros(len(regularizers)), KEY)
        return jax.value_and_grad(lambda network: objective(network, IMAGES, LABELS, jnp.array(0)).minimized)(network)

    network = architecture.build((4, 4, 1), 3, KEY)
    assert same(gradient(regularizer), gradient(), exactly=False)


@pytest.mark.parametrize("architecture", slow_after(1, ARCHITECTURES), ids=repr)
def test_in_a_population_each_strength_and_seed_is_what_it_is_alone(architecture: MLP | CNN) -> None:
    """With all regularizers at once, each of a strength of its own."""
    every = (Dropout(), InputDropout(), InputNoise(), HiddenNoise(), WeightDecay(), LabelSmoothing())
    weak, strong = (0.0, 0.1, 0.2, 0.05, 0.001, 0.1), (0.6, 0.3, 1.0, 0.3, 0.05, 0.4)
    members = [Member(seed, strengths=strengths) for strengths in (weak, strong) for seed in (0, 1)]
    together = trained(recipe_of(*every, architecture=architecture), *members)
    for index in (1, 2):
        recipe = recipe_of(*every, architecture=architecture)
        assert same(together.network(members[index]), trained(recipe, members[index]).network(members[index]))
    defaults = [one.with_strength(strength) for one, strength in zip(every, strong, strict=True)]
    alone = trained(recipe_of(*defaults, architecture=architecture), Member(0))
    assert same(alone.network(Member(0)), together.network(members[2]))
    assert together.trace.dropout.values.tolist() == [0.0, 0.0, 0.6, 0.6]
    assert together.trace.weight_decay.values.tolist() == [0.001, 0.001, 0.05, 0.05]


@EACH
def test_it_changes_training_and_draws_chance_anew_at_each_update(regularizer: Regularizer) -> None:
    architecture = ARCHITECTURES[1]
    network = architecture.build((4, 4, 1), 3, KEY)
    objective = objective_of(CrossEntropy(), (regularizer,), jnp.array([0.5]), KEY)
    plain = objective_of(CrossEntropy(), (), jnp.zeros(0), KEY)(network, IMAGES, LABELS, jnp.array(0)).minimized
    first, again, second = (objective(network, IMAGES, LABELS, jnp.array(n)).minimized for n in (0, 0, 1))
    assert first == again != plain
    is_random = not isinstance(regularizer, WeightDecay | LabelSmoothing)
    assert (first != second) == is_random


def test_dropout_keeps_the_mean_and_drops_the_stated_share_independently() -> None:
    """A hundred thousand numbers: five standard errors."""
    x = jnp.full((1000, 100), 2.0)
    for regularizer, act in (
        (Dropout(), lambda rate: Dropout().hidden(x, DENSE, rate, KEY)),
        (InputDropout(), lambda rate: InputDropout().inputs(x.reshape(1000, 10, 10, 1), rate, KEY).reshape(x.shape)),
    ):
        for rate in (0.1, 0.5, 0.9):
            found = np.asarray(act(jnp.array(rate)))
            assert set(np.unique(found.round(4))) == {0.0, np.float32(round(2 / (1 - rate), 4))}, regularizer
            error = np.sqrt(rate * (1 - rate) / x.size)
            assert abs((found == 0).mean() - rate) < 5 * error
            dropped = found == 0
            assert abs((dropped[:, 1:] & dropped[:, :-1]).mean() - rate**2) < 5 * np.sqrt(rate**2 / x.size)


@pytest.mark.parametrize(("regularizer", "scale"), [(InputNoise(scale=0.25), 0.25), (InputNoise(scale=1.0), 1.0)])
def test_noise_has_the_stated_standard_deviation(regularizer: InputNoise, scale: float) -> None:
    images = jnp.full((100, 20, 20, 3), 0.5)
    noise = np.asarray(regularizer.inputs(images, jnp.array(2.0), KEY) - images)
    assert abs(noise.std() / (2 * scale) - 1) < 5 / np.sqrt(2 * noise.size)
    hidden = np.asarray(HiddenNoise().hidden(jnp.zeros((400, 300)), DENSE, jnp.array(0.3), KEY))
    assert abs(hidden.std() / 0.3 - 1) < 5 / np.sqrt(2 * hidden.size)


def test_maps_are_left_alone_unless_asked_for() -> None:
    maps = jnp.ones((2, 3, 3, 4))
    for one in (Dropout(), HiddenNoise()):
        assert same(one.hidden(maps, MAPS, jnp.array(0.5), KEY), maps)
        asked = dataclasses.replace(one, of_maps=True)
        assert not same(asked.hidden(maps, MAPS, jnp.array(0.5), KEY), maps)


def test_layers_draw_their_own_chance() -> None:
    together = RegularizerChain((Dropout(),), jnp.array([0.5]), KEY)
    first, second = (together.hidden(jnp.ones((8, 50)), HiddenLayer(index, is_dense=True)) for index in (0, 1))
    assert not same(first, second)


def test_weight_decay_shrinks_weights_and_nothing_else() -> None:
    """Plain SGD: w <- w - 2 * rate * coefficient * w beside the gradient of the loss."""
    network = CNN((3,), dense=(4,), crop=0, kernel=3, pool=2).build((4, 4, 1), 3, KEY)
    gradient = jax.grad(lambda network: WeightDecay().penalty(network, jnp.array(0.1)))(network)
    for leaf, of_leaf in zip(jax.tree.leaves(network), jax.tree.leaves(gradient), strict=True):
        np.testing.assert_allclose(of_leaf, 0.2 * leaf if leaf.ndim >= 2 else 0 * leaf, rtol=1e-5)


def test_label_smoothing_mixes_with_the_uniform_distribution() -> None:
    targets = LabelSmoothing().targets(jax.nn.one_hot(jnp.array([0, 3]), 4), jnp.array(0.2))
    np.testing.assert_allclose(targets, [[0.85, 0.05, 0.05, 0.05], [0.05, 0.05, 0.05, 0.85]], rtol=1e-6)


def test_they_combine_and_the_reported_loss_is_without_penalties() -> None:
    both = recipe_of(Dropout(0.3), WeightDecay(0.05))
    found = trained(both, Member(0), Member(0, strengths=(0.0, 0.05)), Member(0, strengths=(0.3, 0.0)))
    alone = [
        trained(recipe_of(WeightDecay(0.05)), Member(0)).networks,
        trained(recipe_of(Dropout(0.3)), Member(0)).networks,
    ]
    for member, expected in zip(found.members[1:], alone, strict=True):
        assert same(found.network(member), jax.tree.map(lambda leaf: leaf[0], expected), exactly=False)
    network = MLP((5,)).build((4, 4, 1), 3, KEY)
    with_penalty = objective_of(CrossEntropy(), (WeightDecay(),), jnp.array([0.5]), KEY)(
        network, IMAGES, LABELS, jnp.array(0)
    )
    plain = objective_of(CrossEntropy(), (), jnp.zeros(0), KEY)(network, IMAGES, LABELS, jnp.array(0))
    np.testing.assert_allclose(with_penalty.loss, plain.loss, rtol=1e-6)
    assert with_penalty.minimized > plain.minimized


def test_dropout_hinders_memorizing_random_labels() -> None:
    """A miniature of Figure 10: with half of the units dropped, random labels are fitted less in the same time."""
    recipe = Recipe(MLP((64, 64)), SGD(0.3), batch_size=8, epochs=60, regularizers=(Dropout(),))
    members = [Member(seed, noise_at(rand_y=1.0), strengths=(rate,)) for rate in (0.0, 0.7) for seed in range(4)]
    trace: xr.Dataset = Population(PopulationSweep(recipe, tuple(members), (Accuracy(),)), SPLIT).train(members).trace
    accuracy = trace.training_accuracy.isel(epoch=-1).values.reshape(2, 4)
    assert accuracy[0].mean() > accuracy[1].mean() + 0.1


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (Dropout, {"rate": 1.0}, "`rate` must be at most 0.99; got 1.0"),
        (InputDropout, {"rate": -0.1}, "`rate` must be a finite number of at least 0"),
        (InputNoise, {"sigma": -1.0}, "`sigma` must be"),
        (InputNoise, {"scale": 0.0}, "`scale` must be a finite number above 0"),
        (HiddenNoise, {"sigma": float("nan")}, "`sigma` must be"),
        (WeightDecay, {"coefficient": -1.0}, "`coefficient` must be"),
        (LabelSmoothing, {"share": 1.5}, "`share` must be between 0 and 1"),
    ],
)
def test_strengths_out_of_range_are_refused(kind: type[Regularizer], arguments: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        kind(**arguments)


def test_members_must_have_a_strength_for_each_regularizer_that_fits() -> None:
    with pytest.raises(BadInput, match=r"one for each of the 2 regularizers; got \(0.1,\)"):
        trained(recipe_of(Dropout(), WeightDecay()), Member(0, strengths=(0.1,)))
    with pytest.raises(BadInput, match=r"`rate` must be at most 0\.99"):
        trained(recipe_of(Dropout()), Member(0, strengths=(1.0,)))
    with pytest.raises(BadInput, match="Each regularizer can be used once; got dropout, dropout"):
        recipe_of(Dropout(), Dropout(0.1))
