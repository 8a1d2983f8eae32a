"""Drawings as elements of one page: ids are unique, and the outline of each letter is stored once."""

from byheart.drawing.color import on_dark
from byheart.pages.inline_svg import Inliner

DOCUMENT = """<?xml version="1.0"?>
<!DOCTYPE svg>
<svg xmlns:xlink="http://x" width="10pt" height="10pt" viewBox="0 0 10 10" xmlns="http://y">
 <metadata><a href="http://z"/></metadata>
 <defs>
  <style type="text/css">*{stroke: red}</style>
 </defs>
 <g id="figure_1">
  <g id="curve-3">
   <path d="M 1.23456 2.5" clip-path="url(#box)"/>
  </g>
  <defs>
   <path id="DejaVuSans-41" d="M 1 2" transform="scale(0.015625)"/>
  </defs>
  <use xlink:href="#DejaVuSans-41"/>
 </g>
 <clipPath id="box"><rect x="0" y="0.98765"/></clipPath>
</svg>
"""


def test_a_drawing_is_an_element_with_names_of_its_own() -> None:
    page = Inliner()
    first, second = page(DOCUMENT, 'What it "says".'), page(DOCUMENT, "Other.")
    assert first.splitlines() == [
        '<svg viewBox="0 0 10 10" role="img" aria-label="What it &#34;says&#34;.">',
        "<g>",
        '<g data-curve="3">',
        '<path d="M 1.23 2.5" clip-path="url(#f1-box)"/>',
        "</g>",
        "<defs>",
        '<path id="DejaVuSans-41" d="M 1 2" transform="scale(0.015625)"/>',
        "</defs>",
        '<use href="#DejaVuSans-41"/>',
        "</g>",
        '<clipPath id="f1-box"><rect x="0" y="0.98"/></clipPath>',
        "</svg>",
    ]
    assert 'id="f2-box"' in second
    assert "<defs>" not in second
    assert 'href="#DejaVuSans-41"' in second


COLORED = """<svg viewBox="0 0 10 10"><path style="fill: #1b7837; stroke: #222222"/><image href="#222222"/></svg>"""


def test_colors_are_variables_with_their_value_in_the_dark() -> None:
    page = Inliner()
    drawing = page(COLORED, "Colors.")
    assert 'style="fill: var(--c1b7837,#1b7837); stroke: var(--c222222,#222222)"' in drawing
    assert page.color("#ffffff") == "var(--cffffff,#ffffff)"
    assert page.dark_rules() == " ".join(f"--c{one[1:]}: {on_dark(one)};" for one in ("#1b7837", "#222222", "#ffffff"))


def test_a_picture_with_a_scale_of_colors_changes_its_greys_alone() -> None:
    page = Inliner()
    assert 'style="fill: #1b7837; stroke: var(--c222222,#222222)"' in page(COLORED, "Colors.", greys_only=True)
    assert page.dark_rules() == f"--c222222: {on_dark('#222222')};"
