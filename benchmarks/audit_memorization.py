"""Memorization scores of an audit beside a direct leave-out estimate, and how often their standard errors cover it.

    python -m benchmarks.audit_memorization [DATA] [--examples 300] [--checked 100] [--networks 200]

Data is digits or a table of scikit-learn, cut to `--examples`; a tenth of the labels is made wrong, so that there is
something to memorize. The audit trains 40 networks. For each checked example, the direct estimate trains `--networks`
networks on random halves with the example in them, and as many on random halves without it. Both estimate the same
number, and share no network. Half of the checked examples have wrong labels, as far as there are enough.
"""

import argparse
import dataclasses

import jax
import numpy as np

import byheart as bh
from benchmarks import common
from benchmarks.audit import NETWORKS, networks_like, recipe_of, with_wrong_labels
from benchmarks.audit_peers import named
from byheart.data.balanced_half import BalancedHalf
from byheart.data.inclusion import Inclusion

SHARE_WRONG = 0.10
SEED_BASE = 100_000
"""Seeds of the direct estimate start here; those of the audit start at 0."""
WITHIN = (1.0, 1.645, 1.96)
"""Combined standard errors; 68, 90 and 95 % of normal differences lie within these."""


@dataclasses.dataclass(frozen=True)
class HalfWith(Inclusion):
    """A random half of the examples that contains one example, or does not.

    Where the half differs from that, the example changes places with one of its class, or of all classes if it is the
    only one.
    """

    half: BalancedHalf
    example: int
    is_in: bool

    def size(self, n_examples: int) -> int:
        """Return half of `n_examples`, rounded down."""
        return self.half.size(n_examples)

    def indices(self, n_examples: int) -> np.ndarray:
        """Return the positions of the examples, ascending."""
        is_included = np.isin(np.arange(n_examples), self.half.indices(n_examples))
        if is_included[self.example] != self.is_in:
            classes = np.repeat(np.arange(len(self.half.class_counts)), self.half.class_counts)
            others = is_included == self.is_in
            mates = others & (classes == classes[self.example])
            among = np.flatnonzero(mates if mates.any() else others)
            is_included[np.random.default_rng([self.half.seed, self.example]).choice(among)] = not self.is_in
            is_included[self.example] = self.is_in
        return np.flatnonzero(is_included)


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default="digits")
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("--checked", type=int, default=100)
    parser.add_argument("--networks", type=int, default=200)
    chosen = parser.parse_args()
    bh.use_all_cores()
    bh.keep_compiled_programs()
    rng = np.random.default_rng(0)
    whole = named(chosen.data)
    part = np.sort(rng.permutation(len(whole))[: chosen.examples])
    data = whole.alike(whole.inputs[part], whole.labels[part])
    clean = bh.audit(data, networks=NETWORKS, show_progress=False)
    noisy, is_wrong = with_wrong_labels(data, clean, "uniform", SHARE_WRONG, seed=0)
    order = np.argsort(noisy.labels, kind="stable")
    noisy, is_wrong = noisy.alike(noisy.inputs[order], noisy.labels[order]), is_wrong[order]
    recipe = recipe_of(clean)
    found = bh.audit(noisy, networks=NETWORKS, **networks_like(recipe), show_progress=False)
    table = found.examples.sort_values("row")
    checked = chosen_examples(is_wrong, chosen.checked, rng)
    counts = tuple(np.bincount(noisy.labels, minlength=noisy.n_classes).tolist())
    sweep = bh.PopulationSweep(
        recipe, members(checked[0], counts, chosen.networks), final_measures=(bh.Misclassified(),)
    )
    population = bh.Population(sweep, bh.Split(noisy, noisy), bh.Layout(n_devices=jax.local_device_count()))
    rows = []
    for number, example in enumerate(checked):
        trained = population.train(members(example, counts, chosen.networks))
        right = trained.trace.is_misclassified.values[:, example] == 0
        included = np.arange(len(right)) < chosen.networks
        direct = bh.memorization(right[:, None], included[:, None])
        row = table.iloc[example]
        difference = row.memorization - direct.estimate[0]
        error = float(np.hypot(row.memorization_se, direct.standard_error[0]))
        rows.append(
            {
                "example": int(example),
                "has a wrong label": bool(is_wrong[example]),
                "audit": float(row.memorization),
                "audit, standard error": float(row.memorization_se),
                "direct": float(direct.estimate[0]),
                "direct, standard error": float(direct.standard_error[0]),
                "differ by standard errors": float(difference / error),
            }
        )
        common.say(f"{number + 1}/{len(checked)}: {row.memorization:.3f} and {direct.estimate[0]:.3f}")
    settings = vars(chosen) | {"recipe": str(recipe), "audited by": NETWORKS}
    common.report("audit_memorization", settings, {"In short": in_short(rows), "All": rows})


def chosen_examples(is_wrong: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return examples of which half have wrong labels, as far as there are enough."""
    wrong, right = (rng.permutation(np.flatnonzero(one)) for one in (is_wrong, ~is_wrong))
    some = wrong[: n // 2]
    return np.sort([*some, *right[: n - len(some)]])


def members(example: int, class_counts: tuple[int, ...], n: int) -> tuple[bh.Member, ...]:
    """Return `n` members that see the example, then `n` that do not; none shares its seed with another one."""
    return tuple(
        bh.Member(seed, inclusion=HalfWith(BalancedHalf(class_counts, seed), int(example), place < n))
        for place in range(2 * n)
        for seed in [SEED_BASE + 2 * n * int(example) + place]
    )


def in_short(rows: list[dict[str, float]]) -> list[dict[str, object]]:
    """Return the shares of examples whose two estimates differ by at most some combined standard errors."""
    found = []
    for words, some in (
        ("all", rows),
        ("wrong labels", [row for row in rows if row["has a wrong label"]]),
        ("right labels", [row for row in rows if not row["has a wrong label"]]),
    ):
        differ = np.array([row["differ by standard errors"] for row in some])
        found.append(
            {"examples": words, "number": len(some)}
            | {f"within {one}": f"{np.mean(np.abs(differ) <= one):.2f}" for one in WITHIN}
            | {
                "mean, audit": f"{np.mean([row['audit'] for row in some]):.3f}",
                "mean, direct": f"{np.mean([row['direct'] for row in some]):.3f}",
            }
        )
    return found


if __name__ == "__main__":
    main()
