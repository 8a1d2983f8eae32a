"""The page of an audit: report.html, one file that needs no network, with the gallery of suspects and their review."""

from pathlib import Path
from typing import Any

import pandas as pd

from byheart.auditing.gallery import Gallery, gallery
from byheart.auditing.power_figure import power_figure
from byheart.auditing.result import Audit
from byheart.auditing.reviews import COLUMNS, NO_LABEL
from byheart.auditing.summary_text import percent, review_in_words
from byheart.auditing.terms import TERMS
from byheart.auditing.thumbnails import ACROSS, DOWN
from byheart.auditing.verdicts import VERDICTS
from byheart.drawing.canvas import drawn_panels
from byheart.pages.links import folder_link
from byheart.pages.rendering import rendered


def page(audit: Audit, directory: Path = Path()) -> str:
    """Return the HTML of the page of an audit.

    Args:
        audit: the audit.
        directory: of the page, for links to files.
    """
    figure, shown, summary = power_figure(audit.power, audit.summary), gallery(audit), audit.summary
    (panel,) = drawn_panels(figure)
    k = summary["power"]["list_length"]
    (of_list,) = audit.power[audit.power.k == k].to_dict("records")
    reviewed = summary.get("reviewed")
    return rendered(
        "audit.html",
        ("byheart.auditing",),
        TERMS,
        ("audit.css",),
        {"percent": percent, "share": "{:.0%}".format, "thousands": "{:,}".format},
        summary=summary,
        figure=figure,
        panel=panel,
        of_list=of_list,
        classes=_by_class(audit),
        shown=shown,
        across=ACROSS,
        down=DOWN,
        content=_content(audit, shown, directory),
        review_lines=review_in_words(reviewed, summary["examples"])[1:] if reviewed else [],
        verdict_names=VERDICTS,
        has_curves=True,
        has_sortable_tables=True,
    )


def _content(audit: Audit, shown: Gallery, directory: Path) -> dict[str, Any]:
    """Return what the script of the page needs, as JSON."""
    review, legend = audit.review, audit.data.legend
    names = audit.summary["class_names"]
    marks = {}
    if review is not None:
        for row, mark, label in zip(
            review.rows.tolist(), review.marks.tolist(), review.new_labels.tolist(), strict=True
        ):
            marks[row] = [mark, "" if label == NO_LABEL else names[label]]
    return {
        "fingerprint": audit.summary["data_fingerprint"],
        "name": audit.summary["data"],
        "classes": names,
        "verdicts": VERDICTS,
        "examples": shown.columns,
        "columns": COLUMNS,
        "listLength": audit.plan.list_length,
        "hasPictures": shown.shape is not None,
        "hasCurves": audit.scores.sizes["epoch"] > 0,
        "marks": marks,
        "folder": "" if legend is None else folder_link(legend.folder, directory),
    }


def _by_class(audit: Audit) -> list[dict[str, Any]]:
    """Return a row for each class: its examples, their verdicts, and the share of its wrong labels that is found."""
    table, found = audit.examples, audit.summary["power"]["found_by_class"]
    counts = pd.crosstab(table.label, table.verdict).reindex(
        index=audit.summary["class_names"], columns=VERDICTS, fill_value=0
    )
    probability = table.groupby("label").held_out_probability.mean()
    return [
        {
            "name": name,
            "examples": int(counts.loc[name].sum()),
            "verdicts": [int(count) for count in counts.loc[name]],
            "probability": float(probability.get(name, float("nan"))),
            "found": found[name],
        }
        for name in audit.summary["class_names"]
    ]
