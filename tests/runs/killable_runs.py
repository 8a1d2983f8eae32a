"""Runs of three populations of two networks that take long enough to be killed."""

from pathlib import Path
from typing import Any

from tiny_runs import prepared, words

from byheart.runs.run import RESULTS

LONG_ENOUGH: dict[str, Any] = {"epochs": 40, "measured_epochs": (0, 20)}
"""Training takes long enough for a test to watch it."""
CHUNKS = 3


def begun(directory: Path, **settings: Any) -> list[str]:
    """Write the record of a run of three chunks of two members; return the command that resumes it."""
    wanted = LONG_ENOUGH | settings
    prepared(directory, chunk_size=2, **wanted).record.write(directory)
    return [*words("critical-samples", **wanted), "--out", str(directory)]


def n_finished(directory: Path) -> int:
    """Return the number of stored chunks."""
    return len(list((directory / RESULTS).glob("*.nc")))
