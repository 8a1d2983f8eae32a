"""Data of one's own, loaded, trained and measured: seconds, and the largest memory beside the size of the data.

    python -m benchmarks.loading [--folder FOLDER]

The sources are made in FOLDER, which needs 4 GB, and removed. For each, a new process loads it by `byheart.load_data`;
trains one network for an epoch on all training examples; and measures it: accuracy, which examples it misclassifies,
and the critical sample ratio of 1,000 inputs. Seconds include compilation. Memory is that of the process without pages
of mapped files, which the system may drop at any time; it includes byheart itself, about 120 MiB.
"""

import argparse
import itertools
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
WORK = "import sys, benchmarks.loading as here; here.work(sys.argv[1])"
STAGES = ("loaded", "trained", "measured")


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


class Peak:
    """The largest memory of this process since the last reading, seen by a thread every 20 ms."""

    def __init__(self) -> None:
        self._process, self._peak, self._is_done = psutil.Process(), 0, threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._is_done.wait(0.02):
            memory = self._process.memory_info()
            self._peak = max(self._peak, memory.rss - memory.shared)

    def read(self) -> float:
        """Return the peak in MiB, and begin anew."""
        peak, self._peak = self._peak, 0
        return peak / MIB


def work(words: str) -> None:
    """Load a source, train and measure a network in this process; print seconds and memory as JSON.

    `words` is JSON: arguments of load_data.
    """
    import byheart as bh

    memory, times, peaks = Peak(), [time.perf_counter()], []

    def passed() -> None:
        times.append(time.perf_counter())
        peaks.append(memory.read())

    split = bh.load_data(**json.loads(words), progress=False)
    passed()
    is_large = split.training.are_images and split.input_shape[0] >= 32
    recipe = bh.Recipe(bh.CNN((32, 32)) if is_large else bh.MLP((256, 256)), bh.SGD(0.01), batch_size=128, epochs=1)
    radius = bh.Pixels(3) if split.training.are_images else bh.StandardDeviations(0.1)
    measures = (bh.Accuracy(), bh.Misclassified(), bh.CriticalSampleRatio(radius, n_samples=1000))
    sweep = bh.PopulationSweep(recipe, (bh.Member(seed=0),), final_measures=measures)
    bh.Population(sweep, split).train(sweep.members, on_epoch=lambda epoch: passed() if epoch == 1 else None)
    passed()
    seconds = [after - before for before, after in itertools.pairwise(times)]
    size = split.training.inputs.nbytes + split.validation.inputs.nbytes
    row = {f"{stage}, s": one for stage, one in zip(STAGES, seconds, strict=True)}
    row |= {"data, MiB": size / MIB} | {f"peak, {stage}, MiB": one for stage, one in zip(STAGES, peaks, strict=True)}
    print(json.dumps(row))


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
            done = subprocess.run([sys.executable, "-c", WORK, words], stdout=subprocess.PIPE, text=True, check=True)
            rows.append({"source": title, **json.loads(done.stdout)})
            common.say(json.dumps(rows[-1]))
        finally:
            shutil.rmtree(folder)
    common.report("loading", {}, {"Loading": rows})


if __name__ == "__main__":
    main()
