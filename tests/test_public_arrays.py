"""Public functions accept lists like arrays, and raise `BadInput` for anything else."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import byheart as bh
from byheart.statistics.trade_off import area_under, given_up_within, height_above, highest_accuracy, net_given_up

ERRORS = np.random.default_rng(0).random((6, 8)) < 0.5
RANDOM = np.random.default_rng(1).random
IMAGES, LABELS = RANDOM((4, 2, 2)), np.array([0, 1, 0, 1])
SETTINGS = RANDOM((4, 1))
DATA = bh.Dataset(IMAGES, LABELS)


def run(**arrays: Any) -> bh.TrainingRun:
    given: dict[str, Any] = {"inputs": RANDOM((4, 2)), "targets": RANDOM(4), "batches": [[0, 1], [2, 3]]} | arrays
    return bh.training_run(lambda p, x, y: (x @ p - y) ** 2, optax.sgd(0.1), jnp.ones(2), **given)


Call = Callable[[Any], Any]
CALLS: dict[str, tuple[Call, Any]] = {
    "dispersion": (bh.dispersion, ERRORS),
    "groups": (lambda groups: bh.dispersion(ERRORS, groups), np.arange(8) % 2),
    "split_half_correlation": (bh.split_half_correlation, ERRORS),
    "gini_coefficient": (bh.gini_coefficient, RANDOM((3, 5))),
    "rate_interval": (lambda counts: bh.rate_interval(counts, 10), np.array([0, 3, 10])),
    "watched_epochs": (lambda ended: bh.watched_epochs(ended, 10), np.array([3.0, np.inf])),
    "times": (lambda times: bh.median_time(times, [False, True]), np.array([3.0, 5.0])),
    "is_censored": (lambda marks: bh.median_time([3, 5], marks), np.array([False, True])),
    "early_stopping": (lambda accuracy: bh.early_stopping(accuracy, 2), RANDOM((3, 6))),
    "settings": (lambda settings: bh.log_time_effects([3, 5, 9, 2], np.zeros(4, bool), settings), SETTINGS),
    "log_times": (lambda times: bh.log_time_effects(times, [False] * 4, SETTINGS), np.array([3.0, 5, 9, 2])),
    "low_frequency_share": (bh.low_frequency_share, RANDOM((2, 3, 3, 1)).astype(np.float32)),
    "images": (lambda images: bh.Dataset(images, LABELS).inputs, IMAGES),
    "labels": (lambda labels: bh.Dataset(IMAGES, labels).labels, LABELS),
    "index": (lambda index: bh.Dataset(IMAGES, LABELS, index=index).index, np.arange(4)),
    "take": (lambda indices: DATA.take(indices).labels, np.array([3, 0])),
    "inputs": (lambda inputs: run(inputs=inputs).examples.inputs, RANDOM((4, 2))),
    "targets": (lambda targets: run(targets=targets).examples.targets, RANDOM(4)),
    "batches": (lambda batches: run(batches=batches).batches, np.array([[0, 1]])),
    "weights": (lambda weights: run(weights=weights).examples.weights, np.ones(4)),
    "logits": (lambda logits: bh.CrossEntropy()(logits, [0, 1]), RANDOM((2, 3)).astype(np.float32)),
    "loss_targets": (lambda targets: bh.FlooredCrossEntropy()(SETTINGS.reshape(2, 2), targets), np.array([0, 1])),
    "area_under": (lambda x: area_under(x, [0.5, 0.5]), np.array([1.0, 0.6])),
    "height_above": (lambda x: height_above(x, [0.5, 0.5], [1.0, 0.6], [0.4, 0.4]), np.array([1.0, 0.6])),
    "highest_accuracy": (lambda x: highest_accuracy(x, [0.5, 0.5]), np.array([1.0, 0.6])),
    "given_up_within": (lambda x: given_up_within(x, [0.5, 0.5], 0.1), np.array([1.0, 0.6])),
    "net_given_up": (lambda x: net_given_up(x, [0.5, 0.5], 2.0), np.array([1.0, 0.6])),
}
EVERY_CALL = pytest.mark.parametrize(("call", "array"), CALLS.values(), ids=CALLS)


@EVERY_CALL
def test_nested_lists_give_what_arrays_give(call: Call, array: np.ndarray) -> None:
    np.testing.assert_equal(_plain(call(array.tolist())), _plain(call(array)))


@EVERY_CALL
def test_what_is_no_array_is_refused_in_a_sentence(call: Call, array: np.ndarray) -> None:
    for wrong in ("abc", [["a"], ["b"]], [[1.0], [1.0, 2.0]], np.array([None] * 4), np.ma.array(array, mask=True)):
        with pytest.raises(bh.BadInput, match=r"`\w+` must "):
            call(wrong)


@EVERY_CALL
def test_other_axes_are_refused(call: Call, array: np.ndarray) -> None:
    takes_any = call is CALLS["rate_interval"][0]
    for wrong in (np.zeros((1,) * 6, array.dtype), np.zeros((), array.dtype)):
        try:
            call(wrong)
        except bh.BadInput:
            continue
        assert takes_any or wrong.ndim > 0


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return vars(value)
    return value if isinstance(value, tuple) else np.asarray(value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: bh.gini_coefficient([1.0, np.nan]),
        lambda: bh.median_time([1.0, np.nan], [False, False]),
        lambda: bh.log_time_effects([1.0, 2.0, np.nan], [False] * 3, np.ones((3, 1))),
        lambda: bh.log_time_effects([1.0, 2.0, 3.0], [False] * 3, [[1.0], [np.nan], [2.0]]),
        lambda: bh.dispersion([[0.0, np.nan], [1.0, 1.0]]),
        lambda: bh.dispersion([[0, -1], [1, 1]]),
        lambda: bh.dispersion([[0, 1], [1, 1]], [0.5, 1.0]),
        lambda: bh.dispersion([[0, 1], [1, 1]], [-1, 1]),
        lambda: bh.rate_interval([1.5], 10),
        lambda: bh.gini_coefficient([1.0, 2.0], axis=1),
        lambda: bh.early_stopping(np.ones((2, 0)), 1),
        lambda: bh.CrossEntropy()(np.ones((2, 3), np.float32), [0, 1, 2]),
    ],
)
def test_values_that_cannot_be_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(bh.BadInput):
        call()


WRONG: dict[str, Callable[[Any], Any]] = {
    "`architecture` must be": lambda it: bh.Recipe(it),
    "`regularizers` must be": lambda it: bh.Recipe(bh.MLP((4,)), regularizers=it),
    "`widths` must be": lambda it: bh.MLP(it),
    "`members` must be": lambda it: bh.PopulationSweep(bh.Recipe(bh.MLP((4,))), it),
    "`parts` must be": lambda it: bh.GridSweep(it),
    "`seed` must be": lambda it: bh.grid(seed=it),
    "`rand_x` must be": lambda it: bh.grid(rand_x=it),
    "`width` must be": lambda it: bh.grid_points(bh.Recipe(bh.MLP((4,))), width=it),
    "`training` must be": lambda it: bh.Split(it, it),
    "`dataset` must be": lambda it: bh.add_noise(it, bh.RandX(0.2)),
    "`split` must be": lambda it: bh.train(bh.Recipe(bh.MLP((4,))), [bh.Member(0)], it),
    "`seeds` must be": lambda it: bh.misclassification_rate(bh.Recipe(bh.MLP((4,))), bh.Split(DATA, DATA), it),
    "`steps` must be": lambda it: bh.loss_sensitivity_at_step(run(), it),
    "`run` must be": lambda it: bh.loss_sensitivity(it),
    "`network` must be": lambda it: bh.n_parameters(it),
    "`name_or_path` must be": lambda it: bh.load(it),
}


def refuse_other_objects() -> None:
    """Check that each call raises `BadInput` for each wrong object."""
    for said, call in WRONG.items():
        for wrong in (None, 0.5, [object()]):
            with pytest.raises(bh.BadInput, match=said):
                call(wrong)


def take_lists() -> None:
    """Check that sequences become tuples, so that values can be compared and written."""
    widths: Any = [4, 4]
    recipe = bh.Recipe(bh.MLP(widths), regularizers=[bh.Dropout()])
    assert recipe == bh.Recipe(bh.MLP((4, 4)), regularizers=(bh.Dropout(),))
    assert hash(bh.Member(0, strengths=[0.5])) == hash(bh.Member(0, strengths=(0.5,)))
    assert bh.PopulationSweep(recipe, [bh.Member(0)]).members == (bh.Member(0),)
    assert bh.CNN(widths, dense=widths) == bh.CNN((4, 4), dense=(4, 4))


def test_lists_are_taken_for_tuples_and_other_objects_refused_by_name() -> None:
    """In a separate process: here the type checker of the tests would raise first."""
    program = "import test_public_arrays as here; here.take_lists(); here.refuse_other_objects()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
