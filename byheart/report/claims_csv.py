"""The claims of a report as a table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from byheart.results.table import Table

COLUMNS = (
    *("claim", "data", "scale", "family", "verdict", "verdict_in_family", "verdict_together"),
    *("estimate", "low", "high", "seeds", "seeds_without_value", "p_value", "adjusted_p_value"),
    *("weakest_part", "judged", "rule", "statement", "statistic", "per_seed", "cautions"),
)
"""Columns of claims.csv: entries of claims.json."""


def write_claims_csv(directory: Path, listed: Sequence[dict[str, Any]]) -> None:
    """Write claims.csv into `directory`, with a row for each claim; a claim with parts has the numbers of its weakest.

    Args:
        directory: of the report.
        listed: the objects of claims.json.
    """
    rows = [_row(one) for one in listed]
    columns = {name: np.array([row.get(name) for row in rows], object) for name in COLUMNS}
    Table("claims", "Claims", "A claim in each row.", columns).save(directory)


def _row(claim: dict[str, Any]) -> dict[str, Any]:
    low, high = claim["interval"]
    per_seed = " ".join("nan" if value is None else repr(value) for value in claim["per_seed"])
    return claim | {"low": low, "high": high, "per_seed": per_seed, "cautions": " ".join(claim["cautions"])}
