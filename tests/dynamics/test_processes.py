"""The log beside other programs: it starts no device of JAX, and outlives a kill."""

import subprocess
import sys
from pathlib import Path

import pytest

import byheart as bh

LOGGING = """
import sys
import numpy as np
import byheart as bh

dynamics = bh.Dynamics(100, labels=np.arange(100) % 2)
epochs = int(sys.argv[2])
for epoch in range(epochs):
    for index in np.array_split(np.random.default_rng(epoch).permutation(100), 4):
        dynamics.batch(index, np.random.default_rng(epoch).normal(size=(25, 2)))
        dynamics.save(sys.argv[1])
    dynamics.end_epoch()
    print(epoch, flush=True)
"""


def test_logging_starts_no_device_of_jax(tmp_path: Path) -> None:
    """JAX would take most of a GPU's memory, and warn of workers of loaders that are forked."""
    check = "from jax._src import xla_bridge; dynamics.scores(); sys.exit(bool(xla_bridge._backends))"
    words = [sys.executable, "-c", f"{LOGGING}\n{check}", str(tmp_path / "log.npz"), "2"]
    assert subprocess.run(words, check=False, stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.slow
def test_a_log_that_is_saved_all_the_time_is_whole_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "log.npz"
    process = subprocess.Popen([sys.executable, "-c", LOGGING, str(path), "1000000"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    dynamics = bh.Dynamics.load(path)
    assert dynamics.epochs >= 4
    assert len(dynamics.scores()) == 100
    dynamics.batch([0], [[2.0, 0.0]])
