"""Fixtures that run the command line inside the process of the test."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import numpy as np
import pytest

from byheart.cli.main import main
from byheart.execution import local_executor

Outcome = tuple[int, str, str]
"""Exit status, standard output, standard error."""


@pytest.fixture
def byheart(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Outcome]]:
    """Return a function that runs the command on a machine that seems to have two cores, as many as devices."""
    assert jax.device_count() == 2
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1}, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.delenv("BYHEART_DATA", raising=False)
    before = signal.getsignal(signal.SIGTERM)

    def run(*words: str) -> Outcome:
        try:
            status = main(list(words))
        except SystemExit as ending:  # how tyro ends: help, or arguments it cannot read
            status = ending.code if isinstance(ending.code, int) else 1
        return status, *capsys.readouterr()

    yield run
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make training fail."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("something is trained")

    monkeypatch.setattr(local_executor, "computed", refuse)


@pytest.fixture
def my_data(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes 120 images of three classes to an NPZ file, with changed, new or removed arrays."""

    def save(**changes: np.ndarray | None) -> str:
        labels = np.arange(120) % 3
        images = np.random.default_rng(0).uniform(0, 0.5, (120, 6, 5))
        images[np.arange(120), labels] += 0.5
        arrays = {"images": images, "labels": labels} | changes
        path = tmp_path / "my data.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
        return str(path)

    return save
