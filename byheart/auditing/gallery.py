"""The examples that the page of an audit holds: numbers, texts and pictures of the most suspect and of the sample."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Int

from byheart.auditing.result import Audit
from byheart.auditing.thumbnails import sprites
from byheart.auditing.verdicts import VERDICTS
from byheart.data.example_texts import example_texts
from byheart.data.shown_inputs import shown_shape, shows_pictures
from byheart.statistics.intervals import LEVEL, t_quantile

MOST = 10_000
"""Largest number of the most suspect examples on a page."""
MOST_BYTES = 4_500_000
"""Size of the pictures of the most suspect examples at which no more are added."""
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""Digits of a curve of learning: "z" stands for all networks."""


@dataclasses.dataclass(frozen=True)
class Gallery:
    """The examples of a page.

    Attributes:
        columns: values of the examples by name, for the script of the page.
        sprites: pictures of the examples, 100 in each; empty for vectors.
        n_first: number of the most suspect examples among them; the others belong to the sample.
        shape: width and height of a picture in pixels; none for vectors.
    """

    columns: dict[str, Any]
    sprites: tuple[str, ...]
    n_first: int
    shape: tuple[int, int] | None


def gallery(audit: Audit) -> Gallery:
    """Return the most suspect examples, as many as a page can hold, and all that are sampled for a review."""
    n = min(MOST, len(audit.examples))
    rows = audit.examples.row.to_numpy()
    sampled = np.array(audit.plan.sample) - 1
    made: list[str] = []
    have_pictures = shows_pictures(audit.data)
    if have_pictures:
        total = 0
        for made_now in sprites(audit.data, rows[:n]):
            made.append(made_now)
            total += len(made_now)
            if total > MOST_BYTES:
                n = min(n, 100 * len(made))
                break
    rest = np.sort(sampled[sampled >= n])
    places = np.concatenate([np.arange(n), rest])
    if have_pictures:
        made = [*made[: n // 100], *sprites(audit.data, rows[places[n - n % 100 :]])]
    height, width = shown_shape(audit.data)[:2] if have_pictures else (0, 0)
    return Gallery(_columns(audit, places), tuple(made), n, (width, height) if width else None)


def _columns(audit: Audit, places: Int[np.ndarray, " shown"]) -> dict[str, Any]:
    table = audit.examples.iloc[places]
    rows = table.row.to_numpy()
    names = {name: place for place, name in enumerate(audit.summary["class_names"])}
    parts = list(dict.fromkeys(audit.examples.part))
    low, high = _interval(audit, table)
    order = {rank: place for place, rank in enumerate(audit.plan.sample)}
    return {
        "row": rows.tolist(),
        "id": table.id.tolist(),
        "parts": parts,
        "part": [parts.index(part) for part in table.part],
        "rank": table["rank"].tolist(),
        "label": [names[name] for name in table.label],
        "suggested": [names[name] for name in table.suggested_label],
        "verdict": [VERDICTS.index(one) for one in table.verdict],
        "probability": _rounded(table.held_out_probability),
        "low": _rounded(low),
        "high": _rounded(high),
        "wrong": _rounded(table.wrong_probability),
        "memorization": _rounded(table.memorization),
        "text": example_texts(audit.data, rows).tolist(),
        "learned": _curves(audit, rows),
        "stratum": audit.plan.stratum_of(table["rank"].to_numpy()).tolist(),
        "sample": [order.get(rank, -1) for rank in table["rank"]],
    }


def _rounded(values: Any) -> list[float]:
    return np.round(np.asarray(values, float), 3).tolist()


def _interval(audit: Audit, table: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of the held-out probability over networks that did not see the example (Student's t)."""
    n_networks = int(audit.scores.votes.values[0].sum())
    half = t_quantile(max(n_networks, 2), LEVEL) * table.held_out_probability_se.to_numpy()
    middle = table.held_out_probability.to_numpy()
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def _curves(audit: Audit, rows: Int[np.ndarray, " shown"]) -> list[str]:
    """Return for each example a digit for each epoch: the share of networks that are right from then on."""
    shares = audit.scores.n_learned.values[rows] / audit.scores.n_seen.values[rows, None]
    places = np.rint(shares * (len(DIGITS) - 1)).astype(int)
    return ["".join(DIGITS[digit] for digit in row) for row in places.tolist()]
