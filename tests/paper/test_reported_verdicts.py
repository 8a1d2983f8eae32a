"""The verdicts of the reported reproduction are those of today's rules, on the numbers that it reports."""

import json
from pathlib import Path

import numpy as np

from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.paper.catalog import EXPERIMENTS

REPORTED = Path(__file__).parents[2] / "docs" / "reproduction.json"
FACTS = (DataSummary("mnist", (28, 28, 1), 60_000, 10_000), DataSummary("cifar10", (32, 32, 3), 50_000, 10_000))


CHANGED = {
    *("F2", "F2-real", "F2-beyond-randX", "F5a", "F5b-inputs", "F5b-labels", "F5c-labels", "F5d-inputs", "F5d-labels"),
    *("F78a-inputs", "F78a-labels", "F78b-inputs", "F78b-labels", "F78c-early", "F78c-fall", "F78d", "F9a-randX"),
    *("F9a-randX-on-real-inputs", "F9a-randY", "F9b-rises", "F9b-settles", "F9c-rises", "F9c-falls"),
}
"""Claims whose statistic changed after the reported run, as docs/verdicts.md says."""


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
        parts = {name: part["per_seed"] for name, part in entry["parts"].items()} or {"": entry["per_seed"]}
        claim = claims[entry["data"], entry["claim"]]
        assert (claim.statistic != entry["statistic"]) == (claim.name in CHANGED), claim.name
        if claim.name in CHANGED:
            continue
        numbers = {name: np.array(values, float) for name, values in parts.items()}
        assert claim.judged_by(numbers).verdict == entry["verdict"], claim.name
