"""How often false claims hold: claims judged in worlds that are made so that they are false (docs/verdicts.md).

    python -m benchmarks.false_holds              # defaults: --seeds 80 --groups 2000 --chance-seeds 800
    python -m benchmarks.false_holds --plain      # only numbers and choices, no experiments: one minute, stores nothing
    python -m benchmarks.false_holds --only convergence --chances "skewed down" --groups 4000 --chance-seeds 2400
                                                  # a closer look at worlds of chance, in false_holds_closer.json

Small groups are drawn from the many seeds of each world, and each group is judged like a run of so few seeds. The
verdicts *holds* are counted. A world "at the threshold" is the hardest one for a claim: its numbers, of trained
networks or by chance, are shifted so that their mean over all seeds is the value that the rule names.
"""

import argparse
import concurrent.futures
import dataclasses
import itertools
import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.special
import scipy.stats
import xarray as xr

import byheart as bh
from benchmarks import false_worlds
from benchmarks.common import report, say, table
from benchmarks.false_worlds import CHANCES, DIFFERENCES
from byheart.experiments.claims import Claim, Judgment, judged_together
from byheart.experiments.experiment import Experiment
from byheart.experiments.seed_selection import chosen_by_earlier_seeds
from byheart.paper.easy_examples.claims import LIKE_CHANCE
from byheart.paper.regularization.experiment import Regularization
from byheart.statistics.intervals import interval_to_judge_by
from byheart.statistics.rules import Above, Below, Between, Rule
from byheart.statistics.scales import AsItIs

SIZES = (3, 5)
ALLOWED = 0.025
N_DEPENDENT = 200
"""Number of groups if the claim's number depends on the group, since seeds choose something for each other."""

Row = dict[str, Any]

BOUNDED: list[tuple[str, Callable[[np.ndarray], np.ndarray], str]] = [
    ("shares near 1", lambda normal: scipy.special.expit(3 + 1.5 * normal), "logit"),
    ("shares near 0", lambda normal: scipy.special.expit(1.5 * normal - 3), "logit"),
    ("correlations near 1", lambda normal: np.tanh(2 + 0.7 * normal), "Fisher's z"),
    ("times", lambda normal: 2 ** (5 + normal), "logarithm"),
]
"""Kinds of numbers: the function that makes them from normal ones, and the scale on which they are normal."""


def main() -> None:
    """Compute, print and store all tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=80)
    parser.add_argument("--groups", type=int, default=2000)
    parser.add_argument("--chance-seeds", type=int, default=800)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--only", nargs="+", help="experiments that were not trained")
    parser.add_argument("--chances", nargs="+", choices=CHANCES, default=list(CHANCES))
    chosen = parser.parse_args()
    bh.use_all_cores()
    rng = np.random.default_rng(0)
    counted = Counted(chosen.groups, rng)
    if chosen.only:
        rows = counted.of_chance(chosen.chance_seeds, chosen.chances, chosen.only)
        report("false_holds_closer", vars(chosen), {"In short": in_short(rows), "All": rows})
        return
    tables = {
        "Student's t interval itself": counted.of_numbers(),
        "Numbers near a bound": counted.of_bounded_numbers(),
        "Differences of shares near a bound": counted.of_differences(),
        "Choices by other seeds": counted.of_choices(),
    }
    if chosen.plain:
        for title, rows in tables.items():
            print(f"\n**{title}**\n\n{table(rows)}")
        return
    tables["Networks that differ by chance alone"] = counted.of_chance(chosen.chance_seeds, chosen.chances)
    tables["Coin flips in easy-examples"] = counted.of_coins()
    tables |= counted.of_trained(chosen.seeds)
    tables["All claims together"] = counted.together
    tables = {"In short": in_short([row for rows in tables.values() for row in rows if "claim" in row]), **tables}
    report("false_holds", {**vars(chosen), "groups_of_dependent": N_DEPENDENT}, tables)


def rate(n_holds: int, n: int) -> Row:
    """Return a share with its exact 95 % interval (Clopper and Pearson)."""
    low, high = scipy.stats.binomtest(n_holds, n).proportion_ci(0.95, "exact")
    return {"holds": n_holds / n, "low": float(low), "high": float(high), "groups": n}


def in_short(rows: Sequence[Row]) -> list[Row]:
    """Return, for the claims of each world, how often they hold on average, and the one that holds most often."""
    kinds = sorted({(row["world"], row["statistic"], row["seeds"]) for row in rows})
    short = []
    for kind in kinds:
        own = [row for row in rows if (row["world"], row["statistic"], row["seeds"]) == kind]
        most = max(own, key=lambda row: row["holds"])
        short.append(
            {**dict(zip(("world", "statistic", "seeds"), kind, strict=True)), "claims": len(own),
             "hold on average": float(np.mean([row["holds"] for row in own])), "at most": most["holds"],
             "which": most["claim"],
             "fail at most": max((row.get("fails", np.nan) for row in own), default=np.nan)}
        )  # fmt: skip
    return short


def _at_margin(rng: np.random.Generator, n_examples: int) -> np.ndarray:
    """Draw rates of examples, 0.7 on average, for which the errors of two networks correlate by `LIKE_CHANCE`.

    For the beta distribution the correlation is 1 / (a + b + 1).
    """
    total = 1 / LIKE_CHANCE - 1
    return rng.beta(0.7 * total, 0.3 * total, n_examples)


def holds(rule: Rule, groups: Sequence[np.ndarray] | np.ndarray) -> int:
    """Return the number of groups of seeds whose verdict is *holds*."""
    return sum(rule.verdict(interval_to_judge_by(values)) == "holds" for values in groups)


def chosen_by_other_seeds(values: np.ndarray, choose: Callable[..., np.intp] = np.argmax) -> np.ndarray:
    """Return, for each seed, the value at the place that all other seeds choose: an earlier rule."""
    others = values.sum(axis=0) - values
    return values[np.arange(len(values)), choose(others, axis=1)]


@dataclasses.dataclass
class Counted:
    """Counts verdicts.

    Attributes:
        n_groups: number of groups that are drawn of each size.
        rng: random generator of the draws.
        together: rows about whole reports.
    """

    n_groups: int
    rng: np.random.Generator
    together: list[Row] = dataclasses.field(default_factory=list)

    def of_numbers(self) -> list[Row]:
        """Judge numbers of mean 0 by the claim that the mean is above 0."""
        rows = []
        for name, chance in CHANCES.items():
            row: Row = {"chance": name}
            for n in (2, 3, 5, 10, 100):
                row[f"{n} seeds"] = rate(holds(Above(0), chance(self.rng, (5 * self.n_groups, n))), 5 * self.n_groups)[
                    "holds"
                ]
            rows.append(row)
        return rows

    def of_bounded_numbers(self) -> list[Row]:
        """Judge skewed, bounded numbers, as they are and on a scale, by claims about their own mean."""
        rows = []
        for name, to_number, scale in BOUNDED:
            for way in ("as they are", "on the scale"):
                row: Row = {"numbers": name, "judged": way}
                for n in (3, 5, 10):
                    judged_as = self.rng.normal(size=(5 * self.n_groups, n))
                    values = judged_as if way == "on the scale" else to_number(judged_as)
                    mean = 0.0 if way == "on the scale" else float(to_number(self.rng.normal(size=10**6)).mean())
                    for rule in (Above(mean), Below(mean)):
                        row[f"{rule.side}, {n} seeds"] = holds(rule, values) / len(values)
                rows.append({**row, "scale": scale})
        return rows

    def of_differences(self) -> list[Row]:
        """Judge differences of two shares, around 0.97 and 0.9, as they are and on the logit, against their mean.

        Half of a random number is added to the logit of each share, as in `false_worlds.near_a_bound`.
        """
        rows = []
        for name, chance in CHANCES.items():
            for way, to_number in (("as they are", scipy.special.expit), ("of logits", lambda logits: logits)):
                row: Row = {"chance": name, "difference": way}
                for n in SIZES:
                    pairs = [
                        to_number(scipy.special.logit(share) + 0.5 * chance(self.rng, (5 * self.n_groups, n)))
                        for share in (0.97, 0.9)
                    ]
                    differences = pairs[0] - pairs[1]
                    row[f"{n} seeds"] = holds(Above(float(differences.mean())), differences) / len(differences)
                rows.append(row)
        return rows

    def of_choices(self) -> list[Row]:
        """Judge values at the place that seeds choose for each other among equal places, and best minus worst."""
        rows = []
        for places, (name, chance) in itertools.product((2, 6, 30), CHANCES.items()):
            row: Row = {"places": places, "chance": name}
            for n in SIZES:
                samples = chance(self.rng, (self.n_groups, n, places))
                for by, choose in (("those before", chosen_by_earlier_seeds), ("all others", chosen_by_other_seeds)):
                    best = [choose(one) for one in samples]
                    spread = [own - choose(one, np.argmin) for own, one in zip(best, samples, strict=True)]
                    row |= {f"best by {by}, {n} seeds": holds(Above(0), best) / self.n_groups}
                    row |= {f"best minus worst by {by}, {n} seeds": holds(Above(0), spread) / self.n_groups}
            rows.append(row)
        return rows

    def of_chance(self, n_seeds: int, chances: Sequence[str], only: Sequence[str] = ()) -> list[Row]:
        """Judge all claims of the experiments that were not trained; kinds of chance in processes of their own.

        If `only` names experiments, the others are left out.
        """
        rows = []
        own = [Counted(self.n_groups, rng) for rng in self.rng.spawn(len(chances))]
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
            these = itertools.repeat(n_seeds), itertools.repeat(only)
            for found, together in pool.map(Counted._of_one_chance, own, chances, *these):
                rows += found
                self.together += together
        return rows

    def _of_one_chance(self, name: str, n_seeds: int, only: Sequence[str]) -> tuple[list[Row], list[Row]]:
        """Return the rows of one kind of chance, and those about whole reports."""
        rows = []
        for kind, make in (("chance", false_worlds.of_chance), ("near a bound", false_worlds.near_a_bound)):
            for experiment, results, false in make(n_seeds, CHANCES[name], self.rng):
                if only and experiment.name not in only:
                    continue
                rows += self._of_world(f"{kind}, {name}", experiment, results, false)
                say(f"{kind}, {name}: {experiment.name}")
        return rows, self.together

    def of_coins(self) -> list[Row]:
        """Judge easy-examples on independent errors: examples of a class are alike, or differ alike in all data."""
        worlds = {
            "all alike": (lambda rng, n: np.full(n, 0.7), ("F1a", "F1b", "F1d", "F1d-below-real")),
            "differ in all kinds": (lambda rng, n: rng.beta(4, 4, n), ("F1a", "F1c", "F1d-below-real")),
            "differ by F1c's margin": (_at_margin, ("F1a", "F1c", "F1d-below-real")),
        }
        rows = []
        for (name, (of_examples, false)), n in itertools.product(worlds.items(), (30, 60)):
            n_groups = N_DEPENDENT
            found = dict.fromkeys(false, 0)
            for _ in range(n_groups):
                experiment, results = false_worlds.coin_flips(n, self.rng, of_examples)
                for claim in experiment.claims():
                    if claim.name in found:
                        found[claim.name] += claim.judge(results).verdict == "holds"
            rows += [
                {
                    "world": f"coins, {name}",
                    "claim": claim,
                    "seeds": n,
                    "statistic": "as it is",
                    **rate(count, n_groups),
                }
                for claim, count in found.items()
            ]
        return rows

    def of_trained(self, n_seeds: int) -> dict[str, list[Row]]:
        """Judge small networks on digits: kinds of data are mixed, and numbers are shifted to the thresholds."""
        rows: dict[str, list[Row]] = {
            "Trained, one kind plays all": [],
            "Trained, kinds exchanged": [],
            "Trained, at the threshold": [],
        }
        for experiment in false_worlds.trained(n_seeds):
            say(f"training {experiment.name}")
            results, false = false_worlds.results_on_digits(experiment), DIFFERENCES[type(experiment)]
            for name, kind in (("real plays all", (0.0, 0.0)), ("noise plays all", (0.0, max(results.rand_y.values)))):
                mixed = false_worlds.replaced(results, *kind, self.rng)
                rows["Trained, one kind plays all"] += self._of_world(name, experiment, mixed, false, only_false=True)
            mixed = false_worlds.exchanged(results, self.rng)
            rows["Trained, kinds exchanged"] += self._of_world("exchanged", experiment, mixed, false, only_false=True)
            rows["Trained, at the threshold"] += self._of_world("trained", experiment, results, ())
        return rows

    def _of_world(
        self, world: str, experiment: Experiment, results: xr.Dataset, false: Sequence[str], only_false: bool = False
    ) -> list[Row]:
        """Return rows of all claims, or only of those that are `false` in it: as they are, and at the threshold."""
        rows = []
        said = [claim for claim in experiment.claims() if claim.name in false or not only_false]
        seeds = np.unique(results.seed.values)
        whole = {claim.name: numbers_of(claim, results) for claim in said}
        for n in SIZES:
            groups = np.array([self.rng.choice(len(seeds), n, replace=False) for _ in range(self.n_groups)])
            shifted: dict[str, np.ndarray] = {}
            for claim in said:
                is_costly = isinstance(experiment, Regularization)
                numbers = numbers_of_groups(claim, results, seeds, groups, whole[claim.name], is_costly)
                if numbers is None:
                    continue
                row = {"world": world, "claim": claim.name, "seeds": n}
                if claim.name in false:
                    n_holds = sum(verdict(claim, one) == "holds" for one in numbers)
                    rows.append({**row, "statistic": "as it is", **rate(n_holds, len(numbers))})
                if not only_false:
                    ways = at_threshold(claim, numbers)
                    shifted[claim.name] = ways[0]
                    of_one_part = [way[..., [part]] for way in ways for part in range(way.shape[-1])]
                    worst = max(sum(verdict(on_scale(claim), one) == "holds" for one in way) for way in of_one_part)
                    n_fails = max(sum(verdict(on_scale(claim), one) == "fails" for one in way) for way in ways)
                    row |= {"statistic": "at its threshold", **rate(worst, len(numbers))}
                    rows.append({**row, "fails": n_fails / len(numbers)})
            if shifted and len(shifted) > 1:
                self.together.append(self._together(f"{experiment.name}: {world}", n, said, shifted))
        return rows

    def _together(self, world: str, n: int, claims: Sequence[Claim], shifted: dict[str, np.ndarray]) -> Row:
        """Count how often any claim holds, by itself and with all asked together, where all claims are false."""
        n_groups = min(N_DEPENDENT, *map(len, shifted.values()))
        by_itself = in_family = together = 0
        for number in range(n_groups):
            judgments = [
                judged(on_scale(claim), shifted[claim.name][number][..., :1])
                for claim in claims
                if claim.name in shifted
            ]
            (asked,) = judged_together([judgments])
            by_itself += any(one.verdict == "holds" for one in asked)
            in_family += any(one.in_family.verdict == "holds" for one in asked)
            together += any(one.among_all.verdict == "holds" for one in asked)
        found = rate(together, n_groups)
        return {"world": world, "claims": len(shifted), "seeds": n, "any by itself": by_itself / n_groups,
                "any in its figure": in_family / n_groups, "any together": found["holds"], "low": found["low"],
                "high": found["high"], "groups": n_groups}  # fmt: skip


def numbers_of(claim: Claim, results: xr.Dataset) -> np.ndarray:
    """Return the numbers of a claim, (seed, part)."""
    return np.stack([part.values for part in claim.judge(results).parts], axis=-1)


def judged(claim: Claim, numbers: np.ndarray) -> Judgment:
    """Return the claim judged by the given numbers (seed, part)."""
    return claim.judged_by({str(part): values for part, values in enumerate(numbers.T)})


def verdict(claim: Claim, numbers: np.ndarray) -> str:
    """Return the verdict of a claim by the given numbers (seed, part)."""
    return judged(claim, numbers).verdict


def on_scale(claim: Claim) -> Claim:
    """Return the same claim for numbers that are given on its scale."""
    return dataclasses.replace(claim, rule=claim.rule.on(claim.scale), scale=AsItIs())


def at_threshold(claim: Claim, numbers: np.ndarray) -> list[np.ndarray]:
    """Shift numbers (group, seed, part), on the claim's scale, so that each part's mean is the rule's value.

    If the rule has two values, either one.
    """
    scaled, rule = claim.scale.forward(numbers), claim.rule.on(claim.scale)
    values = (rule.low, rule.high) if isinstance(rule, Between) else (rule.threshold,)
    return [scaled - np.nanmean(scaled, axis=(0, 1)) + value for value in values]


def numbers_of_groups(
    claim: Claim, results: xr.Dataset, seeds: np.ndarray, groups: np.ndarray, whole: np.ndarray, is_costly: bool
) -> np.ndarray | None:
    """Return the numbers of each group, (group, seed, part); None if there are none or it would take too long.

    `whole` are the numbers of all seeds. For most claims the number of a seed does not depend on other seeds; for the
    others, fewer groups are judged.
    """
    by_group = lambda group: numbers_of(claim, _of_seeds(results, seeds[np.sort(group)]))  # noqa: E731
    if all(np.array_equal(by_group(group), whole[np.sort(group)], equal_nan=True) for group in groups[:2]):
        numbers = whole[groups]
    elif is_costly:
        return None
    else:
        numbers = np.array([by_group(group) for group in groups[:N_DEPENDENT]])
    return numbers if np.isfinite(numbers).any(axis=(0, 1)).all() else None


def _of_seeds(results: xr.Dataset, seeds: np.ndarray) -> xr.Dataset:
    return results.isel(member=np.flatnonzero(np.isin(results.seed.values, seeds)))


if __name__ == "__main__":
    main()
