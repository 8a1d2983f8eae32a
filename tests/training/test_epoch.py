"""Training of one network against a plain loop in float64, and the loss that it minimizes."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles.sgd_loop import sgd_loop
from slow_cases import slow_rows_after
from worlds import blobs

from byheart.data.noisy_dataset import add_noise
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.keys import key_for
from byheart.networks.losses import cross_entropy
from byheart.networks.mlp import MLP
from byheart.populations.train import train
from byheart.training import step as step_module
from byheart.training.member import Member, noise_at
from byheart.training.optimizers import SGD, Adam, AdamW
from byheart.training.recipe import Recipe

SPLIT = blobs(42, 10, n_classes=3)
"""42 examples in batches of 8: the last two of every epoch are dropped."""


@pytest.mark.parametrize(
    ("optimizer", "member"),
    slow_rows_after(
        3,
        [
            (SGD(0.1), Member(seed=1, noise=noise_at(rand_x=0.3, rand_y=0.5))),
            (SGD(0.01, momentum=0.5, halve_every=2), Member(seed=3, learning_rate=0.2)),
            (Adam(0.3, b1=0.8, b2=0.9, eps=1e-3, eps_root=1e-6), Member(seed=5, learning_rate=0.01)),
            (SGD(0.05, momentum=0.9), Member(seed=2)),
            (Adam(0.01, eps=1e-4), Member(seed=4, noise=noise_at(rand_y=0.5))),
            (AdamW(0.02, eps=1e-4, weight_decay=0.5), Member(seed=6)),
        ],
    ),
    ids=["noise", "halving", "Adam, all settings", "momentum", "Adam", "AdamW"],
)
def test_training_equals_a_plain_loop_in_float64(optimizer: SGD | Adam, member: Member) -> None:
    """Parameters after 5 epochs of 5 steps, and each epoch's loss, to float32 rounding.

    A member's own learning rate stands in for the recipe's, and is halved like it.
    """
    recipe = Recipe(MLP((16, 8)), optimizer, batch_size=8, epochs=5)
    trained = train(recipe, [member], SPLIT, measured_epochs=range(6))
    data = add_noise(SPLIT.training, RandX(member.level("rand_x")), RandY(member.level("rand_y")))
    start = recipe.architecture.build((4, 4, 1), 3, key_for("initialization", member.seed))
    layers, losses = sgd_loop(
        start,
        np.asarray(data.inputs),
        np.asarray(data.labels),
        seed=member.seed,
        optimizer=dataclasses.replace(optimizer, learning_rate=member.learning_rate_or(optimizer.learning_rate)),
        batch_size=8,
        epochs=5,
    )
    for layer, (weight, bias) in zip(trained.network(member).layers, layers, strict=True):
        np.testing.assert_allclose(layer.weight, weight, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(layer.bias, bias, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(trained.trace.batch_loss[0], [np.nan, *losses], rtol=1e-5)


@pytest.mark.parametrize(("epochs", "steps"), [(1, 3), (2, 5 + 1), (2, 10)])
def test_training_may_end_within_its_last_epoch(epochs: int, steps: int) -> None:
    """With 5 updates an epoch, the loss of a shortened epoch is the mean over the updates that ran."""
    member = Member(seed=4)
    recipe = Recipe(MLP((8,)), SGD(0.1, momentum=0.9), batch_size=8, epochs=epochs, steps=steps)
    trained = train(recipe, [member], SPLIT, measured_epochs=range(epochs + 1))
    start = recipe.architecture.build((4, 4, 1), 3, key_for("initialization", member.seed))
    images, labels = SPLIT.training.inputs, SPLIT.training.labels
    layers, losses = sgd_loop(
        start, images, labels, seed=4, optimizer=recipe.optimizer, batch_size=8, epochs=epochs, steps=steps
    )
    for layer, (weight, bias) in zip(trained.network(member).layers, layers, strict=True):
        np.testing.assert_allclose(layer.weight, weight, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(layer.bias, bias, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(trained.trace.batch_loss[0], [np.nan, *losses], rtol=1e-5)


def test_waiting_for_the_whole_gradient_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Force the code path of large layers; -0 and 0 count as equal."""
    recipe = Recipe(MLP((16, 8)), SGD(0.1, momentum=0.9), batch_size=8, epochs=3)
    member = Member(1, noise_at(rand_y=0.3))
    plain = train(recipe, [member], SPLIT).networks
    monkeypatch.setattr(step_module, "LARGE_LAYER_SIZE", 1)
    jax.tree.map(np.testing.assert_array_equal, train(recipe, [member], SPLIT).networks, plain)


def test_learning_rate_0_leaves_the_parameters_as_they_were_built() -> None:
    recipe = Recipe(MLP((8,)), SGD(0.0, momentum=0.9), batch_size=8, epochs=3)
    network = train(recipe, [Member(seed=5)], SPLIT).network(Member(seed=5))
    built = recipe.architecture.build((4, 4, 1), 3, key_for("initialization", 5))
    jax.tree.map(np.testing.assert_array_equal, network, built)


def test_cross_entropy_is_minus_the_log_of_the_labels_softmax_in_float64() -> None:
    logits = np.random.default_rng(0).normal(0, 5, (20, 4))
    labels = np.arange(20) % 4
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expected = -np.log(probabilities[np.arange(20), labels])
    np.testing.assert_allclose(cross_entropy(jnp.float32(logits), jnp.array(labels)), expected, rtol=1e-4, atol=1e-6)


def test_cross_entropy_stays_finite_for_large_logits() -> None:
    logits = jnp.array([[1e4, 0.0], [1e4, 0.0]])
    np.testing.assert_array_equal(cross_entropy(logits, jnp.array([0, 1])), [0.0, 1e4])
