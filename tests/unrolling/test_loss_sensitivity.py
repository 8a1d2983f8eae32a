"""Loss sensitivities: norms of unrolled gradients, means over steps and classes, and reports of lost adjoints."""

import math

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Array
from oracles.unrolled import BATCHES, N_EXAMPLES, Curve, Together, curve, curve_run, straight_through

from byheart.checks import BadInput
from byheart.networks.losses import CrossEntropy
from byheart.sweeps.layout import Layout
from byheart.unrolling.gradients import unrolled_gradients
from byheart.unrolling.loss_sensitivity import (
    AllSteps,
    LastSteps,
    LossSensitivity,
    NotFinite,
    Window,
    class_loss_sensitivity,
    input_norm,
    loss_sensitivity,
    loss_sensitivity_at_step,
)
from byheart.unrolling.losses import ClassLosses, MinibatchLoss, MinibatchLosses, RunLosses, WholeSetLoss, class_members
from byheart.unrolling.training_run import TrainingRun, training_run

T = len(BATCHES)
N_CLASSES = 3
LABELS = np.arange(N_EXAMPLES) % N_CLASSES
"""The second minibatch holds class 0 three times and no other, the third class 1 twice and class 2."""
STEPS = (1, 2, 4)


def labelled_loss(model: Curve, inputs: Array, labels: Array) -> Array:
    return CrossEntropy()(model(inputs), labels)


@pytest.fixture(scope="module")
def run() -> TrainingRun:
    inputs = np.random.default_rng(2).normal(size=(N_EXAMPLES, 3))
    return training_run(labelled_loss, optax.sgd(0.3), curve(n_classes=N_CLASSES), inputs, LABELS, BATCHES)


KINDS = {WholeSetLoss(): 1, MinibatchLoss(): 1, ClassLosses(N_CLASSES): N_CLASSES, MinibatchLosses(): 3}
"""How many numbers each has."""


@pytest.fixture(scope="module")
def plain_gradients(run: TrainingRun) -> dict[RunLosses, np.ndarray]:
    """Return gradients (step, scalar, example, input) by plain reverse mode."""
    gradients = straight_through(run, STEPS, Together(tuple(KINDS)), ("inputs",))["inputs"]
    return dict(zip(KINDS, np.split(gradients, np.cumsum(list(KINDS.values()))[:-1], axis=1), strict=True))


def norms(gradients: np.ndarray, order: float) -> np.ndarray:
    """(step, scalar, example)."""
    return np.array([[[np.linalg.norm(x, order) for x in scalar] for scalar in step] for step in gradients])


@pytest.mark.parametrize(("loss", "order"), [(WholeSetLoss(), 1), (MinibatchLoss(), math.inf)])
def test_a_sensitivity_is_the_norm_of_the_gradient_through_the_run(
    run: TrainingRun, plain_gradients: dict[RunLosses, np.ndarray], loss: WholeSetLoss | MinibatchLoss, order: float
) -> None:
    found = loss_sensitivity_at_step(run, STEPS, loss, norm=order)
    np.testing.assert_array_equal(found.steps, STEPS)
    np.testing.assert_array_equal(found.not_finite_at, [-1, -1, -1])
    np.testing.assert_allclose(found.at_step, norms(plain_gradients[loss], order)[:, 0], rtol=1e-3, atol=1e-6)


def test_with_the_direct_path_the_sensitivity_is_the_norm_of_the_gradient_with_it(run: TrainingRun) -> None:
    """The norm of the sum of both paths, not the sum of their norms."""
    whole = unrolled_gradients(run, STEPS, direct_path=True).values.inputs
    found = loss_sensitivity_at_step(run, STEPS, norm=2, direct_path=True)
    np.testing.assert_allclose(found.at_step, norms(whole, 2)[:, 0], rtol=1e-4)
    assert (found.at_step > 0).all()


@pytest.mark.parametrize("order", [1, 2, math.inf])
def test_the_norm_is_over_all_numbers_of_an_input(order: float) -> None:
    images = np.random.default_rng(0).normal(size=(3, 2, 4, 2))
    expected = [np.linalg.norm(image.ravel(), order) for image in images]
    np.testing.assert_allclose(input_norm(jnp.asarray(images), order), expected, rtol=1e-5)
    np.testing.assert_allclose(input_norm(jnp.array([-2.0, 3.0]), order), [2, 3])


@pytest.mark.parametrize("window", [LastSteps(5, every=2), AllSteps(every=2)])
def test_the_sensitivity_is_the_mean_over_the_steps_of_its_window(run: TrainingRun, window: Window) -> None:
    steps = window.steps(T)
    assert list(steps) == {LastSteps: [1, 3, 5], AllSteps: [2, 4, 6]}[type(window)]
    found = loss_sensitivity(run, window)
    assert found.shape == (N_EXAMPLES,)
    np.testing.assert_allclose(found, loss_sensitivity_at_step(run, steps).at_step.mean(axis=0), rtol=1e-5)
    assert (found > 0).tolist() == [True] * 6 + [False]  # No update sees the last example.


@given(st.integers(1, 50), st.integers(1, 9), st.integers(0, 60))
def test_the_last_steps_end_before_the_run_does_and_start_no_earlier_than_it(n: int, every: int, horizon: int) -> None:
    expected = [step for step in range(horizon - n, horizon, every) if step >= 0]
    assert list(LastSteps(n, every).steps(horizon)) == expected


@given(st.integers(1, 9), st.integers(0, 60))
def test_all_steps_leave_out_the_start_and_may_hold_the_end(every: int, horizon: int) -> None:
    assert list(AllSteps(every).steps(horizon)) == [t for t in range(1, horizon + 1) if t % every == 0]


def test_the_loss_of_a_class_is_sensitive_to_the_mean_input_of_a_class(
    run: TrainingRun, plain_gradients: dict[RunLosses, np.ndarray]
) -> None:
    by_class = norms(plain_gradients[ClassLosses(N_CLASSES)], 1)
    expected = np.empty((len(STEPS), N_CLASSES, N_CLASSES))
    for s in range(len(STEPS)):
        for i in range(N_CLASSES):
            for j in range(N_CLASSES):
                expected[s, i, j] = np.mean([by_class[s, i, x] for x in range(N_EXAMPLES) if LABELS[x] == j])
    np.testing.assert_allclose(class_loss_sensitivity(run, STEPS, N_CLASSES), expected, rtol=1e-3, atol=1e-6)


def test_the_row_of_a_class_is_the_mean_of_those_of_its_examples_in_the_minibatch(
    run: TrainingRun, plain_gradients: dict[RunLosses, np.ndarray]
) -> None:
    """The mean is not the last value; an absent class has no number."""
    by_example = norms(plain_gradients[MinibatchLosses()], 1)
    expected = np.full((len(STEPS), N_CLASSES, N_CLASSES), np.nan)
    for s, step in enumerate(STEPS):
        for i in range(N_CLASSES):
            rows = [by_example[s, b] for b, x in enumerate(BATCHES[step]) if LABELS[x] == i]
            for j in range(N_CLASSES):
                if rows:
                    expected[s, i, j] = np.mean([[row[x] for x in range(N_EXAMPLES) if LABELS[x] == j] for row in rows])
    found = class_loss_sensitivity(run, STEPS, N_CLASSES, MinibatchLosses())
    assert np.isnan(found[0, 1:]).all()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_each_kind_of_loss_is_a_mean_over_those_it_names(run: TrainingRun) -> None:
    model = curve(seed=5, n_classes=N_CLASSES)
    losses = [float(labelled_loss(model, run.examples.inputs[x][None], jnp.array([LABELS[x]]))[0]) for x in range(7)]
    indices = jnp.array([3, 3, 0, 5])

    def of(scalars: RunLosses) -> Array:
        return scalars(run, model, run.examples, indices)

    np.testing.assert_allclose(of(WholeSetLoss()), [np.mean(losses)], rtol=1e-5)
    np.testing.assert_allclose(of(MinibatchLosses()), [losses[3], losses[3], losses[0], losses[5]], rtol=1e-5)
    np.testing.assert_allclose(of(MinibatchLoss()), [(2 * losses[3] + losses[0] + losses[5]) / 4], rtol=1e-5)
    by_class = [np.mean(losses[label::N_CLASSES]) for label in range(N_CLASSES)]
    np.testing.assert_allclose(of(ClassLosses(N_CLASSES)), by_class, rtol=1e-5)
    np.testing.assert_allclose(of(ClassLosses(4)), [*by_class, 0], rtol=1e-5)


def test_soft_targets_count_for_their_most_probable_class() -> None:
    soft = jnp.array([[0.2, 0.5, 0.3], [0.6, 0.4, 0.0]])
    np.testing.assert_array_equal(class_members(soft, 3), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(class_members(jnp.array([1, 0]), 3), [[0, 1, 0], [1, 0, 0]])


@pytest.fixture(scope="module")
def growing() -> LossSensitivity:
    """Return a run at rest at the bottom of a parabola, whose adjoints grow by 1e10 with each update they pass.

    They start with 5e9, so the third update they go back through takes them out of single precision.
    """

    def loss(parameter: Array, inputs: Array, targets: Array) -> Array:
        return 0.5e10 * (parameter - inputs) ** 2

    run = training_run(loss, optax.sgd(1.0), np.zeros(1), np.array([0.0, 1.0]), np.zeros(2), np.zeros((T, 1), int))
    return loss_sensitivity_at_step(run, (2, 3, 1, 4, 6), layout=Layout(1))


def test_where_an_adjoint_stops_being_finite_the_update_is_known(growing: LossSensitivity) -> None:
    np.testing.assert_array_equal(growing.not_finite_at, [-1, 0, -1, 1, 3])


def test_steps_before_that_keep_their_sensitivity(growing: LossSensitivity) -> None:
    np.testing.assert_array_equal(np.isfinite(growing.at_step[:, 0]), [True, False, True, False, False])
    np.testing.assert_allclose(growing.at_step[[2, 0], 0], [5e19, 5e29], rtol=1e-5)
    np.testing.assert_array_equal(growing.at_step[[2, 0], 1], [0, 0])


def test_a_mean_over_a_step_that_is_lost_is_refused_with_the_step_and_the_update(growing: LossSensitivity) -> None:
    message = (
        r"The loss after 3 updates has no finite sensitivity: its adjoint, taken backwards, stopped being finite "
        r"at update 0 \(3 of 5 steps are lost\)\. .* With Adam, give the optimizer `eps_root=1e-8`\."
    )
    with pytest.raises(NotFinite, match=message):
        _ = growing.mean


def test_a_mean_over_finite_steps_needs_no_other_step(growing: LossSensitivity) -> None:
    kept = np.flatnonzero(np.isfinite(growing.at_step).all(axis=1))
    finite = LossSensitivity(growing.steps[kept], growing.at_step[kept], growing.not_finite_at[kept])
    np.testing.assert_allclose(finite.mean[0], (5e19 + 5e29) / 2, rtol=1e-5)


@pytest.mark.parametrize("norm", [0, 3, -1, math.nan])
def test_another_norm_is_refused(norm: float) -> None:
    run = curve_run(optax.sgd(0.1))
    message = rf"`norm` must be 1, 2 or infinity \(math\.inf\); got {norm}\."
    with pytest.raises(BadInput, match=message):
        loss_sensitivity_at_step(run, (1,), norm=norm)
    with pytest.raises(BadInput, match=message):
        loss_sensitivity(run, norm=norm)
    with pytest.raises(BadInput, match=message):
        class_loss_sensitivity(run, (1,), 2, norm=norm)


def test_a_run_with_no_step_of_the_window_is_refused() -> None:
    with pytest.raises(
        BadInput, match=r"`steps` must lie in 0 to 6 for WholeSetLoss\(\) in a run of 6 updates; got none"
    ):
        loss_sensitivity(curve_run(optax.sgd(0.1)), AllSteps(every=7))


def test_windows_and_classes_without_any_are_refused() -> None:
    for make, name in ((LastSteps, "n"), (lambda n: LastSteps(every=n), "every"), (AllSteps, "every")):
        with pytest.raises(BadInput, match=rf"`{name}` must be a whole number of at least 1; got 0\."):
            make(0)
    with pytest.raises(BadInput, match=r"`n_classes` must be a whole number of at least 1; got 0\."):
        ClassLosses(0)
