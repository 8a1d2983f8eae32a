"""Inputs are in memory once: data sets, their parts and the arrays on the devices of a CPU share it."""

from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest

from byheart.data.dataset import Dataset
from byheart.data.loading.load_data import load_data
from byheart.data.noisy_dataset import noise_family
from byheart.sweeps.layout import Layout

LABELS = np.arange(40) % 2
RANDOM = np.random.default_rng(0)


def of_bytes(folder: Path) -> Dataset:
    return Dataset(RANDOM.integers(0, 256, (40, 3, 3), np.uint8), LABELS)


def of_doubles(folder: Path) -> Dataset:
    return Dataset(RANDOM.normal(size=(40, 5)), LABELS)


def a_part(folder: Path) -> Dataset:
    return of_doubles(folder).take(np.array([3, 0, 7, 6]))


def of_a_file(folder: Path) -> Dataset:
    np.save(folder / "vectors.npy", RANDOM.normal(size=(40, 5)))
    np.save(folder / "labels.npy", LABELS)
    return load_data(folder / "vectors.npy", labels=folder / "labels.npy").training


@pytest.mark.parametrize("made", [of_bytes, of_doubles, a_part, of_a_file])
def test_devices_of_a_cpu_share_the_inputs_of_a_data_set(made: Callable[[Path], Dataset], tmp_path: Path) -> None:
    data = made(tmp_path)
    family = Layout().replicated(noise_family(data, jax.random.key(0)))
    for shard in family.clean_inputs.addressable_shards:
        on_device = np.asarray(shard.data)
        np.testing.assert_array_equal(on_device, data.inputs)
        assert np.shares_memory(on_device, data.inputs)


def test_keys_are_put_on_every_device() -> None:
    key = jax.random.key(3)
    found = Layout().replicated({"key": key, "number": jax.numpy.ones(2)})
    assert len(found["key"].devices()) == len(Layout().devices)
    np.testing.assert_array_equal(jax.random.key_data(found["key"]), jax.random.key_data(key))


def test_nobody_can_write_to_inputs_that_devices_share() -> None:
    data = of_doubles(Path())
    with pytest.raises(ValueError, match="read-only"):
        data.inputs[0] = 0
    with pytest.raises(ValueError, match="WRITEABLE"):
        data.inputs.flags.writeable = True
