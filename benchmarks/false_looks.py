"""How often claims at five looks are wrongly said to hold, and to fail (docs/verdicts.md).

    python -m benchmarks.false_looks              # defaults: --seeds 800 --groups 2000

Groups of 80 seeds are drawn from the worlds of `false_holds`, in which networks differ by chance alone. Each claim is
judged at 5, 10, 20, 40 and 80 seeds, until it is decided. For *holds*, the mean of its numbers is moved to the
threshold of its rule, and its worst part counts. For *fails*, the mean is moved to the smallest effect that matters,
in all parts. Looks that are not corrected, each at 2.5 %, are counted beside.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import scipy.special
import xarray as xr

import byheart as bh
from benchmarks import false_worlds
from benchmarks.common import report, say
from benchmarks.false_holds import Row, numbers_of, numbers_of_groups
from benchmarks.false_worlds import CHANCES
from byheart.experiments.claims import Claim
from byheart.paper.regularization.experiment import Regularization
from byheart.statistics.looks import Looks
from byheart.statistics.rules import ERROR, Above, Between, Rule, SmallestEffect

LOOKS = Looks(5)
LEVELS = {"": LOOKS.level(ERROR), ", not corrected": ERROR}


def main() -> None:
    """Draw, judge, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=800, help="seeds of each world")
    parser.add_argument("--groups", type=int, default=2000, help="groups of 80 seeds")
    parser.add_argument("--skip", nargs="*", default=[], help="names of experiments to leave out; convergence is slow")
    arguments = parser.parse_args()
    bh.use_all_cores()
    rng, rows = np.random.default_rng(0), list[Row]()
    plain = Above(0, SmallestEffect(0.5, "half the spread"))
    for name, chance in CHANCES.items():
        drawn = chance(rng, (10 * arguments.groups, LOOKS.seeds[-1], 1))
        rows.append({"world": f"numbers, {name}", "claim": "above 0"} | wrong(plain, drawn))
        for world, made in (("chance", false_worlds.of_chance), ("near a bound", false_worlds.near_a_bound)):
            for experiment, results, _ in made(arguments.seeds, chance, rng):
                if experiment.name in arguments.skip:
                    continue
                say(f"{world}, {name}: {experiment.name}")
                for claim in experiment.claims():
                    is_costly = isinstance(experiment, Regularization)
                    numbers = drawn_groups(claim, results, arguments.groups, rng, is_costly)
                    if numbers is not None:
                        rule = claim.rule.on(claim.scale)
                        found = wrong(rule, claim.scale.forward(numbers))
                        rows.append({"world": f"{world}, {name}", "claim": claim.name} | found)
        report("false_looks", vars(arguments), {"In short": in_short(rows), "All": rows})


def drawn_groups(
    claim: Claim, results: xr.Dataset, n_groups: int, rng: np.random.Generator, is_costly: bool
) -> np.ndarray | None:
    """Return the numbers of groups of seeds, (group, seed, part), as `false_holds` draws them."""
    seeds, size = np.unique(results.seed.values), LOOKS.seeds[-1]
    groups = np.array([rng.choice(len(seeds), size, replace=False) for _ in range(n_groups)])
    return numbers_of_groups(claim, results, seeds, groups, numbers_of(claim, results), is_costly)


def wrong(rule: Rule, numbers: np.ndarray) -> Row:
    """Return how often a claim is wrongly said to hold and to fail, given numbers (group, seed, part)."""
    centered = numbers - np.nanmean(numbers, axis=(0, 1))
    edges = (rule.low, rule.high) if isinstance(rule, Between) else (rule.threshold,)
    needed = edges if isinstance(rule, Between) else (rule.needed,)
    found: Row = {}
    for title, level in LEVELS.items():
        parts = range(numbers.shape[-1])
        found[f"holds{title}"] = max(
            rate(rule, centered[..., [part]] + edge, level)[0] for edge in edges for part in parts
        )
        found[f"fails{title}"] = max(rate(rule, centered + edge, level)[1] for edge in needed)
    return found | {"groups": len(numbers)}


def rate(rule: Rule, numbers: np.ndarray, level: float) -> tuple[float, float]:
    """Return the shares of groups that are said to hold and to fail, at the first look that decides."""
    return shares_decided(rule, numbers, level)[-1]


def shares_decided(rule: Rule, numbers: np.ndarray, level: float) -> list[tuple[float, float]]:
    """Return the shares of groups that are said to hold and to fail up to each look."""
    holds, fails, found = np.zeros(len(numbers), bool), np.zeros(len(numbers), bool), []
    for n in LOOKS.seeds:
        in_favor, against = p_values(rule, numbers[:, :n])
        is_open = ~(holds | fails)
        fails |= is_open & (against < level)
        holds |= is_open & (in_favor < level) & ~fails
        found.append((float(holds.mean()), float(fails.mean())))
    return found


def p_values(rule: Rule, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the p-values for and against a claim, (group,), as `PValues.of` computes them for one group."""
    if isinstance(rule, Between):
        in_favor = np.maximum(p_above(numbers, rule.low), p_above(-numbers, -rule.high))
        against = np.fmin(p_above(-numbers, -rule.low), p_above(numbers, rule.high))
    else:
        signed, sign = rule.sign * numbers, rule.sign
        in_favor, against = p_above(signed, sign * rule.threshold), p_above(-signed, -sign * rule.needed)
    n_parts = numbers.shape[-1]
    return in_favor.max(axis=1), np.minimum(1, n_parts * np.fmin.reduce(against, axis=1))


def p_above(values: np.ndarray, threshold: float) -> np.ndarray:
    """Return one-sided p-values of Student's t test, (group, part); NaN if seeds do not differ."""
    n = np.isfinite(values).sum(axis=1)
    with np.errstate(all="ignore"):
        deviation = np.nanstd(values, axis=1, ddof=1)
        t = (np.nanmean(values, axis=1) - threshold) / deviation * np.sqrt(n)
    return np.where((n > 1) & (deviation > 0), scipy.special.stdtr(n - 1, -t), np.nan)


def in_short(rows: Sequence[Row]) -> list[Row]:
    """Return, for each world, how often its claims are wrong on average, and the claim that is wrong most often."""
    short = []
    for world in dict.fromkeys(row["world"] for row in rows):
        own, found = [row for row in rows if row["world"] == world], {"world": world}
        for side in ("holds", "fails"):
            most = max(own, key=lambda row: row[side])
            found |= {f"{side}, average": float(np.mean([row[side] for row in own])), f"{side}, most": most[side],
                      f"{side}, which": most["claim"],
                      f"{side}, not corrected, most": max(row[f"{side}, not corrected"] for row in own)}  # fmt: skip
        short.append(found | {"claims": len(own)})
    return short


if __name__ == "__main__":
    main()
