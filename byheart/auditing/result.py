"""The result of an audit."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float32

from byheart import checks
from byheart.auditing.summary_text import summary_in_words

MOST_IN_SHORT = 10
"""Number of suspects in the short summary."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """The audited examples, with scores, verdicts and power. Printing it shows a short summary.

    Attributes:
        examples: one row for each example, most suspect first (docs/audit.md explains every column).
        held_out_probabilities: (example, class), probability of each class by networks that did not see the example,
            in the order of the source: column `row` of `examples` is the place. cleanlab takes it as `pred_probs`.
        power: for lists of the `k` most suspect, the share of wrong labels of several kinds that such a list holds.
        summary: the numbers that matter, verdict counts, settings and versions, as in audit.json.
        scores: all scores as an xarray Dataset, in the order of the source.
    """

    examples: pd.DataFrame
    held_out_probabilities: Float32[np.ndarray, "example class"]
    power: pd.DataFrame
    summary: Mapping[str, Any]
    scores: xr.Dataset

    def suspects(self, k: int = 100) -> pd.DataFrame:
        """Return the rows of the `k` most suspect examples, most suspect first, whatever their verdict."""
        return self.examples.head(checks.count("k", k))

    def __repr__(self) -> str:
        return summary_in_words(self.summary, self.power, self.suspects(MOST_IN_SHORT))
