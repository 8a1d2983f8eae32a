"""The update step: populations and runs that are differentiated through train the same networks."""

import jax
import numpy as np
import optax
import pytest
from worlds import as_called, blobs

from byheart.keys import key_for
from byheart.networks.losses import CrossEntropy, FlooredCrossEntropy, Loss
from byheart.networks.mlp import MLP
from byheart.populations.train import train
from byheart.training.member import Member
from byheart.training.optimizers import SGD, Adam, AdamW, Optax, Optimizer
from byheart.training.recipe import Recipe
from byheart.unrolling.training_run import network_run

SPLIT = blobs(42, 10, n_classes=3)
IN_EPOCH = 5


@pytest.mark.parametrize(
    ("optimizer", "loss"),
    [
        (SGD(0.1, momentum=0.9, halve_every=1), CrossEntropy()),
        (SGD(0.5), FlooredCrossEntropy(0.2)),
        (Adam(0.01, eps_root=1e-8), FlooredCrossEntropy()),
        (AdamW(0.01, weight_decay=0.1), CrossEntropy()),
        (Optax(optax.lion, 0.01, {"b1": 0.8}), CrossEntropy()),
    ],
    ids=repr,
)
def test_a_population_and_a_run_to_differentiate_take_the_same_updates(optimizer: Optimizer, loss: Loss) -> None:
    recipe = Recipe(MLP((8,)), optimizer, batch_size=8, epochs=2, loss=loss)
    trained = train(recipe, [Member(3)], SPLIT).network(Member(3))
    orders = [jax.random.permutation(jax.random.fold_in(key_for("shuffling", 3), epoch), 42)[:40] for epoch in range(2)]
    run = network_run(
        recipe.architecture.build((4, 4, 1), 3, key_for("initialization", 3)),
        optimizer.transformation(optimizer.learning_rate, IN_EPOCH),
        SPLIT.training.inputs,
        SPLIT.training.labels,
        np.concatenate(orders).reshape(10, 8),
        loss,
    )
    state, step = run.start, jax.jit(lambda state, indices: run.step(state, indices))
    for indices in run.batches:
        state = step(state, indices)
    for found, expected in zip(jax.tree.leaves(trained), jax.tree.leaves(state.parameters), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-5)


def test_an_optimizer_is_the_same_by_its_own_name_by_that_of_its_function_and_as_a_transformation() -> None:
    def networks(optimizer: object) -> object:
        recipe = as_called(Recipe, architecture=MLP((8,)), optimizer=optimizer, batch_size=8, epochs=2)
        return train(recipe, [Member(1)], SPLIT).networks

    named = networks(Adam(0.01))
    jax.tree.map(np.testing.assert_array_equal, networks(Optax(optax.adam, 0.01)), named)
    jax.tree.map(
        lambda *both: np.testing.assert_allclose(*both, rtol=1e-5, atol=1e-6), networks(optax.adam(0.01)), named
    )


def test_members_of_one_program_have_learning_rates_of_their_own_with_any_named_optimizer() -> None:
    members = [Member(1), Member(1, learning_rate=0.003), Member(1, learning_rate=0.0)]
    recipe = Recipe(MLP((8,)), Optax(lambda rate: optax.chain(optax.clip(0.1), optax.adam(rate)), 0.01), 8, 2)
    together = train(recipe, members, SPLIT)
    assert together.trace.learning_rate.values.tolist() == [0.01, 0.003, 0.0]
    alone = train(recipe, members[1:2], SPLIT).network(members[1])
    jax.tree.map(np.testing.assert_array_equal, together.network(members[1]), alone)
    built = recipe.architecture.build((4, 4, 1), 3, key_for("initialization", 1))
    jax.tree.map(np.testing.assert_array_equal, together.network(members[2]), built)
