"""Training of two CNNs with the memory allocator's defaults, and with thresholds that let it keep freed memory.

    python -m benchmarks.allocator [--rounds N]

Each training runs in a process of its own, in turn. glibc's `mallopt` sets the thresholds: larger blocks are no longer
mapped and unmapped at each call, and freed memory is not given back.
"""

import argparse
import ctypes
import resource
import statistics
import subprocess
import sys
import time

import byheart as bh
from benchmarks.common import images, report, say

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""Parameters of `mallopt`, from malloc.h."""
KEEPING = {MMAP_THRESHOLD: 1 << 30, TRIM_THRESHOLD: (1 << 31) - 1, TOP_PAD: 256 << 20}
METHODS = ("defaults", "keeping")


def main() -> None:
    """Train once if a method is named; otherwise all methods in turn, and store the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("method", nargs="?", choices=METHODS)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.method:
        trained(arguments.method)
        return
    found: dict[str, list[list[float]]] = {method: [] for method in METHODS}
    for number in range(-1, arguments.rounds):  # The first round compiles.
        for method in METHODS:
            command = [sys.executable, "-m", "benchmarks.allocator", method]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            say(f"{method}: {done.stdout.strip()}")
            if number >= 0:
                found[method].append([float(word) for word in done.stdout.split()])
    rows = []
    for method, rounds in found.items():
        seconds, faults, megabytes = (statistics.median(column) for column in zip(*rounds, strict=True))
        rows.append({"allocator": method, "processor seconds": seconds, "page faults": int(faults),
                     "peak memory, MB": int(megabytes)})  # fmt: skip
    report("allocator", {"rounds": arguments.rounds, "by round": found}, {"Training": rows})


def trained(method: str) -> None:
    """Train, and print processor seconds, page faults and megabytes."""
    if method == "keeping":
        for parameter, value in KEEPING.items():
            ctypes.CDLL("libc.so.6").mallopt(parameter, value)
    bh.use_all_cores()
    split = images("cifar10", training=2000, validation=500)
    recipe = bh.Recipe(bh.CNN(channels=(32, 32)), bh.SGD(0.01), batch_size=128, epochs=6)
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.process_time()
    bh.train(recipe, bh.grid(seed=range(2)), split, show_progress=False)
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{time.process_time() - start:.2f} {after.ru_minflt - before.ru_minflt} {after.ru_maxrss / 1024:.0f}")


if __name__ == "__main__":
    main()
