"""Settings that are numbers are checked alike for every type, and stored as Python numbers."""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
import optax
import pytest
from worlds import as_called, blobs, points

import byheart as bh

KEY, OLD_KEY = jax.random.key(3), jax.random.PRNGKey(3)
SETTINGS: list[tuple[type, str, float]] = [
    *(
        (bh.LASS, name, value)
        for name, value in {"budget": 3, "restarts": 2, "step_size": 0.5, "noise_scale": 0.5}.items()
    ),
    (bh.GlobalStop, "fewer_than", 3),
    (bh.CriticalSampleRatio, "radius", 0.5),
    (bh.CriticalSampleRatio, "n_samples", 3),
    (bh.AdversarialTraining, "weight", 0.5),
    (bh.AdversarialTraining, "radius", 0.5),
    (bh.Dropout, "rate", 0.5),
    (bh.InputDropout, "rate", 0.5),
    (bh.InputNoise, "sigma", 0.5),
    (bh.InputNoise, "scale", 0.5),
    (bh.HiddenNoise, "sigma", 0.5),
    (bh.LabelSmoothing, "share", 0.5),
    (bh.WeightDecay, "coefficient", 0.5),
    (bh.FlooredCrossEntropy, "floor", 0.5),
    *((bh.SGD, name, value) for name, value in {"learning_rate": 0.5, "momentum": 0.5, "halve_every": 3}.items()),
    *((bh.Member, name, value) for name, value in {"seed": 3, "learning_rate": 0.5}.items()),
    (bh.RandX, "level", 0.5),
    (bh.RandY, "level", 0.5),
    (bh.Subset, "n_examples", 3),
    (bh.Layout, "n_devices", 1),
    (bh.Layout, "at_once", 3),
    (bh.CNN, "kernel", 3),
    (bh.CNN, "crop", 3),
    (bh.CNN, "pool_stride", 3),
    (bh.FirstLayer, "n_shown", 3),
    (bh.LastSteps, "n", 3),
    (bh.AllSteps, "every", 3),
    (bh.Unroll, "steps_at_once", 3),
    (bh.MemoryBudget, "n_bytes", 3),
    (bh.ClassLosses, "n_classes", 3),
]
SEQUENCES: list[tuple[type, str, tuple[float, ...]]] = [
    (bh.MLP, "widths", (3, 4)),
    (bh.CNN, "channels", (3, 4)),
    (bh.CNN, "dense", (3, 4)),
    (bh.RadiusSweep, "radii", (0.25, 0.5)),
    (bh.Member, "strengths", (0.25, 0.5)),
]


def kinds(value: Any) -> list[Any]:
    """Return the same number in other types."""
    scalar = np.int64 if isinstance(value, int) else np.float32
    return [scalar(value), np.array(value), jnp.array(value)]


@pytest.mark.parametrize(("kind", "name", "value"), SETTINGS)
def test_a_number_of_any_type_is_the_same_setting_and_written_alike(kind: type, name: str, value: float) -> None:
    expected = kind(**{name: value})
    for given in kinds(value):
        made = as_called(kind, **{name: given})
        assert made == expected
        assert repr(made) == repr(expected)
        assert hash(made) == hash(expected)


@pytest.mark.parametrize(("kind", "name", "value"), SETTINGS)
def test_what_is_no_such_number_is_refused_whatever_its_type(kind: type, name: str, value: float) -> None:
    wrong = [*kinds(-1), *kinds(float("nan")), float("inf"), jnp.array([value]), np.full(3, value), "1", True, np.True_]
    for given in wrong:
        with pytest.raises(bh.BadInput, match=f"`{name}` must be .*; got "):
            as_called(kind, **{name: given})


@pytest.mark.parametrize(("kind", "name", "values"), SEQUENCES)
def test_a_sequence_of_any_type_is_the_same_setting_and_written_alike(
    kind: type, name: str, values: tuple[float, ...]
) -> None:
    expected = kind(**{name: values})
    for given in (list(values), np.array(values), jnp.array(values), tuple(map(np.array, values))):
        made = as_called(kind, **{name: given})
        assert made == expected
        assert repr(made) == repr(expected)
        assert hash(made) == hash(expected)
    for given in (3, None, "34", [[3, 4]], jnp.array([jnp.nan]), [None]):
        with pytest.raises(bh.BadInput, match=f"`{name}` must be "):
            as_called(kind, **{name: given})


def test_seeds_that_jax_would_cut_off_are_refused() -> None:
    """`jax.random.key(2**32)` is `jax.random.key(0)`."""
    for make in (bh.Member, lambda seed: bh.add_noise(blobs().training, bh.RandY(0.5), seed=seed)):
        with pytest.raises(bh.BadInput, match="`seed` must be at most 2147483647; got 4294967296"):
            make(seed=2**32)


@pytest.mark.parametrize("batches", [bh.Shuffled(), bh.WithReplacement()])
def test_minibatches_are_drawn_with_one_key_and_of_counts(batches: Callable[..., Any]) -> None:
    made = inspect.unwrap(type(batches).__call__)
    expected = made(batches, 10, 2, 7, KEY)
    np.testing.assert_array_equal(made(batches, jnp.array(10), np.int64(2), np.array(7), OLD_KEY), expected)
    for wrong in ((0, 2, 7), (10, 0, 7), (10, 2, 0), (10, 2.5, 7), (10, 2, jnp.array(-1))):
        with pytest.raises(bh.BadInput, match="must be a whole number of at least 1"):
            made(batches, *wrong, KEY)


@pytest.mark.parametrize(
    "use",
    [
        lambda key: bh.Shuffled()(4, 2, 3, key),
        lambda key: bh.WithReplacement()(4, 2, 3, key),
        lambda key: bh.noise_family(blobs().training, key, bh.RandX(1.0)).at(bh.RandX(1.0)).inputs,
        lambda key: bh.MLP((3,)).build((4, 4, 1), 2, key).layers[0].weight,
        lambda key: bh.CNN((3,), (), crop=0, kernel=3, pool=2).build((4, 4, 1), 2, key).output.weight,
        lambda key: (
            bh.critical_samples(
                bh.MLP(()).build((4, 4, 1), 2, KEY), points(3), radius=0.5, search=bh.LASS(2), key=key
            ).critical_point
        ),
    ],
)
def test_every_public_function_takes_a_key_of_either_kind(use: Callable[[Any], Any]) -> None:
    np.testing.assert_array_equal(use(KEY), use(OLD_KEY))


@pytest.fixture
def _as_users_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return the function without the tests' type checks."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.mark.usefixtures("_as_users_run_it")
def test_steps_norms_and_classes_of_sensitivities_are_numbers_of_any_type() -> None:
    network = bh.MLP((3,)).build((4, 4, 1), 2, KEY)
    run = bh.network_run(network, optax.sgd(0.1), points(4), jnp.array([0, 1, 0, 1]), bh.Shuffled()(4, 2, 3, KEY))
    at_step, by_class = bh.loss_sensitivity_at_step, bh.class_loss_sensitivity
    expected = at_step(run, [1, 3], norm=2).at_step
    np.testing.assert_array_equal(at_step(run, jnp.array([1, 3]), norm=jnp.array(2.0)).at_step, expected)
    np.testing.assert_array_equal(by_class(run, [2], np.array(2)), by_class(run, [2], 2))
    for wrong in ([1.5], ["1"], 3, [True]):
        with pytest.raises(bh.BadInput, match="`steps` must be a "):
            at_step(run, wrong)
    for wrong in (jnp.array([1, 2]), 3, "1", None):
        with pytest.raises(bh.BadInput, match="`norm` must be 1, 2 or infinity"):
            at_step(run, [1], norm=wrong)


@pytest.mark.usefixtures("_as_users_run_it")
def test_a_grid_and_a_cost_take_numbers_of_any_type() -> None:
    expected = bh.grid(seed=range(2), rand_y=[0.0, 0.5], strengths=[(0.25,)])
    made = bh.grid(seed=jnp.arange(2), rand_y=np.array([0.0, 0.5]), strengths=np.array([[0.25]]))
    assert repr(made) == repr(expected)
    for wrong in ({"seed": 3}, {"seed": [0.5]}, {"rand_x": ["a"]}, {"learning_rate": [np.nan]}, {"strengths": [0.5]}):
        with pytest.raises(bh.BadInput, match=f"`{next(iter(wrong))}` must be "):
            bh.grid(**wrong)
    recipe, cost = bh.Recipe(bh.MLP((3,))), bh.training_cost
    assert cost(recipe, np.array(40), jnp.array([4, 4, 1]), np.int64(2)) == cost(recipe, 40, (4, 4, 1), 2)
    with pytest.raises(bh.BadInput, match="`n_training` must be a whole number"):
        cost(recipe, 40.5, (4, 4, 1), 2)


def test_settings_that_are_sequences_may_be_lists() -> None:
    listed = as_called(bh.Recipe, architecture=as_called(bh.MLP, widths=[3, 4]), regularizers=[bh.Dropout(0.5)])
    assert listed == bh.Recipe(bh.MLP((3, 4)), regularizers=(bh.Dropout(0.5),))
    made = as_called(
        bh.PopulationSweep, recipe=listed, members=[bh.Member(0)], measures=[bh.Accuracy()], measured_epochs=[0, 1]
    )
    assert made == bh.PopulationSweep(listed, (bh.Member(0),), (bh.Accuracy(),), (0, 1))
    with pytest.raises(bh.BadInput, match="`sets` must be a sequence; got 'training'"):
        as_called(bh.CriticalSampleRatio, sets="training")
