"""W5: the Gini coefficient of up to ten million values, against its definition and a plain sort.

    python -m benchmarks.w5_gini

The definition is the mean absolute difference of all n^2 pairs, computed in blocks of rows that stay in the cache; it
is measured for the smallest n only. The floor is NumPy's sort: in double precision, in which byheart computes, and in
the single precision of the values. Small n are computed several times per round, so that a round is long enough to be
timed. One core is used. "Slope" is that of log seconds over log n from the row before: 2 for a method that compares all
pairs; the slope of n log n is in another column.
"""

import argparse
import functools
import math
from collections.abc import Callable

import numpy as np

from benchmarks import common
from byheart.statistics.gini import gini_coefficient

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
VALUES_IN_ROUND = 3_000_000
"""Least number of values computed in a round, by repetition."""
ROWS = 64
"""Rows of pairs computed at once."""


def by_definition(values: np.ndarray) -> float:
    """Return sum_ij |x_i - x_j| / (2 n sum_i x_i), in double precision."""
    numbers = values.astype(np.float64)
    blocks = (numbers[start : start + ROWS, None] - numbers for start in range(0, len(numbers), ROWS))
    total = sum(float(np.abs(block, out=block).sum()) for block in blocks)
    return total / (2 * len(numbers) * float(numbers.sum()))


def repeated(method: Callable[[np.ndarray], object], values: np.ndarray, times: int) -> Callable[[int], object]:
    """Return the method, called several times."""

    def run(number: int) -> None:
        for _ in range(times):
            method(values)

    return run


def seconds(values: np.ndarray, rounds: int) -> dict[str, float]:
    """Return the seconds of one call of each method."""
    often = max(1, VALUES_IN_ROUND // len(values))
    doubles = values.astype(np.float64)
    methods = {
        "byheart": repeated(gini_coefficient, values, often),
        "sort": repeated(np.sort, doubles, often),
        "sort, single": repeated(np.sort, values, often),
    }
    for method in methods.values():
        method(0)
    once = {"definition": functools.partial(lambda values, number: by_definition(values), values)}
    times = common.interleaved(methods | (once if len(values) == min(SIZES) else {}), rounds)
    return {name: times[name].median / (1 if name == "definition" else often) for name in times}


def slopes(times: dict[int, float]) -> dict[int, float]:
    """Return the slopes of log seconds over log n, from the next smaller n."""
    pairs = zip(list(times)[:-1], list(times)[1:], strict=True)
    return {large: math.log(times[large] / times[small]) / math.log(large / small) for small, large in pairs}


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    values = {n: rng.lognormal(size=n).astype(np.float32) for n in SIZES}
    times = {n: seconds(values[n], arguments.rounds) for n in SIZES}
    growth = slopes({n: found["byheart"] for n, found in times.items()})
    expected = slopes({n: n * math.log(n) for n in SIZES})
    rows = [
        {
            "n": n,
            "byheart, ms": 1e3 * found["byheart"],
            "sort, ms": 1e3 * found["sort"],
            "sort of single precision, ms": 1e3 * found["sort, single"],
            "definition, ms": 1e3 * found.get("definition", float("nan")),
            "byheart over sort": found["byheart"] / found["sort"],
            "definition over byheart": found.get("definition", float("nan")) / found["byheart"],
            "slope": growth.get(n, float("nan")),
            "slope of n log n": expected.get(n, float("nan")),
        }
        for n, found in times.items()
    ]
    few = values[min(SIZES)]
    error = abs(gini_coefficient(few) / by_definition(few) - 1)
    title = f"Gini coefficient; relative difference from the definition {error:.1e}"
    common.report("w5_gini", {"values": "lognormal, single precision", "difference": error}, {title: rows})


if __name__ == "__main__":
    main()
