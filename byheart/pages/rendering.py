"""Rendering of pages from templates: one self-contained HTML file, which needs no network."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import jinja2

import byheart
from byheart.pages.formatting import duration, memory, number, with_code
from byheart.pages.inline_svg import Inliner
from byheart.pages.terms import Term, link_to


def rendered(
    template: str,
    packages: Sequence[str],
    terms: Sequence[Term],
    style_sheets: Sequence[str] = (),
    additions: Mapping[str, Any] = MappingProxyType({}),
    **content: Any,
) -> str:
    """Return the HTML of a page.

    Args:
        template: file name in the folder `templates` of one of the packages; it may extend `page.html` of this room.
        packages: packages with templates, those that are looked into first come first.
        terms: words that the page explains.
        style_sheets: file names of style sheets besides those of all pages.
        additions: filters of the template by name, besides those of all pages.
        content: variables of the template.
    """
    folders = dict.fromkeys((*packages, "byheart.pages"))
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(name) for name in folders]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    inliner = Inliner()
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}  # Keep the order of columns.
    environment.filters |= {
        "number": number,
        "with_code": with_code,
        "duration": duration,
        "memory": memory,
        "inlined": inliner,
        "themed": inliner.color,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        **additions,
    }
    environment.globals |= {"terms": terms, "term": link_to, "dark_rules": inliner.dark_rules}
    environment.globals |= {"style_sheets": style_sheets, "version": byheart.__version__}
    return environment.get_template(template).render(**content)
