"""Measures of one run on gradients made by hand: norms, means over windows and classes, and lost adjoints."""

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.sweeps.results import NEVER
from byheart.unrolling.loss_sensitivity import AllSteps, LastSteps
from byheart.unrolling.losses import ClassLosses, MinibatchLoss, MinibatchLosses, WholeSetLoss, class_members
from byheart.unrolling.run_measures import MeanClassSensitivity, MeanLossSensitivity, RunGradients, RunMeasure
from byheart.unrolling.training_run import Examples

AT_TWO = MeanLossSensitivity((3, 6), LastSteps(2, every=1), WholeSetLoss())
OF_CLASSES = MeanClassSensitivity(6, LastSteps(2, every=1))
OF_EACH = MeanClassSensitivity(6, LastSteps(2, every=1), each_loss=True)
LABELS = np.array([0, 0, 1, 2])
MEMBER = class_members(jnp.asarray(LABELS), 3)
NO_BATCHES = np.zeros((4, 2), int)


def of_inputs(*inputs: list[float]) -> Examples:
    """Return the gradient with respect to inputs of two pixels."""
    nothing = jnp.zeros(len(inputs))
    return Examples(jnp.array(inputs, jnp.float32).reshape(-1, 1, 2, 1), nothing, nothing)


def found(
    kept: np.ndarray, lost: dict[tuple[int, int], int] | None = None, batch_labels: Any = NO_BATCHES
) -> RunGradients:
    """Return gradients whose adjoints at (step, scalar) were lost at some update, so that their numbers are NaN."""
    kept, not_finite_at = np.array(kept, np.float32), np.full(np.shape(kept)[:2], NEVER)
    for place, update in (lost or {}).items():
        kept[place], not_finite_at[place] = np.nan, update
    return RunGradients(kept, not_finite_at, np.asarray(batch_labels)[: len(kept)])


def sensitivities() -> np.ndarray:
    """Return distinct numbers (4 steps, 1 scalar, 3 norms, 2 examples)."""
    return np.arange(24.0).reshape(4, 1, 3, 2)


def test_steps_are_those_of_all_windows_each_once() -> None:
    assert MeanLossSensitivity((4, 6, 9), LastSteps(4, every=1), WholeSetLoss()).steps == tuple(range(9))
    assert MeanLossSensitivity((4, 9), AllSteps(2), WholeSetLoss()).steps == (2, 4, 6, 8)
    assert AT_TWO.steps == (1, 2, 4, 5)
    assert OF_CLASSES.steps == (4, 5)


def test_the_loss_is_one_number_and_classes_or_examples_of_a_minibatch_are_many() -> None:
    assert AT_TWO.scalars(3) == WholeSetLoss()
    assert MeanLossSensitivity((3,), LastSteps(), MinibatchLoss()).scalars(3) == MinibatchLoss()
    assert OF_CLASSES.scalars(3) == ClassLosses(3)
    assert OF_EACH.scalars(3) == MinibatchLosses()


def test_all_norms_of_each_inputs_part_are_kept() -> None:
    kept = AT_TWO.keep(of_inputs([3, -4], [0, 0]), None, MEMBER[:2])
    np.testing.assert_array_equal(kept, [[7, 0], [5, 0], [4, 0]])


def test_the_direct_path_is_added_before_the_norm() -> None:
    kept = AT_TWO.keep(of_inputs([3, -4], [1, 1]), of_inputs([0, 4], [-1, 1]), MEMBER[:2])
    np.testing.assert_array_equal(kept, [[3, 2], [3, 2], [3, 2]])


def test_sensitivities_are_means_over_each_window() -> None:
    numbers = AT_TWO.numbers(found(sensitivities()))
    np.testing.assert_array_equal(numbers["loss_sensitivity"][0], [[3, 4], [5, 6], [7, 8]])
    np.testing.assert_array_equal(numbers["loss_sensitivity"][1], [[15, 16], [17, 18], [19, 20]])
    assert numbers["sensitivity_lost_at"].tolist() == [NEVER, NEVER]


def test_windows_that_overlap_share_steps() -> None:
    measure = MeanLossSensitivity((2, 3), LastSteps(2, every=1), WholeSetLoss())
    numbers = measure.numbers(found(sensitivities()[:3]))
    np.testing.assert_array_equal(numbers["loss_sensitivity"][:, 0], [[3, 4], [9, 10]])


@pytest.mark.parametrize(
    ("lost", "lost_at"),
    [({(3, 0): 2}, [NEVER, 2]), ({(2, 0): 0, (3, 0): 4}, [NEVER, 0]), ({(1, 0): 0}, [0, NEVER])],
)
def test_a_horizon_that_lost_an_adjoint_has_nan_and_the_update_and_others_keep_their_numbers(
    lost: dict[tuple[int, int], int], lost_at: list[int]
) -> None:
    numbers = AT_TWO.numbers(found(sensitivities(), lost))
    whole = AT_TWO.numbers(found(sensitivities()))["loss_sensitivity"]
    assert numbers["sensitivity_lost_at"].tolist() == lost_at
    for values, expected, at in zip(numbers["loss_sensitivity"], whole, lost_at, strict=True):
        np.testing.assert_array_equal(values, expected if at == NEVER else np.full_like(expected, np.nan))


def test_where_one_number_alone_is_not_finite_the_whole_horizon_is_lost() -> None:
    """With an adjoint that is not finite, examples that no update saw still have finite gradients."""
    kept = found(sensitivities(), {(3, 0): 2})
    kept.kept[3] = 1
    numbers = AT_TWO.numbers(kept)
    assert np.isnan(numbers["loss_sensitivity"][1]).all()
    assert numbers["sensitivity_lost_at"].tolist() == [NEVER, 2]


def test_a_norm_that_overflows_while_its_adjoint_stays_finite_is_lost_too() -> None:
    """Single precision holds 1e20, but not its square, which the l2 norm adds up."""
    kept = np.ones((4, 1, 3, 2))
    kept[3, 0] = np.asarray(AT_TWO.keep(of_inputs([1e20, 1e20], [1, 1]), None, MEMBER[:2]))
    numbers = AT_TWO.numbers(found(kept))
    assert not np.isinf(numbers["loss_sensitivity"]).any()


def test_a_window_is_summed_in_double_precision() -> None:
    kept = np.full((4, 1, 3, 2), 3e38)
    assert np.isfinite(AT_TWO.numbers(found(kept))["loss_sensitivity"]).all()


def test_of_each_number_the_means_over_classes_of_inputs_are_kept_without_and_with_the_direct_path() -> None:
    gradient, direct = of_inputs([1, -2], [3, 2], [-4, 0], [0, 7]), of_inputs([0, 2], [0, 0], [-1, 0], [1, -7])
    kept = OF_CLASSES.keep(gradient, direct, MEMBER)
    np.testing.assert_array_equal(kept, [[(3 + 5) / 2, 4, 7], [(1 + 5) / 2, 5, 1]])


def test_a_class_without_inputs_moves_nothing() -> None:
    gradient = of_inputs([1, -2], [3, 2])
    kept = OF_CLASSES.keep(gradient, gradient, class_members(jnp.array([0, 2]), 3))
    np.testing.assert_array_equal(kept, [[3, 0, 5], [6, 0, 10]])


def rows(n_scalars: int) -> np.ndarray:
    """Return distinct numbers (2 steps, scalar, 2 paths, 3 classes)."""
    return np.arange(2.0 * n_scalars * 6).reshape(2, n_scalars, 2, 3)


def test_class_sensitivity_is_the_mean_over_steps() -> None:
    numbers = OF_CLASSES.numbers(found(rows(3)))
    np.testing.assert_array_equal(numbers["class_sensitivity"], [[9, 10, 11], [15, 16, 17], [21, 22, 23]])
    np.testing.assert_array_equal(numbers["class_sensitivity_with_direct_path"], numbers["class_sensitivity"] + 3)
    assert numbers["class_sensitivity_lost_at"] == NEVER


def test_with_each_loss_the_row_of_a_class_is_the_mean_over_its_examples_in_all_minibatches() -> None:
    """Class 0 occurs once in the first minibatch and twice in the second, class 1 once in the first, class 2 never."""
    kept = rows(2)
    numbers = OF_EACH.numbers(found(kept, batch_labels=[[0, 1], [0, 0]]))
    for path, name in enumerate(("class_sensitivity", "class_sensitivity_with_direct_path")):
        of_class_0 = (kept[0, 0, path] + kept[1, 0, path] + kept[1, 1, path]) / 3
        np.testing.assert_allclose(numbers[name], [of_class_0, kept[0, 1, path], [np.nan] * 3])
    assert numbers["class_sensitivity_lost_at"] == NEVER


@pytest.mark.parametrize(("measure", "n_scalars"), [(OF_CLASSES, 3), (OF_EACH, 2)], ids=["mean", "each"])
def test_one_lost_adjoint_of_a_class_loses_both_matrices(measure: MeanClassSensitivity, n_scalars: int) -> None:
    numbers = measure.numbers(found(rows(n_scalars), {(1, 1): 3}, [[0, 1], [1, 2]]))
    assert np.isnan(numbers["class_sensitivity"]).all()
    assert np.isnan(numbers["class_sensitivity_with_direct_path"]).all()
    assert numbers["class_sensitivity_lost_at"] == 3


@pytest.mark.parametrize(
    ("measure", "kept"), [(AT_TWO, sensitivities()), (OF_CLASSES, rows(3)), (OF_EACH, rows(2))], ids=lambda one: ""
)
def test_numbers_have_the_axes_that_variables_say(measure: RunMeasure, kept: np.ndarray) -> None:
    assert isinstance(measure, RunMeasure)
    variables = measure.variables(n_examples=2, n_classes=3)
    numbers = measure.numbers(found(kept, batch_labels=[[0, 1], [0, 2], [0, 0], [0, 0]]))
    assert numbers.keys() == variables.keys()
    for name, variable in variables.items():
        assert np.shape(numbers[name]) == tuple(len(values) for _, values in variable.axes), name
        assert variable.long_name
    assert dict(AT_TWO.variables(2, 3)["loss_sensitivity"].axes)["norm"] == (1, 2, math.inf)


@pytest.mark.parametrize("horizons", [(), (3, 3), (6, 3), (0, 3)])
def test_horizons_that_do_not_ascend_are_refused(horizons: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match="`horizons` must"):
        MeanLossSensitivity(horizons, LastSteps(), WholeSetLoss())


def test_a_horizon_before_the_first_update_is_refused() -> None:
    with pytest.raises(BadInput, match="`horizon` must be a whole number of at least 1; got 0"):
        MeanClassSensitivity(0, LastSteps())
