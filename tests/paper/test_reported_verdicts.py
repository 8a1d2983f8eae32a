"""The verdicts of the reported reproduction are those of today's rules, on the numbers that it reports."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from byheart.experiments.claims import Claim, Numbers
from byheart.experiments.data_summary import DataSummary
from byheart.paper.catalog import EXPERIMENTS
from byheart.statistics.looks import Looks

REPORTED = Path(__file__).parents[2] / "docs" / "reproduction.json"
FACTS = (DataSummary("mnist", (28, 28, 1), 60_000, 10_000), DataSummary("cifar10", (32, 32, 3), 50_000, 10_000))


def test_the_reported_verdicts_are_those_of_todays_rules() -> None:
    claims: dict[tuple[str, str], Claim] = {
        (facts.name, claim.name): claim
        for facts in FACTS
        for kind in EXPERIMENTS.values()
        for claim in kind.for_scale("laptop", facts).claims()
    }
    reported = json.loads(REPORTED.read_text(encoding="utf-8"))
    assert len(reported) == 72
    for entry in reported:
        claim = claims[entry["data"], entry["claim"]]
        assert claim.statistic == entry["statistic"], claim.name
        at_looks = numbers_at_looks(entry)
        first = len(next(iter(at_looks[0].values())))
        assert claim.judged_at(at_looks, Looks(first)).verdict == entry["verdict"], claim.name


def numbers_at_looks(entry: dict[str, Any]) -> list[Numbers]:
    """Return the numbers of each part at each look: each look has twice the seeds of the look before."""
    parts = {name: part["per_seed"] for name, part in entry["parts"].items()} or {"": entry["per_seed"]}
    return [
        {name: np.array(values[: len(values) >> later], float) for name, values in parts.items()}
        for later in reversed(range(entry["looks_taken"]))
    ]
