"""Time of an audit with nothing kept from earlier runs, the choice of size and epochs and compiling included.

    python -m benchmarks.audit_time

Each audit runs in a process of its own, whose folder of compiled programs is empty. Vectors are drawn around the mean
of their class.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import byheart as bh
from benchmarks import common
from benchmarks.common import report, say

N_IMAGES, N_VECTORS, N_FEATURES = 10_000, 50_000, 512


def images() -> bh.Audit:
    """Audit 10,000 images of MNIST with default settings."""
    data = common.images("mnist", training=N_IMAGES * 9 // 10, validation=N_IMAGES // 10)
    return bh.audit(data, show_progress=False)


def vectors(**settings: Any) -> bh.Audit:
    """Audit 50,000 made vectors of 512 numbers."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, N_VECTORS)
    centers = 0.15 * rng.normal(size=(10, N_FEATURES))
    inputs = (rng.normal(size=(N_VECTORS, N_FEATURES)) + centers[labels]).astype(np.float32)
    return bh.audit(inputs, labels, show_progress=False, **settings)


AUDITS: dict[str, Callable[[], bh.Audit]] = {
    "MNIST, defaults": images,
    "vectors, defaults": vectors,
    "vectors, MLP 256-256, 10 epochs": lambda: vectors(architecture=bh.MLP((256, 256)), epochs=10),
}


def main() -> None:
    """Run one audit if it is named; otherwise all, each in a process, and store the table."""
    if len(sys.argv) > 1:
        bh.use_all_cores()
        start = time.perf_counter()
        summary = AUDITS[sys.argv[1]]().summary
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        recipe = f"{summary['recipe']['architecture']}, {summary['recipe']['epochs']} epochs"
        print(f"{time.perf_counter() - start:.1f}|{megabytes:.0f}|{recipe}")
        return
    environment = {name: value for name, value in os.environ.items() if name != "JAX_COMPILATION_CACHE_DIR"}
    rows = []
    for name in AUDITS:
        say(name)
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "benchmarks.audit_time", name]
            done = subprocess.run(
                command, env=environment | {"BYHEART_CACHE": folder}, capture_output=True, text=True, check=True
            )
        seconds, megabytes, recipe = done.stdout.strip().splitlines()[-1].split("|")
        rows.append({"audit": name, "seconds": float(seconds), "peak memory, MB": int(megabytes), "recipe": recipe})
    report("audit_time", {"networks": 40}, {"Time": rows})


if __name__ == "__main__":
    main()
