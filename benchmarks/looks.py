"""Errors of several looks together: Student's t on 5, 10, 20, 40 and 80 normal numbers (byheart/statistics/looks.py).

    python -m benchmarks.looks [--paths 40000000] [--first 5]

Prints, for each number of looks and each p-value of a single look, how many times more probable it is that any of the
looks has such a p-value than that one has, and the level of each look at which all together have 2.5 %. The row of five
looks for `--first 5` is copied into byheart/statistics/looks.py. Samples of other sizes give nearly the same.
"""

import argparse

import numpy as np
import scipy.special

from benchmarks.common import report
from byheart.statistics.looks import LEVELS, PLANNED

AT_ONCE = 10**6
"""Paths drawn at once."""
ERROR = 0.025


def smallest_p_values(n_paths: int, first: int, rng: np.random.Generator) -> np.ndarray:
    """Return the smallest one-sided p-value up to each look, (path, look).

    A look doubles the sample. The mean and the sum of squares of the new half are drawn, in place of its numbers.
    """
    found, n = [], 0
    total, squares = np.zeros(n_paths), np.zeros(n_paths)  # The sum of the numbers, and of their squared deviations.
    for look in range(PLANNED):
        new = first * 2**look - n
        added = rng.normal(0, np.sqrt(new), n_paths)
        between = (added / new - total / n) ** 2 * n * new / (n + new) if n else 0.0
        squares += 2 * rng.standard_gamma((new - 1) / 2, n_paths) + between
        total, n = total + added, n + new
        t = total / np.sqrt(n * squares / (n - 1))
        found.append(scipy.special.stdtr(n - 1, -t))
    return np.minimum.accumulate(found, axis=0).T


def main() -> None:
    """Simulate, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", type=int, default=4 * 10**7)
    parser.add_argument("--first", type=int, default=5, help="numbers at the first look")
    arguments = parser.parse_args()
    rng, levels = np.random.default_rng(0), np.array(LEVELS[:-1])
    counts, near = np.zeros((len(levels), PLANNED)), []
    for _ in range(arguments.paths // AT_ONCE):
        smallest = smallest_p_values(AT_ONCE, arguments.first, rng)
        counts += (smallest <= levels[:, None, None]).sum(axis=1)
        near.append(np.sort(smallest, axis=0)[int(ERROR * AT_ONCE)])
    ratios = counts / (arguments.paths // AT_ONCE * AT_ONCE) / levels[:, None]
    rows = [
        {"looks": look + 1, **{f"{level:g}": ratio for level, ratio in zip(levels, ratios[:, look], strict=True)},
         "level for 2.5 %": float(np.mean(near, axis=0)[look])}
        for look in range(PLANNED)
    ]  # fmt: skip
    report(f"looks_{arguments.first}", vars(arguments), {"Times a single look's p-value": rows})


if __name__ == "__main__":
    main()
