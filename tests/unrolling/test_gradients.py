"""Gradients through a training run: exact, the same however they are computed, and only along the paths that count."""

import functools
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jaxtyping import Array
from oracles.unrolled import (
    BATCHES,
    N_EXAMPLES,
    Gradients,
    Together,
    curve,
    curve_run,
    finite_differences,
    soft_loss,
    straight_through,
)
from slow_cases import slow_after, slow_rows_after
from worlds import points

from byheart.checks import BadInput
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture
from byheart.sweeps.layout import Layout
from byheart.unrolling import checkpoints
from byheart.unrolling.checkpoints import KeepEverything, MemoryBudget, SquareRoot, bytes_per_state
from byheart.unrolling.gradients import Unroll, unrolled_gradients
from byheart.unrolling.losses import ClassLosses, MinibatchLoss, MinibatchLosses, RunLosses, WholeSetLoss
from byheart.unrolling.training_run import Examples, TrainingRun, network_run, training_run

T = len(BATCHES)
FIELDS = ("inputs", "targets", "weights")
SGD = optax.sgd(0.3)
MOMENTUM = optax.inject_hyperparams(optax.sgd)(learning_rate=0.3, momentum=0.9)
"""Its learning rate is part of the state of a run."""
OPTIMIZERS = {
    "SGD": SGD,
    "momentum": MOMENTUM,
    "Nesterov": optax.sgd(0.3, momentum=0.9, nesterov=True),
    "weight decay": optax.chain(optax.add_decayed_weights(0.1), SGD),
    "a schedule": optax.sgd(optax.exponential_decay(0.5, 2, 0.7)),
    "Adam": optax.adam(0.05, eps_root=1e-8),
    "AdamW": optax.adamw(0.05, eps_root=1e-8, weight_decay=0.1),
}

EVERYTHING = Together((WholeSetLoss(), MinibatchLoss(), ClassLosses(2), MinibatchLosses()))
"""1 + 1 + 2 + 3 numbers."""


def gradients(run: TrainingRun, steps: Sequence[int] = range(T), **settings: Any) -> Gradients:
    """Return the gradients of all scalars with respect to all fields."""
    found = unrolled_gradients(run, steps, EVERYTHING, with_respect_to=FIELDS, **settings)
    return {name: getattr(found.values, name) for name in FIELDS}


def of_inputs(
    run: TrainingRun, steps: Sequence[int], scalars: RunLosses = WholeSetLoss(), **settings: Any
) -> np.ndarray:
    """Return the gradients with respect to inputs, (step, scalar, example, input)."""
    return unrolled_gradients(run, steps, scalars, **settings).values.inputs


@functools.cache
def exact(name: str, direct_path: bool = False) -> Gradients:
    """Return the gradients in double precision."""
    with jax.enable_x64(True):
        return gradients(curve_run(OPTIMIZERS[name]), direct_path=direct_path)


@functools.cache
def differences(name: str, direct_path: bool = False) -> Gradients:
    with jax.enable_x64(True):
        run = curve_run(OPTIMIZERS[name])
        return finite_differences(run, range(T), EVERYTHING, FIELDS, direct_path, width=1e-5)


def assert_close(found: Gradients, expected: Gradients, tolerance: float) -> None:
    """Compare relative to the largest number of each scalar.

    After one update of Adam, which undoes scale, all numbers are close to 0.
    """
    for name in expected:
        assert found[name].shape == expected[name].shape
        for scalar in range(expected[name].shape[1]):
            scale = np.abs(expected[name][:, scalar]).max()
            np.testing.assert_allclose(
                found[name][:, scalar], expected[name][:, scalar], rtol=0, atol=tolerance * scale, err_msg=name
            )


@pytest.mark.parametrize("name", slow_after(3, OPTIMIZERS))
def test_in_double_precision_gradients_are_finite_differences_to_a_millionth(name: str) -> None:
    found = exact(name)
    assert {leaf.dtype for leaf in found.values()} == {np.dtype(np.float64)}
    assert_close(found, differences(name), 1e-6)


@pytest.mark.parametrize("name", ["momentum", "Adam"])
def test_in_single_precision_gradients_are_finite_differences_to_a_thousandth(name: str) -> None:
    found = gradients(curve_run(OPTIMIZERS[name]))
    assert {leaf.dtype for leaf in found.values()} == {np.dtype(np.float32)}
    assert_close(found, differences(name), 1e-3)


def test_with_the_direct_path_measured_examples_move_with_those_trained_on() -> None:
    assert_close(exact("momentum", direct_path=True), differences("momentum", direct_path=True), 1e-6)


@pytest.mark.parametrize(
    ("architecture", "side"), [(MLP((5,)), 2), (CNN((2,), (3,), crop=0, kernel=2, pool=2), 5)], ids=["MLP", "CNN"]
)
def test_through_byhearts_networks_gradients_are_those_of_plain_reverse_mode(
    architecture: Architecture, side: int
) -> None:
    """The CNN trains with minibatch statistics and is measured with running ones, so these carry adjoints too."""
    with jax.enable_x64(True):
        shape = (side, side, 1)
        network = architecture.build(shape, 3, jax.random.key(0))
        run = network_run(network, MOMENTUM, points(6, shape), jnp.arange(6) % 3, BATCHES[:2])
        expected = straight_through(run, (2,), WholeSetLoss(), ("inputs", "weights"))
        found = unrolled_gradients(run, (2,), with_respect_to=("inputs", "weights")).values
    assert_close({"inputs": found.inputs, "weights": found.weights}, expected, 1e-9)
    assert found.targets is None


def test_an_example_no_update_has_seen_has_only_its_direct_path() -> None:
    for example in range(N_EXAMPLES):
        for step in range(T):
            has_been_seen = example in BATCHES[:step]
            for name in FIELDS:
                assert exact("momentum")[name][step, 0, example].any() == has_been_seen
            assert exact("momentum", direct_path=True)["inputs"][step, 0, example].any()
            assert exact("momentum", direct_path=True)["weights"][step, 0, example].any() == has_been_seen


def test_with_learning_rate_0_all_steps_have_the_direct_path_alone() -> None:
    with jax.enable_x64(True):
        run = curve_run(MOMENTUM)
        learning_rate = lambda run: run.start.optimizer_state.hyperparams["learning_rate"]  # noqa: E731
        run = eqx.tree_at(learning_rate, run, replace_fn=jnp.zeros_like)
        without, direct = gradients(run)["inputs"], gradients(run, direct_path=True)["inputs"]
    assert not without.any()
    whole_set = direct[:, 0]
    np.testing.assert_array_equal(whole_set, whole_set[[0] * T])
    np.testing.assert_array_equal(whole_set[0], exact("momentum", direct_path=True)["inputs"][0, 0])


@pytest.fixture(scope="module")
def in_one_piece() -> np.ndarray:
    steps = range(T + 1)
    return of_inputs(curve_run(SGD), steps, unroll=Unroll(KeepEverything(), T + 1), layout=Layout(1))


BYTES = bytes_per_state(curve_run(SGD))


@pytest.mark.parametrize(
    ("unroll", "layout"),
    slow_rows_after(
        3,
        [
            (Unroll(), Layout()),
            (Unroll(SquareRoot(), 1), Layout(2)),
            (Unroll(MemoryBudget(6 * BYTES), 3), Layout(1)),
            (Unroll(KeepEverything(), 100), Layout(2)),
            (Unroll(MemoryBudget(7 * BYTES), 2), Layout(2, at_once=2)),
        ],
    ),
    ids=repr,
)
def test_gradients_do_not_depend_on_checkpoints_blocks_and_devices(
    unroll: Unroll, layout: Layout, in_one_piece: np.ndarray
) -> None:
    """Seven states, in segments of 3, 4, 5 and 7."""
    found = of_inputs(curve_run(SGD), range(T + 1), unroll=unroll, layout=layout)
    np.testing.assert_allclose(found, in_one_piece, rtol=1e-4, atol=1e-7)


def test_values_come_in_the_order_in_which_steps_are_given(in_one_piece: np.ndarray) -> None:
    steps = [3, 6, 0, 5, 1, 4, 2]
    found = unrolled_gradients(curve_run(SGD), steps)
    np.testing.assert_array_equal(found.steps, steps)
    np.testing.assert_allclose(found.values.inputs, in_one_piece[steps], rtol=1e-4, atol=1e-7)
    assert (found.not_finite_at == -1).all()


def test_gradients_do_not_depend_on_how_many_segments_are_swept_without_a_pause(
    monkeypatch: pytest.MonkeyPatch, in_one_piece: np.ndarray
) -> None:
    monkeypatch.setattr(checkpoints, "UPDATES_AT_ONCE", 1)
    found = of_inputs(curve_run(SGD), range(T + 1))
    np.testing.assert_allclose(found, in_one_piece, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("step", [0, 1, T])
def test_a_step_has_the_same_gradient_alone(step: int, in_one_piece: np.ndarray) -> None:
    found = of_inputs(curve_run(SGD), [step])
    np.testing.assert_allclose(found, in_one_piece[[step]], rtol=1e-4, atol=1e-7)


def test_where_examples_are_renumbered_their_gradients_are() -> None:
    order = np.random.default_rng(0).permutation(N_EXAMPLES)
    with jax.enable_x64(True):
        examples = curve_run(MOMENTUM).examples.take(jnp.asarray(order))
        inputs, targets, weights = examples.inputs, examples.targets, examples.weights
        batches = np.argsort(order)[BATCHES]
        found = gradients(training_run(soft_loss, MOMENTUM, curve(), inputs, targets, batches, weights))
    for name in FIELDS:
        np.testing.assert_allclose(found[name], exact("momentum")[name][:, :, order], atol=1e-12)


def test_a_run_may_be_one_update_with_one_example_of_parameters_in_a_dictionary() -> None:
    def loss(parameters: dict[str, Array], inputs: Array, targets: Array) -> Array:
        return jnp.sinh(inputs @ parameters["w"] - targets)

    run = training_run(loss, SGD, {"w": np.ones(2, np.float32)}, np.ones((1, 2)), np.ones(1), np.zeros((1, 1), int))
    expected = straight_through(run, (0, 1), WholeSetLoss(), ("inputs",), direct_path=True)["inputs"]
    np.testing.assert_allclose(of_inputs(run, (0, 1), direct_path=True), expected, rtol=1e-5)


def test_what_reduce_makes_of_each_gradient_is_kept(in_one_piece: np.ndarray) -> None:
    def summary(gradient: Examples) -> dict[str, Array]:
        assert gradient.inputs.shape == (N_EXAMPLES, 3)
        assert gradient.targets is None
        return {"largest": gradient.inputs.max(), "sum": gradient.inputs.sum(axis=1)}

    found = unrolled_gradients(curve_run(SGD), range(T + 1), reduce=summary).values
    np.testing.assert_allclose(found["largest"], in_one_piece.max(axis=(2, 3)), rtol=1e-4)
    np.testing.assert_allclose(found["sum"], in_one_piece.sum(axis=3), rtol=1e-4, atol=1e-6)


def test_runs_that_differ_only_in_their_arrays_share_one_compiled_program(caplog: pytest.LogCaptureFixture) -> None:
    def compiled(learning_from: TrainingRun) -> list[str]:
        caplog.clear()
        with jax.log_compiles(True), caplog.at_level("WARNING"):
            unrolled_gradients(learning_from, (1, 3))
        return [message for message in caplog.messages if "Finished XLA compilation" in message]

    optimizer = optax.sgd(0.1)
    run, same, other = curve_run(optimizer), curve_run(optimizer), curve_run(optimizer, BATCHES[::-1])
    other = eqx.tree_at(lambda run: run.examples.inputs, other, other.examples.inputs + 1)
    assert len(compiled(run)) >= 1
    assert [compiled(again) for again in (run, same, other)] == [[], [], []]


@pytest.mark.parametrize(
    ("scalars", "steps", "message"),
    [
        (
            WholeSetLoss(),
            (0, 7),
            r"`steps` must lie in 0 to 6 for WholeSetLoss\(\) in a run of 6 updates; got 0 to 7\.",
        ),
        (WholeSetLoss(), (-1,), r"`steps` must lie in 0 to 6 .* got -1 to -1\."),
        (WholeSetLoss(), (), r"`steps` must lie in 0 to 6 .* got none\."),
        (
            MinibatchLoss(),
            (6,),
            r"`steps` must lie in 0 to 5 for MinibatchLoss\(\) in a run of 6 updates; got 6 to 6\.",
        ),
        (MinibatchLosses(), (6,), r"`steps` must lie in 0 to 5 for MinibatchLosses\(\)"),
        (WholeSetLoss(), (1, 2, 1), r"`steps` must hold each step once\."),
    ],
)
def test_steps_that_the_run_does_not_have_are_refused(scalars: RunLosses, steps: tuple[int, ...], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        unrolled_gradients(curve_run(SGD), steps, scalars)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((), r"`with_respect_to` must hold one or more of inputs, targets, weights\."),
        (("input",), r"There is no field of the examples named 'input'\. Did you mean inputs\?"),
        (
            ("inputs", "targets"),
            r"`targets` must be floating-point .* got int32\. Give soft targets, for example `jax\.nn",
        ),
    ],
)
def test_fields_that_have_no_derivative_are_refused(fields: tuple[str, ...], message: str) -> None:
    network = MLP((2,)).build((2, 2, 1), 3, jax.random.key(0))
    labelled = network_run(network, SGD, points(6, (2, 2, 1)), jnp.arange(6) % 3, BATCHES)
    with pytest.raises(BadInput, match=message):
        unrolled_gradients(labelled, (1,), with_respect_to=fields)


@pytest.mark.parametrize("shape", [(), (0,), (2, 2)])
def test_scalars_that_are_not_a_row_of_numbers_are_refused(shape: tuple[int, ...]) -> None:
    class Odd:
        def __call__(self, run: TrainingRun, model: Any, examples: Examples, indices: Array) -> Array:
            return jnp.zeros(shape)

    with pytest.raises(BadInput, match=r"`scalars` must return losses as an array \(scalar,\); got the shape \("):
        unrolled_gradients(curve_run(SGD), (1,), Odd())


def test_no_step_at_once_is_refused() -> None:
    with pytest.raises(BadInput, match=r"`steps_at_once` must be a whole number of at least 1; got 0\."):
        Unroll(steps_at_once=0)
