"""Power of each claim: how often it would be decided within 5, 10, 20, 40 and 80 seeds (docs/verdicts.md).

    python -m benchmarks.power [docs/reproduction.json] [--runs 4000]

The numbers of seeds are normal, with the mean and the spread that a claim's numbers had in a reproduction at scale
laptop; parts of a claim are independent. They are judged at five corrected looks, and, beside, once by 5 seeds. Claims
whose statistic changed since that reproduction are left out.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from benchmarks.common import report, say
from benchmarks.false_holds import Row
from benchmarks.false_looks import LOOKS, p_values, shares_decided
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.paper.catalog import EXPERIMENTS
from byheart.statistics.rules import ERROR

FACTS = (DataSummary("mnist", (28, 28, 1), 60_000, 10_000), DataSummary("cifar10", (32, 32, 3), 50_000, 10_000))


def main() -> None:
    """Draw, judge, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", nargs="?", type=Path, default=Path(__file__).parents[1] / "docs/reproduction.json")
    parser.add_argument("--runs", type=int, default=4000)
    arguments = parser.parse_args()
    rng, rows, claims = np.random.default_rng(0), list[Row](), claims_of_the_paper()
    for entry in json.loads(arguments.claims.read_text(encoding="utf-8")):
        claim = claims[entry["data"], entry["claim"]]
        if claim.statistic != entry["statistic"]:
            say(f"{entry['data']}: {claim.name} is left out: its statistic changed")
            continue
        parts = [part["per_seed"] for part in entry["parts"].values()] or [entry["per_seed"]]
        seen = claim.scale.forward(np.array(parts, float).T)
        mean, deviation = np.nanmean(seen, axis=0), np.nanstd(seen, axis=0, ddof=1)
        numbers = rng.normal(mean, deviation, (arguments.runs, LOOKS.seeds[-1], len(parts)))
        rule = claim.rule.on(claim.scale)
        in_favor, against = p_values(rule, numbers[:, : LOOKS.first])
        once = float(((in_favor < ERROR) | (against < ERROR)).mean())
        by_look = shares_decided(rule, numbers, LOOKS.level(ERROR))
        decided = {f"{n} seeds": holds + fails for n, (holds, fails) in zip(LOOKS.seeds, by_look, strict=True)}
        rows.append({"data": entry["data"], "claim": claim.name, "once, 5 seeds": once, **decided,
                     "of which holds": by_look[-1][0] / max(sum(by_look[-1]), 1e-9)})  # fmt: skip
    report("power", {"runs": arguments.runs, "claims": arguments.claims.name}, {"Power": rows})


def claims_of_the_paper() -> dict[tuple[str, str], Claim]:
    """Return the claims at scale laptop by data and name."""
    return {
        (facts.name, claim.name): claim
        for facts in FACTS
        for kind in EXPERIMENTS.values()
        for claim in kind.for_scale("laptop", facts).claims()
    }


if __name__ == "__main__":
    main()
