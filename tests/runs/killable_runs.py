"""Runs that take long enough to be killed: three populations of two networks, each."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tiny_runs import prepared, words

from byheart.runs.run import RESULTS

LONG_ENOUGH: dict[str, Any] = {"epochs": 40, "measured_epochs": (0, 20)}
"""Training takes about as long as the test needs to look."""
CHUNKS = 3


def begun(directory: Path, **settings: Any) -> list[str]:
    """A run of three chunks of two members, of which only the record is written; and the words that go on with it."""
    wanted = LONG_ENOUGH | settings
    prepared(directory, chunk_size=2, **wanted).record.write(directory)
    return [*words("critical-samples", **wanted), "--out", str(directory)]


def n_finished(directory: Path) -> int:
    """How many chunks are stored."""
    return len(list((directory / RESULTS).glob("*.nc")))


def wait_for(condition: Callable[[], bool]) -> None:
    """Looks every millisecond, for at most five minutes."""
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
