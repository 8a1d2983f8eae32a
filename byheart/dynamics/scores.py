"""The table of scores of examples, most suspect first."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Shaped, UInt

from byheart import checks
from byheart.dynamics.sums import Sums

IS_SUSPECT = {
    "area_under_margin": "low",
    "mean_loss": "high",
    "epochs_to_learn": "high",
    "forgetting_events": "high",
    "confidence": "low",
    "correctness": "low",
    "early_error_norm": "high",
    "early_error": "high",
}
"""Which end of a score is suspect. `variability` and `aleatoric_uncertainty` mark ambiguous examples instead."""


def table_of(
    sums: Sums,
    columns: UInt[np.ndarray, " example"],
    class_names: Sequence[str],
    ids: Shaped[np.ndarray, " example"] | None,
    by: str,
) -> pd.DataFrame:
    """Return one row for each example, most suspect first; unseen examples are last. Ties are in order of `row`.

    Args:
        sums: sums over all sightings.
        columns: (example,), the label as a number.
        class_names: names of the classes; empty: their numbers are their names.
        ids: names of the examples; None: their positions.
        by: the score to order by.

    Raises:
        BadInput: `by` is no score that has a suspect end.
    """
    checks.known("score with a suspect end", by, IS_SUSPECT)
    rows, scores = np.arange(sums.n_examples), sums.scores()
    labels = np.asarray(class_names)[columns] if class_names else columns.astype(np.int64)
    key = scores[by] if IS_SUSPECT[by] == "low" else -scores[by]
    order = np.lexsort((rows, np.where(np.isnan(key), np.inf, key), np.isnan(key)))
    table = pd.DataFrame({"id": rows if ids is None else ids, "row": rows, "label": labels, **scores})
    table["epochs_seen"], table["sightings"] = sums.counts()["n_epochs"], sums.arrays["n_sightings"]
    table = table.iloc[order].reset_index(drop=True)
    table.insert(3, "rank", np.arange(1, len(table) + 1))
    return table
