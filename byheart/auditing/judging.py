"""From the collected scores of examples to the result of an audit: suspicion, verdicts, power, summary."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float32

from byheart.auditing.examples import AuditedExamples
from byheart.auditing.pair_sweep import TRAINING_SCORES
from byheart.auditing.power import Power
from byheart.auditing.review_sample import ReviewPlan, review_plan
from byheart.auditing.suspicion import HeldOutEvidence, suspicion
from byheart.auditing.verdicts import VERDICTS, networks_to_decide, verdicts
from byheart.statistics.label_noise import wrong_label_share

SHORTEST_LIST = 20
"""Smallest length of the list whose power the summary states. It is the estimated number of wrong labels if larger."""


@dataclasses.dataclass(frozen=True)
class Judged:
    """The judged examples, with the power of their ranking.

    Attributes:
        examples: one row for each example, most suspect first.
        held_out_probabilities: (example, class), in the order of the source.
        power: one row for each length of a list of suspects.
        numbers: the numbers of the summary that come from scores.
        plan: the sample for a review.
    """

    examples: pd.DataFrame
    held_out_probabilities: Float32[np.ndarray, "example class"]
    power: pd.DataFrame
    numbers: Mapping[str, Any]
    plan: ReviewPlan


def judged(examples: AuditedExamples, scores: xr.Dataset, n_networks: int) -> Judged:
    """Rank the examples by suspicion, give each its verdict, and state the power of the ranking.

    Args:
        examples: the examples.
        scores: their scores, in the order of the source.
        n_networks: number of networks.
    """
    data = examples.dataset
    labels, names, rows = data.labels.astype(np.int64), np.array(data.class_names), np.arange(len(data))
    mean, geometric = scores.held_out_probability.values, scores.held_out_geometric_mean.values
    votes, n_seen, n_right = (scores[name].values for name in ("votes", "n_seen", "n_right_seen"))
    evidence = HeldOutEvidence.of(mean, geometric, labels)
    suspect = suspicion(evidence, scores.area_under_margin.values, labels)
    wrong = evidence.wrong[rows, labels]
    verdict = verdicts(votes, n_right, n_seen, wrong, labels)
    order = np.lexsort((rows, -suspect))
    rank = np.empty(len(rows), np.int64)
    rank[order] = rows + 1
    table = examples.identities.assign(
        suggested_label=names[mean.argmax(axis=1)],
        verdict=verdict,
        rank=rank,
        suspicion=suspect,
        wrong_probability=wrong,
        held_out_probability=mean[rows, labels],
        held_out_probability_se=scores.held_out_probability_se.values[rows, labels],
        **{name: scores[name].values for name in ("memorization", "memorization_se", *TRAINING_SCORES)},
        networks_to_decide=networks_to_decide(votes, labels, verdict, n_networks),
    )
    share = wrong_label_share(geometric, labels)
    power = Power(evidence, mean, labels)
    n_wrong = round(share.estimate * len(labels))
    length = min(len(labels), max(SHORTEST_LIST, n_wrong))
    plan = review_plan(wrong[order], length)
    return Judged(
        table.iloc[order].reset_index(drop=True),
        (mean / mean.sum(axis=1, keepdims=True)).astype(np.float32),
        power.table(length),
        {
            "verdicts": {one: int((verdict == one).sum()) for one in VERDICTS},
            "wrong_labels": {
                "share": share.estimate,
                "low": share.low,
                "high": share.high,
                "number": n_wrong,
                "by_noise_model": float(wrong.mean()),
            },
            "power": {
                "list_length": length,
                "found_by_class": _by_name(data.class_names, power.by_class(length)),
                "inseparable_pairs": [
                    {"class": names[own].item(), "wrong_label": names[other].item(), "found": round(found, 4)}
                    for own, other, found in power.inseparable_pairs(length)
                ],
            },
            "review": plan.as_json(order),
        },
        plan,
    )


def _by_name(names: tuple[str, ...], values: np.ndarray) -> dict[str, float | None]:
    return {name: None if np.isnan(value) else float(value) for name, value in zip(names, values, strict=True)}
