"""Short texts that show examples that are not pictures."""

import numpy as np
from jaxtyping import Float, Int, Shaped

from byheart.data.dataset import Dataset
from byheart.data.input_checks import blocks_of
from byheart.data.legend import Legend
from byheart.data.shown_inputs import shown_inputs, shows_pictures

MOST_FEATURES = 3
"""Number of features in the text of a vector."""
LONGEST = 200
"""Longest text, in characters."""


def example_texts(data: Dataset, places: Int[np.ndarray, " chosen"]) -> Shaped[np.ndarray, " chosen"]:
    """Return a short text for each chosen example: its own, if the source has texts, or its most unusual numbers.

    Those are the features of a vector that lie farthest from their mean over `data`, in standard deviations, the
    farthest first. If networks see an embedding of a source of vectors, they are features of the source, and the mean
    is over all of it.

    Args:
        data: the examples.
        places: (chosen,) positions of examples in `data`.

    Returns:
        (chosen,) strings; "" for images without texts.

    >>> legend = Legend(("height", "weight"))
    >>> people = Dataset([[1.5, 80], [1.6, 81], [1.7, 79], [1.6, 120]], [0, 1, 0, 1], legend=legend)
    >>> example_texts(people, np.array([3])).tolist()
    ['weight 120 (+1.7 sd), height 1.6 (+0.0 sd)']
    """
    legend = data.legend or Legend()
    if legend.shown is not None:
        return np.array([_short(str(legend.shown[place])) for place in data.index[places]], np.str_)
    if shows_pictures(data):
        return np.full(len(places), "")
    mean, deviation = _moments(data)
    rows = shown_inputs(data, places)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(deviation > 0, (rows - mean) / deviation, 0.0)
    names = legend.feature_names or tuple(f"feature {place}" for place in range(rows.shape[1]))
    farthest = np.argsort(-np.abs(scores), axis=1, kind="stable")[:, :MOST_FEATURES]
    found = []
    for row, score, chosen in zip(rows, scores, farthest, strict=True):
        numbers = [f"{names[one]} {row[one]:.4g} ({score[one]:+.1f} sd)" for one in chosen if deviation[one] > 0]
        found.append(_short(", ".join(numbers)))
    return np.array(found, np.str_)


def _moments(data: Dataset) -> tuple[Float[np.ndarray, " feature"], Float[np.ndarray, " feature"]]:
    """Return the mean and the standard deviation of each feature that is shown."""
    own = (data.legend or Legend()).inputs
    if own is None:
        return np.asarray(data.mean), np.asarray(data.standard_deviation)
    mean = sum(own[block].sum(axis=0, dtype=np.float64) for block in blocks_of(own)) / len(own)
    squares = sum(np.square(own[block] - mean).sum(axis=0) for block in blocks_of(own))
    return np.asarray(mean), np.sqrt(squares / len(own))


def _short(text: str) -> str:
    """Return a text on one line, cut if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
