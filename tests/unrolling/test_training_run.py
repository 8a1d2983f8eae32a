"""Training runs as values: updates equal those of the plain loop, and inconsistent arguments raise errors."""

import types
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
import optax
import pytest
from jaxtyping import Array
from oracles.unrolled import BATCHES, N_EXAMPLES, curve, curve_run, soft_loss, updated
from worlds import points

from byheart.checks import BadInput
from byheart.networks.cnn import CNN
from byheart.networks.losses import CrossEntropy, FlooredCrossEntropy
from byheart.networks.mlp import MLP
from byheart.networks.network import Network
from byheart.unrolling.training_run import TrainingRun, network_run, training_run

SHAPE = (4, 4, 1)
IMAGES = points(N_EXAMPLES, SHAPE)
LABELS = jnp.arange(N_EXAMPLES) % 3
SGD = optax.sgd(0.3, momentum=0.9)
PLAIN = MLP((3,))
NORMED = CNN((2,), (), crop=0, kernel=2, pool=3)


def network(architecture: MLP | CNN = PLAIN) -> Network:
    return architecture.build(SHAPE, 3, jax.random.key(0))


@pytest.fixture
def _as_users_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call without the checks of shapes that only tests have."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


UNCHECKED = pytest.mark.usefixtures("_as_users_run_it")


@pytest.mark.parametrize(
    "run",
    [curve_run(optax.adamw(0.1)), network_run(network(NORMED), SGD, IMAGES, LABELS, BATCHES)],
    ids=["a curve", "a CNN"],
)
def test_updates_are_those_of_the_plain_loop(run: TrainingRun) -> None:
    step = eqx.filter_jit(TrainingRun.step)
    plain = eqx.filter_jit(updated)
    state, expected = run.start, (run.start.parameters, run.start.statistics, run.start.optimizer_state)
    for indices in run.batches[:3]:
        state, expected = step(run, state, indices), plain(run, expected, run.examples, indices)
    assert jax.tree.leaves(state)
    found = (state.parameters, state.statistics, state.optimizer_state)
    jax.tree.map(lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6), found, expected)


def test_a_run_knows_how_many_updates_and_examples_it_has() -> None:
    run = curve_run(SGD)
    assert (run.n_steps, run.n_examples) == (len(BATCHES), N_EXAMPLES)


def test_without_weights_each_example_counts_once() -> None:
    run = network_run(network(), SGD, IMAGES, LABELS, BATCHES)
    np.testing.assert_array_equal(run.examples.weights, np.ones(N_EXAMPLES))


def test_an_example_counts_as_often_as_its_weight_says() -> None:
    """The objective is the mean of weight * loss over the minibatch, not over the sum of weights."""
    weights = np.arange(N_EXAMPLES, dtype=np.float32)
    run = network_run(network(), SGD, IMAGES, LABELS, BATCHES, weights=weights)
    value, _ = run.objective(run.start.parameters, run.start.statistics, run.examples.take(jnp.array([2, 3])))
    losses = CrossEntropy()(network()(IMAGES[2:4]), LABELS[2:4])
    np.testing.assert_allclose(value, (2 * losses[0] + 3 * losses[1]) / 2, rtol=1e-6)


def test_running_statistics_are_state_but_no_parameters() -> None:
    run = network_run(network(NORMED), SGD, IMAGES, LABELS, BATCHES)
    assert jax.tree.leaves(run.start.parameters.norms[0].running) == []
    np.testing.assert_array_equal(run.start.statistics.norms[0].running.variance, np.ones(2))
    assert run.start.statistics.norms[0].scale is None
    whole = run.model(run.start.parameters, run.start.statistics)
    jax.tree.map(np.testing.assert_array_equal, whole, network(NORMED))


def test_a_network_is_trained_in_training_mode_and_measured_in_inference_mode() -> None:
    built = network(NORMED)
    run = network_run(built, SGD, IMAGES, LABELS, BATCHES, FlooredCrossEntropy())
    losses, after = run.loss_in_training(built, IMAGES, LABELS)
    np.testing.assert_allclose(losses, FlooredCrossEntropy()(built.in_training(IMAGES)[0], LABELS))
    np.testing.assert_allclose(run.loss(built, IMAGES, LABELS), FlooredCrossEntropy()(built(IMAGES), LABELS))
    assert (after.norms[0].running.mean != built.norms[0].running.mean).any()


def test_only_floating_point_arrays_are_trained_and_the_rest_of_the_model_stays() -> None:
    model = {"w": np.ones(3, np.float32), "order": np.array([2, 0, 1]), "name": "a model", "curve": jnp.tanh}

    def loss(model: dict[str, Any], inputs: Array, targets: Array) -> Array:
        assert model["name"] == "a model"
        return (model["curve"](inputs[:, model["order"]] @ model["w"]) - targets) ** 2

    run = training_run(loss, SGD, model, np.ones((4, 3)), np.zeros(4), np.array([[0, 1]]))
    after = run.step(run.start, run.batches[0])
    assert (after.parameters["w"] != 1).all()
    assert after.parameters["order"] is None
    np.testing.assert_array_equal(after.statistics["order"], [2, 0, 1])


def test_arrays_of_numpy_and_of_jax_make_the_same_run() -> None:
    arrays = (np.ones((4, 3), np.float32), np.full((4, 2), 0.5, np.float32), np.array([[0, 1], [3, 2]]))
    of_numpy = training_run(soft_loss, SGD, jax.tree.map(np.asarray, curve()), *arrays)
    of_jax = training_run(soft_loss, SGD, curve(), *map(jnp.asarray, arrays))
    for one, other in zip(jax.tree.leaves(of_numpy), jax.tree.leaves(of_jax), strict=True):
        assert type(one) is type(other)
        if not isinstance(one, types.FunctionType):
            np.testing.assert_array_equal(one, other)


@UNCHECKED
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": np.zeros(6)}, r"`targets` must have one entry for each of 7 inputs; got the shape \(6,\)\."),
        ({"targets": np.float32(1)}, r"`targets` must have one entry for each of 7 inputs; got the shape \(\)\."),
        ({"weights": np.ones((8,))}, r"`weights` must have one entry for each of 7 inputs; got the shape \(8,\)\."),
        ({"batches": np.arange(3)}, r"`batches` must be indices .* \(step, batch\); got int32 of shape \(3,\)\."),
        ({"batches": np.zeros((0, 3), int)}, r"`batches` must be indices .* got int32 of shape \(0, 3\)\."),
        ({"batches": np.zeros((2, 3))}, r"`batches` must be indices .* got float32 of shape \(2, 3\)\."),
        ({"batches": np.array([[0, 7]])}, r"`batches` must lie in 0 to 6; got 0 to 7\."),
        ({"batches": np.array([[-1, 2]])}, r"`batches` must lie in 0 to 6; got -1 to 2\."),
    ],
    ids=str,
)
def test_what_does_not_fit_the_inputs_is_refused(change: dict[str, np.ndarray], message: str) -> None:
    arrays = {"targets": np.zeros((7, 2)), "batches": BATCHES} | change
    with pytest.raises(BadInput, match=message):
        training_run(soft_loss, SGD, curve(), np.zeros((7, 3)), **arrays)
    labels = {"targets": np.zeros(7, int), "batches": BATCHES} | change
    with pytest.raises(BadInput, match=message):
        network_run(network(), SGD, IMAGES, **labels)


@UNCHECKED
def test_lists_make_the_same_run_as_arrays() -> None:
    arrays = np.ones((4, 3)), np.full((4, 2), 0.5), np.array([[0, 1], [3, 2]])
    of_lists = training_run(soft_loss, SGD, curve(), *(one.tolist() for one in arrays), weights=[1.0, 2.0, 1.0, 1.0])
    of_arrays = training_run(soft_loss, SGD, curve(), *arrays, weights=np.array([1.0, 2.0, 1.0, 1.0]))
    jax.tree.map(np.testing.assert_array_equal, of_lists.examples, of_arrays.examples)
    np.testing.assert_array_equal(of_lists.batches, of_arrays.batches)


@UNCHECKED
@pytest.mark.parametrize("name", ["inputs", "targets", "weights"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused_and_their_examples_named(name: str, bad: float) -> None:
    arrays = {"inputs": np.zeros((7, 3)), "targets": np.zeros((7, 2)), "weights": np.ones(7), "batches": BATCHES}
    arrays[name][[2, 5]] = bad
    message = rf"`{name}` must be finite; got NaN or infinity in 2 of 7 examples \(2, 5\)\. Repair or drop those\."
    with pytest.raises(BadInput, match=message):
        training_run(soft_loss, SGD, curve(), **arrays)


@UNCHECKED
def test_inputs_without_an_axis_are_refused() -> None:
    with pytest.raises(BadInput, match=r"`inputs` must have the examples along their first axis; got a single number."):
        training_run(soft_loss, SGD, curve(), 1.0, np.zeros(7), BATCHES)


@UNCHECKED
def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(BadInput) as problem:
        training_run(soft_loss, SGD, curve(), np.zeros((7, 3)), np.zeros(3), np.array([[9]]), np.ones(2))
    heading, *problems = str(problem.value).splitlines()
    assert heading == "The training run cannot be made:"
    assert [line.split("`")[1] for line in problems] == ["targets", "weights", "batches"]


@pytest.mark.parametrize("model", [{}, {"steps": np.arange(3), "name": "nothing to learn"}])
def test_a_model_without_a_floating_point_array_is_refused(model: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"`parameters` holds no array of floating-point numbers, so there is nothing"):
        training_run(soft_loss, SGD, model, np.zeros((7, 3)), np.zeros((7, 2)), BATCHES)
