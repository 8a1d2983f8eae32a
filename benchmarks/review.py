"""How often the intervals of a review cover, and how long they are: methods compared in simulated audits.

    python -m benchmarks.review              # about a minute; --worlds 2000 by default

A world has 10,000 examples, of which a share is wrong, ranked by a probability of being wrong that networks state. The
sample of the audit is drawn anew in each world, its first examples are reviewed without mistakes, and each method
estimates the share of wrong labels, and the precision of the list of suspects. Methods:

    stratified           byheart.statistics.stratified: weighted shares of strata, Jeffreys' limits combined
    Wilson               the same with Wilson's limits
    prediction-powered   the same sample; stated probabilities plus their mean error in each stratum, standard errors
                         (Angelopoulos et al., 2023; the weight of the statements is tuned as in PPI++)
    plain prediction     prediction-powered, from a simple random sample of as many examples
"""

import argparse
import dataclasses
from typing import Any

import numpy as np

from benchmarks.common import report
from byheart.auditing.review_sample import review_plan
from byheart.statistics.stratified import ShareEstimate, Stratum, stratified_share

N, Z = 10_000, 1.959964
SIZES = (50, 100, 200, 400)


@dataclasses.dataclass(frozen=True)
class World:
    """A kind of audit.

    Attributes:
        name: of its rows.
        share: expected share of wrong labels.
        separation: distance between scores of wrong and right labels, in standard deviations.
        honesty: factor of the log-odds that networks state: 1 is calibrated, above 1 is too sure.
        hidden: share of all labels that are wrong and get scores of right ones.
    """

    name: str
    share: float
    separation: float
    honesty: float = 1.0
    hidden: float = 0.0

    def drawn(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return (example,) the stated probabilities, the most suspect first, and whether each label is wrong."""
        is_wrong = rng.random(N) < self.share
        score = rng.normal(0, 1, N) + np.where(is_wrong, self.separation, 0)
        log_odds = np.log(self.share / (1 - self.share)) + self.separation * score - self.separation**2 / 2
        stated = 1 / (1 + np.exp(-self.honesty * log_odds))
        order = np.argsort(-stated)
        return stated[order], (is_wrong | (rng.random(N) < self.hidden))[order]


WORLDS = (
    World("1 % wrong, networks good", 0.01, 5),
    World("5 % wrong, networks good", 0.05, 5),
    World("20 % wrong, networks good", 0.20, 4),
    World("5 % wrong, networks weak", 0.05, 2),
    World("5 % wrong, networks too sure", 0.05, 3, honesty=3),
    World("2 % wrong, and 1 % hidden", 0.02, 5, hidden=0.01),
    World("0.2 % wrong, networks good", 0.002, 5),
)


class WilsonStratum(Stratum):
    """A stratum with Wilson's interval."""

    def limits(self) -> tuple[float, float]:
        """Return the interval, with the same correction for a finite population."""
        if self.examined >= self.size:
            return self.share, self.share
        n = self.examined * (self.size - 1) / (self.size - self.examined)
        middle, scale = self.share + Z**2 / (2 * n), 1 + Z**2 / n
        half = Z * (self.share * (1 - self.share) / n + Z**2 / (4 * n**2)) ** 0.5
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def prediction_powered(strata: list[tuple[int, float, np.ndarray, np.ndarray]]) -> ShareEstimate:
    """Return the prediction-powered share: (size, mean statement, statements of the sample, marks) of each stratum."""
    known = [one for one in strata if len(one[2]) > 1]
    weights = np.array([one[0] for one in known]) / sum(one[0] for one in strata)
    spare = np.array([(1 - len(one[2]) / one[0]) / len(one[2]) for one in known]) * weights**2
    covariance = sum(factor * np.cov(one[2], one[3])[0, 1] for factor, one in zip(spare, known, strict=True))
    variance = sum(factor * one[2].var(ddof=1) for factor, one in zip(spare, known, strict=True))
    tuned = float(np.clip(covariance / variance, 0, 1)) if variance > 0 else 0.0
    errors = [one[3] - tuned * one[2] for one in known]
    parts = [tuned * one[1] + error.mean() for one, error in zip(known, errors, strict=True)]
    estimate = float(np.dot(weights, parts))
    half = Z * float(np.sqrt(sum(factor * error.var(ddof=1) for factor, error in zip(spare, errors, strict=True))))
    return ShareEstimate(estimate, max(0.0, estimate - half), min(1.0, estimate + half))


def rows_of(world: World, worlds: int, seed: int) -> list[dict[str, Any]]:
    """Return for each number of reviews, quantity and method: coverage, mean length and bias."""
    rng = np.random.default_rng(seed)
    found: dict[tuple[int, str, str], list[tuple[bool, float, float]]] = {}
    for _ in range(worlds):
        stated, is_wrong = world.drawn(rng)
        length = max(20, round(world.share * N))
        plan = review_plan(stated, length, seed=int(rng.integers(2**31)))
        ends, sample = np.array(plan.ends), np.array(plan.sample)
        for size in SIZES:
            places = sample[:size] - 1
            stratum = plan.stratum_of(places + 1)
            parts = [places[stratum == one] for one in range(1, len(ends) + 1)]
            bounds = list(zip([0, *ends[:-1]], ends, strict=True))
            counted = [
                Stratum(int(b - a), len(one), int(is_wrong[one].sum()))
                for (a, b), one in zip(bounds, parts, strict=True)
            ]
            told = [
                (int(b - a), float(stated[a:b].mean()), stated[one], is_wrong[one].astype(float))
                for (a, b), one in zip(bounds, parts, strict=True)
            ]
            n_list = int(np.searchsorted(ends, length) + 1)
            plain = rng.choice(N, size, replace=False)
            estimates = {
                ("share", "stratified"): stratified_share(counted),
                ("share", "Wilson"): stratified_share([WilsonStratum(**vars(one)) for one in counted]),
                ("share", "prediction-powered"): prediction_powered(told),
                ("share", "plain prediction"): prediction_powered(
                    [(N, float(stated.mean()), stated[plain], is_wrong[plain].astype(float))]
                ),
                ("precision", "stratified"): stratified_share(counted[:n_list]),
                ("precision", "prediction-powered"): prediction_powered(told[:n_list]),
            }
            for (quantity, method), one in estimates.items():
                truth = float(is_wrong.mean() if quantity == "share" else is_wrong[:length].mean())
                covers = one.low - 1e-12 <= truth <= one.high + 1e-12
                found.setdefault((size, quantity, method), []).append(
                    (covers, one.high - one.low, one.estimate - truth)
                )
    return [
        {
            "world": world.name,
            "reviews": size,
            "quantity": quantity,
            "method": method,
            "coverage": float(np.mean([covers for covers, _, _ in rows])),
            "length": float(np.mean([long for _, long, _ in rows])),
            "bias": float(np.mean([error for _, _, error in rows])),
        }
        for (size, quantity, method), rows in found.items()
    ]


def main() -> None:
    """Simulate, print the tables and store them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=2000)
    worlds = parser.parse_args().worlds
    rows = [row for place, world in enumerate(WORLDS) for row in rows_of(world, worlds, place)]
    report(
        "review",
        {"worlds": worlds, "examples": N},
        {
            title: [one for world in WORLDS for one in table_rows(rows, world.name, quantity)]
            for quantity, title in (("share", "The share of wrong labels"), ("precision", "The precision of the list"))
        },
    )


def table_rows(rows: list[dict[str, Any]], world: str, quantity: str) -> list[dict[str, Any]]:
    """Return a row of the table for each number of reviews, with coverage and length of each method."""
    return [
        {
            "world": world,
            "reviews": size,
            **{
                f"{row['method']}, {name}": row[name]
                for row in rows
                if (row["world"], row["reviews"], row["quantity"]) == (world, size, quantity)
                for name in ("coverage", "length")
            },
            "bias": next(
                row["bias"]
                for row in rows
                if (row["world"], row["reviews"], row["quantity"], row["method"])
                == (world, size, quantity, "stratified")
            ),
        }
        for size in SIZES
    ]


if __name__ == "__main__":
    main()
