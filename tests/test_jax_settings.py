"""Global settings of JAX change no number, and a missing platform is reported in one sentence."""

import contextlib
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tiny_runs import ended, start
from worlds import blobs, curved, points

import byheart as bh
from byheart.jax_settings import unusual, usual_settings

SPLIT, KEY = blobs(), jax.random.key(0)
CNN = bh.CNN((3,), (4,), crop=0, kernel=3, pool=2)


@contextlib.contextmanager
def strictest(checks_leaks: bool = True) -> Iterator[None]:
    """Use double precision and strict promotion, and raise for every NaN and every leaked tracer.

    The check for leaks compiles each program again at each call.
    """
    promotion = jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict")
    leaks = jax.checking_leaks() if checks_leaks else contextlib.nullcontext()
    with jax.enable_x64(True), promotion[0], promotion[1], jax.debug_nans(True), leaks:
        yield


@pytest.mark.slow
def test_networks_are_trained_and_measured_with_the_same_numbers_in_float32_under_all_of_them() -> None:
    """With every regularizer and a decaying learning rate, which Optax cannot do under strict promotion."""
    regularizers = (
        bh.AdversarialTraining(radius=0.3),
        bh.Dropout(),
        bh.InputNoise(),
        bh.HiddenNoise(),
        bh.WeightDecay(),
    )
    recipe = bh.Recipe(CNN, bh.SGD(0.1, 0.9, 1), 8, 2, regularizers=regularizers)
    search = bh.LASS(3, clip_pixels=True)
    measures = (bh.Accuracy(), bh.CriticalSampleRatio(0.1, search, ("validation", "training")))

    def trained() -> bh.TrainedPopulation:
        return bh.train(
            recipe, [bh.Member(0, (bh.RandX(0.4),)), bh.Member(1, (bh.RandY(0.4),))], SPLIT, measures=measures
        )

    plain = trained()
    with strictest():
        found = trained()
    assert all(leaf.dtype == np.float32 for leaf in jax.tree.leaves(found.networks))
    jax.tree.map(np.testing.assert_array_equal, found.networks, plain.networks)
    assert found.trace.identical(plain.trace)


@pytest.mark.parametrize("stop", [bh.EachSample(), bh.GlobalStop(1)])
def test_critical_samples_are_the_same_in_float32_under_all_of_them(stop: bh.EachSample | bh.GlobalStop) -> None:
    search, network, images = bh.LASS(4, stop=stop), curved(), points(20)
    plain = bh.critical_samples(network, images, radius=0.1, search=search, key=KEY)
    with strictest():
        found = bh.critical_samples(network, np.asarray(images, np.float64), radius=0.1, search=search, key=KEY)
    assert 0 < plain.ratio < 1
    jax.tree.map(np.testing.assert_array_equal, found, plain)
    assert found.critical_point.dtype == np.float32


@pytest.mark.slow
@pytest.mark.parametrize("architecture", [CNN, bh.MLP((5,))], ids=repr)
def test_a_run_is_differentiated_in_the_precision_of_its_network(architecture: bh.CNN | bh.MLP) -> None:
    """A trained network is float32; a network built in double precision stays double."""
    batches = bh.Shuffled()(40, 8, 4, KEY)

    def sensitivity(network: bh.Network) -> np.ndarray:
        run = bh.network_run(network, optax.sgd(0.1), SPLIT.training.inputs, SPLIT.training.labels, batches)
        return bh.loss_sensitivity(run, bh.AllSteps(2))

    trained = architecture.build((4, 4, 1), 2, KEY)
    plain = sensitivity(trained)
    with strictest(checks_leaks=architecture == CNN):
        np.testing.assert_allclose(sensitivity(trained), plain, rtol=1e-5)
    with strictest(checks_leaks=False):
        exact = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), trained)
        assert sensitivity(exact).dtype == np.float64
        np.testing.assert_allclose(sensitivity(exact), plain, rtol=1e-3)
        assert {leaf.dtype for leaf in jax.tree.leaves(architecture.build((4, 4, 1), 2, KEY))} == {np.dtype(float)}


def test_settings_that_are_not_jaxs_own_are_named() -> None:
    assert unusual() == {}
    with strictest():
        assert unusual() == {
            "jax_enable_x64": True,
            "jax_numpy_rank_promotion": "raise",
            "jax_numpy_dtype_promotion": "strict",
            "jax_debug_nans": True,
        }
        with usual_settings():
            assert unusual() == {}


@pytest.mark.parametrize("command", ["run easy-examples", "reproduce --dry-run"])
def test_a_platform_that_is_not_there_ends_a_command_with_one_sentence(command: str, tmp_path: object) -> None:
    process = start(*command.split(), "--out", f"{tmp_path}/out", env={"JAX_PLATFORMS": "quantum"})
    status, out, err = ended(process)
    assert (status, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith(
        "byheart: JAX cannot start here; unset JAX_PLATFORMS, which is quantum, or set it to cpu. JAX reports: "
    )


def test_the_command_line_says_which_settings_it_takes_no_notice_of(tmp_path: object) -> None:
    process = start("run", "easy-examples", "--seeds", "0", env={"JAX_ENABLE_X64": "1", "JAX_DEBUG_NANS": "1"})
    status, _, err = ended(process)
    assert status == 2
    first, second = err.splitlines()
    assert first == (
        "byheart: JAX is set to jax_enable_x64=True, jax_debug_nans=True; runs ignore these settings, "
        "so that their numbers are the same everywhere."
    )
    assert second == "byheart: `seeds` must be a whole number of at least 1; got 0."
