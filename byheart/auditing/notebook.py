"""The short summary of an audit for notebooks: its sentences, and the most suspect examples with pictures."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from byheart.auditing.summary_text import sentences
from byheart.auditing.thumbnails import address, picture
from byheart.data.dataset import Dataset
from byheart.data.example_texts import example_texts
from byheart.data.shown_inputs import shows_pictures

SIDE = 48
"""Height of a picture, in pixels of the notebook."""


def as_html(summary: Mapping[str, Any], power: pd.DataFrame, suspects: pd.DataFrame, data: Dataset) -> str:
    """Return the summary as HTML without scripts or styles of its own.

    Args:
        summary: as in audit.json.
        power: one row for each length of a list.
        suspects: rows of the most suspect examples.
        data: the audited examples, in the order of the source.
    """
    lines = [*summary["cautions"], *sentences(summary, power)]
    said = Markup("").join(Markup("<p>{}</p>").format(one) for one in lines)
    shown = _shown(suspects, data)
    head = Markup("").join(Markup("<th>{}</th>").format(name) for name in ("", "id", "label", "suggested", "verdict"))
    rows = Markup("").join(
        Markup("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
            one, row.id, row.label, row.suggested_label, row.verdict
        )
        for one, row in zip(shown, suspects.itertuples(), strict=True)
    )
    return str(
        Markup("<div>{}<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>").format(said, head, rows)
    )


def _shown(suspects: pd.DataFrame, data: Dataset) -> list[Markup]:
    """Return a picture of each example, or its text."""
    rows = suspects.row.to_numpy()
    if not shows_pictures(data):
        return [escape(text) for text in example_texts(data, rows)]
    style = f"height:{SIDE}px;image-rendering:pixelated;margin:0"
    return [
        Markup('<img src="{}" alt="labelled {}" style="{}">').format(address(picture(data, row)), label, style)
        for row, label in zip(rows.tolist(), suspects.label, strict=True)
    ]
