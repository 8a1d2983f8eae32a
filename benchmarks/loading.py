"""Loading of data of one's own: seconds, and the largest memory of the process beside the size of the data.

    python -m benchmarks.loading [--folder FOLDER]

The sources are made in FOLDER, which needs 4 GB, and removed. Each is loaded in a new process by `byheart.load_data`.
Memory is that of the process without pages of mapped files, which the system may drop at any time; it includes byheart
itself, about 120 MiB.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from benchmarks import common

MIB = 2**20
N_VECTORS, N_FEATURES, BLOCK = 1_000_000, 512, 50_000
N_ROWS = 581_012
RANDOM = np.random.default_rng(0)
LOAD = "import sys, benchmarks.loading as here; here.load(sys.argv[1])"


def small_pictures(folder: Path) -> dict[str, object]:
    """Write 50,000 PNG files of 32 x 32 in ten class folders."""
    for number in range(50_000):
        _save(RANDOM.integers(0, 256, (32, 32, 3), np.uint8), folder / "pictures", number, "png")
    return {"source": str(folder / "pictures")}


def photographs(folder: Path) -> dict[str, object]:
    """Write 10,000 smooth JPEG files of 300 x 200 in ten class folders."""
    for number in range(10_000):
        coarse = Image.fromarray(RANDOM.integers(0, 256, (20, 30, 3), np.uint8))
        _save(np.asarray(coarse.resize((300, 200))), folder / "photographs", number, "jpg")
    return {"source": str(folder / "photographs")}


def many_files(folder: Path) -> dict[str, object]:
    """Write 100,000 PNG files of 8 x 8 in ten class folders."""
    for number in range(100_000):
        _save(RANDOM.integers(0, 256, (8, 8), np.uint8), folder / "files", number, "png")
    return {"source": str(folder / "files"), "size": 8}


def forest(folder: Path) -> dict[str, object]:
    """Write a table of the shape of forest cover data: rows of 10 measurements and 44 truth values, in 7 classes."""
    path = folder / "forest.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join([*(f"m{one}" for one in range(10)), *(f"b{one}" for one in range(44)), "label"]) + "\n")
        for start in range(0, N_ROWS, BLOCK):
            n = min(BLOCK, N_ROWS - start)
            columns = RANDOM.integers(0, 4000, (n, 10)), RANDOM.integers(0, 2, (n, 44)), RANDOM.integers(1, 8, (n, 1))
            np.savetxt(file, np.hstack(columns), fmt="%d", delimiter=",")
    return {"source": str(path)}


def embeddings(folder: Path) -> dict[str, object]:
    """Write 1,000,000 float32 vectors of 512 features, and their labels."""
    path = str(folder / "vectors.npy")
    vectors = np.lib.format.open_memmap(path, "w+", np.float32, (N_VECTORS, N_FEATURES))
    for start in range(0, N_VECTORS, BLOCK):
        vectors[start : start + BLOCK] = RANDOM.standard_normal((BLOCK, N_FEATURES), np.float32)
    vectors.flush()
    np.save(folder / "labels.npy", np.arange(N_VECTORS) % 10)
    return {"source": path, "labels": str(folder / "labels.npy")}


SOURCES: dict[str, Callable[[Path], dict[str, object]]] = {
    "50,000 PNG files of 32 x 32": small_pictures,
    "10,000 JPEG files of 300 x 200": photographs,
    "100,000 PNG files of 8 x 8": many_files,
    "a CSV file of 581,012 x 54": forest,
    "an .npy file of 1,000,000 x 512 float32": embeddings,
}


def _save(pixels: np.ndarray, folder: Path, number: int, ending: str) -> None:
    path = folder / f"class{number % 10}" / f"{number:06}.{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def load(words: str) -> None:
    """Load a source in this process; print its seconds and memory as JSON. `words` is JSON: arguments of load_data."""
    import byheart as bh

    process, peak, is_done = psutil.Process(), [0], threading.Event()

    def watch() -> None:
        while not is_done.wait(0.02):
            memory = process.memory_info()
            peak[0] = max(peak[0], memory.rss - memory.shared)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    split = bh.load_data(**json.loads(words), progress=False)
    seconds = time.perf_counter() - start
    is_done.set()
    watcher.join()
    size = split.training.inputs.nbytes + split.validation.inputs.nbytes
    print(json.dumps({"seconds": seconds, "data, MiB": size / MIB, "peak memory, MiB": peak[0] / MIB}))


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where sources are made")
    arguments = parser.parse_args()
    rows = []
    for title, make in SOURCES.items():
        folder = Path(tempfile.mkdtemp(dir=arguments.folder))
        try:
            words = json.dumps(make(folder))
            done = subprocess.run([sys.executable, "-c", LOAD, words], capture_output=True, text=True, check=True)
            rows.append({"source": title, **json.loads(done.stdout)})
        finally:
            shutil.rmtree(folder)
    common.report("loading", {}, {"Loading": rows})


if __name__ == "__main__":
    main()
