"""The result of an audit."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float32

from byheart import checks
from byheart.auditing.notebook import as_html
from byheart.auditing.review_sample import ReviewPlan
from byheart.auditing.reviewed import estimated
from byheart.auditing.reviews import Review, read_review
from byheart.auditing.summary_text import summary_in_words
from byheart.data.dataset import Dataset

MOST_IN_SHORT = 10
"""Number of suspects in the short summary."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """The audited examples, with scores, verdicts and power. Printing it shows a summary; notebooks add pictures.

    Attributes:
        examples: one row for each example, most suspect first (docs/audit.md explains every column).
        held_out_probabilities: (example, class), probability of each class by networks that did not see the example,
            in the order of the source: column `row` of `examples` is the place. cleanlab takes it as `pred_probs`.
        power: for lists of the `k` most suspect, the share of wrong labels of several kinds that such a list holds.
        summary: the numbers that matter, verdict counts, settings and versions, as in audit.json.
        scores: all scores as an xarray Dataset, in the order of the source.
        data: the audited examples, in the order of the source.
        plan: strata of suspicion, and the sample that a review is to look at for estimates without bias.
        review: marks of a person; None: there are none.
    """

    examples: pd.DataFrame
    held_out_probabilities: Float32[np.ndarray, "example class"]
    power: pd.DataFrame
    summary: Mapping[str, Any]
    scores: xr.Dataset
    data: Dataset
    plan: ReviewPlan
    review: Review | None = None

    def suspects(self, k: int = 100) -> pd.DataFrame:
        """Return the rows of the `k` most suspect examples, most suspect first, whatever their verdict."""
        return self.examples.head(checks.count("k", k))

    def reviewed(self, path: str | Path) -> "Audit":
        """Return the audit with the marks of a review: `summary["reviewed"]` has what they say (docs/audit_review.md).

        Args:
            path: of a file as the page exports it, or a table with the columns `review` and `row` or `id`.

        Raises:
            BadInput: the file cannot be read, or a line of it fits no example, label or class.
        """
        identities = self.examples.sort_values("row")[["id", "part", "row", "label"]]
        return self.with_review(read_review(path, identities, self.data.class_names))

    def with_review(self, review: Review) -> "Audit":
        """Return the audit with marks that were read before."""
        numbers = estimated(review, self.plan, self.examples.row.to_numpy())
        return dataclasses.replace(self, summary={**self.summary, "reviewed": numbers}, review=review)

    def __repr__(self) -> str:
        return summary_in_words(self.summary, self.power, self.suspects(MOST_IN_SHORT))

    def _repr_html_(self) -> str:
        return as_html(self.summary, self.power, self.suspects(MOST_IN_SHORT), self.data)
