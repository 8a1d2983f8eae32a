"""Rendering of reports of runs from templates."""

from typing import Any

from byheart.experiments.finding import tally_of
from byheart.pages.rendering import rendered as rendered_page
from byheart.report.forest import ticks
from byheart.report.formatting import (
    counted,
    data_in_words,
    interval_in_words,
    needed_in_words,
    prospect_in_words,
    rule_of_judgment,
    seeds_in_words,
    unit_in_words,
)
from byheart.report.glossary import TERMS, explained
from byheart.report.opening import run_in_words
from byheart.statistics.looks import PLANNED

FILTERS = {
    "interval": interval_in_words,
    "seeds": seeds_in_words,
    "counted": counted,
    "rule": rule_of_judgment,
    "prospect": prospect_in_words,
    "needed": needed_in_words,
    "unit": unit_in_words,
    "tally": tally_of,
    "explained": explained,
    "data": data_in_words,
    "run_in_words": run_in_words,
}
"""Filters of templates, besides those of all pages."""


def rendered(template: str, package: str = "byheart.report", **content: Any) -> str:
    """Return the HTML of a page.

    Args:
        template: file name in the folder `templates` of `package`; it may use the templates of `byheart.report`.
        package: package that holds the template.
        content: variables of the template.
    """
    return rendered_page(
        template,
        (package, "byheart.report"),
        TERMS,
        ("forest.css",),
        FILTERS,
        forest_ticks=ticks(),
        planned_looks=PLANNED,
        **content,
    )
