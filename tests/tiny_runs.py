"""Tiny runs: three networks per seed on 100 digits, for two or three epochs."""

import dataclasses
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from byheart.critical.lass import LASS
from byheart.data.loading.load import load
from byheart.data.split import Split
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.search_experiment import SearchExperiment
from byheart.networks.mlp import MLP
from byheart.paper.catalog import EXPERIMENTS
from byheart.runs.run import PreparedRun, prepare

SETTINGS: dict[str, Any] = {
    "seeds": 2,
    "architecture": MLP((8,)),
    "n_training": 100,
    "n_validation": 50,
    "batch_size": 20,
    "epochs": 2,
    "measured_epochs": (0, 1),
    "search": LASS(budget=3),
    "n_samples": 20,
}
LEVELS: dict[str, Any] = {"noise_levels": (0.0, 0.4), "radii": (3.0, 10.0)}


def tiny(name: str, split: Split, **settings: Any) -> SearchExperiment:
    """Return an experiment by name with `SETTINGS` and other settings."""
    own = LEVELS if name == "patterns-first" else {}
    return dataclasses.replace(EXPERIMENTS[name].for_scale("tiny", DataSummary.of(split)), **SETTINGS | own | settings)


def words(name: str, **settings: Any) -> list[str]:
    """Return the command-line arguments of `tiny(name)`."""
    own = LEVELS if name == "patterns-first" else {}
    found = ["run", name]
    for setting, value in (SETTINGS | own | settings).items():
        values = value if isinstance(value, tuple) else (value,)
        found += [f"--{setting.replace('_', '-')}", *(one if isinstance(one, str) else repr(one) for one in values)]
    return found


def prepared(
    directory: Path,
    name: str = "critical-samples",
    split: Split | None = None,
    chunk_size: int | None = None,
    **settings: Any,
) -> PreparedRun:
    """Prepare a tiny run, with the given chunk size if there is one."""
    split = split or load("digits")
    run = prepare([tiny(name, split, **settings)], split, "digits", "tiny", directory)
    if chunk_size is None:
        return run
    parts = [dataclasses.replace(part, chunk_sizes=(chunk_size,)) for part in run.record.parts]
    return dataclasses.replace(run, record=dataclasses.replace(run.record, parts=tuple(parts)))


def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start `byheart` in another process, on two CPU devices."""
    environment = os.environ | {"XLA_FLAGS": "", "PYTHONWARNINGS": "error::RuntimeWarning", **options.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", "byheart", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **options,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return the exit status, standard output and standard error."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def wait_for(condition: Callable[[], bool]) -> None:
    """Poll `condition` every two milliseconds, for at most ten minutes: Ray starts slowly beside other work."""
    deadline = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def file_hashes(directory: Path) -> dict[str, str]:
    """Return a hash of each file of a directory, without those of its folders."""
    files = [path for path in directory.iterdir() if path.is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def numbers(directory: Path) -> dict[str, dict[str, str]]:
    """Return a hash of every variable's bytes for each result file, so that runs can be compared exactly."""
    found = {}
    for path in sorted((directory / "results").glob("*.nc")):
        dataset = xr.load_dataset(path, engine="h5netcdf")
        found[path.name] = {
            str(name): hashlib.sha256(np.ascontiguousarray(variable.values).tobytes()).hexdigest()
            for name, variable in dataset.variables.items()
        }
    return found
