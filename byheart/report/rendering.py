"""Rendering of pages from templates."""

from typing import Any

import jinja2

import byheart
from byheart.experiments.finding import tally_of
from byheart.report.forest import ticks
from byheart.report.formatting import (
    counted,
    data_in_words,
    duration,
    interval_in_words,
    memory,
    needed_in_words,
    number,
    prospect_in_words,
    rule_of_judgment,
    seeds_in_words,
    unit_in_words,
    with_code,
)
from byheart.report.glossary import TERMS, explained, link_to
from byheart.report.inline_svg import Inliner
from byheart.report.opening import run_in_words
from byheart.statistics.looks import PLANNED


def rendered(template: str, package: str = "byheart.report", **content: Any) -> str:
    """Return the HTML of a page.

    Args:
        template: file name in the folder `templates` of `package`; it may use the templates of `byheart.report`.
        package: package that holds the template.
        content: variables of the template.
    """
    return _environment(package).get_template(template).render(version=byheart.__version__, **content)


def _environment(package: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(name) for name in dict.fromkeys((package, "byheart.report"))]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    inliner = Inliner()
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}  # Keep the order of columns.
    environment.filters |= {
        "number": number,
        "interval": interval_in_words,
        "seeds": seeds_in_words,
        "counted": counted,
        "rule": rule_of_judgment,
        "prospect": prospect_in_words,
        "needed": needed_in_words,
        "unit": unit_in_words,
        "tally": tally_of,
        "explained": explained,
        "with_code": with_code,
        "duration": duration,
        "memory": memory,
        "data": data_in_words,
        "inlined": inliner,
        "themed": inliner.color,
        "run_in_words": run_in_words,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
    }
    environment.globals |= {"terms": TERMS, "term": link_to, "forest_ticks": ticks(), "dark_rules": inliner.dark_rules}
    environment.globals |= {"planned_looks": PLANNED}
    return environment
