"""SVG drawings as elements of a page: ids are unique, each letter's outline is stored once, colors can change.

A page in the dark needs other colors. So each color of a drawing becomes a variable of the page's style sheet, with the
color as its default; `dark_rules` sets the variables.
"""

import itertools
import re

import numpy as np
from markupsafe import Markup, escape

from byheart.drawing.color import COLORLESS, lab, on_dark, rgb
from byheart.drawing.drawn_panel import CURVE

_ID = re.compile(r' id="([^"]*)"')
_GLYPH = re.compile(r'<path id="(DejaVu[^"]*)"[^>]*/>\s*')
_LONG = re.compile(r"(\d\.\d\d)\d+")
_STYLE = re.compile(r'style="[^"]*"')
_COLOR = re.compile(r"#[0-9a-f]{6}\b")
_PLACES = re.compile(r' (?:d|x|y|clip-path)="[^"]*"')


class Inliner:
    """Converts SVG documents to elements of one page. Use a new instance for each page."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._glyphs: set[str] = set()
        self._colors: set[str] = set()

    def __call__(self, svg: str, description: str, greys_only: bool = False) -> Markup:
        """Return the `<svg>` element of a document written by matplotlib, without its size and style.

        Ids that are referred to get the number of the drawing as prefix; others are removed. Parts of a curve get its
        number as `data-curve`. Outlines of letters in earlier drawings of the page are reused.

        Args:
            svg: the document.
            description: text for screen readers.
            greys_only: keep all colors but greys as they are, also in the dark: for pictures whose colors have a scale.
        """
        body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
        box = re.search(r'viewBox="[^"]*"', body)
        name = f'role="img" aria-label="{escape(description)}"'
        body = f"<svg {box[0] if box else ''} {name}" + body[body.index(">") :]
        body = _PLACES.sub(lambda found: _LONG.sub(r"\1", found[0]), body.replace("xlink:href", "href"))
        body = _GLYPH.sub(self._once, body)
        body = self._renamed(body, f"f{next(self._numbers)}-")
        body = re.sub(r"<defs>\s*</defs>", "", body)
        body = _STYLE.sub(lambda style: _COLOR.sub(lambda one: self._changing(one[0], greys_only), style[0]), body)
        return Markup(re.sub(r"\s*\n\s*", "\n", body).strip())

    def color(self, color: str) -> str:
        """Return a value for style sheets: the color #rrggbb, or what stands for it in the dark."""
        self._colors.add(color)
        return f"var(--c{color[1:]},{color})"

    def dark_rules(self) -> Markup:
        """Return declarations of the colors in the dark, of all drawings so far."""
        return Markup(" ".join(f"--c{color[1:]}: {on_dark(color)};" for color in sorted(self._colors)))

    def _changing(self, color: str, greys_only: bool) -> str:
        is_kept = greys_only and float(np.hypot(*lab(rgb(color))[1:])) > COLORLESS
        return color if is_kept else self.color(color)

    def _once(self, found: re.Match[str]) -> str:
        is_new = found[1] not in self._glyphs
        self._glyphs.add(found[1])
        return found[0] if is_new else ""

    def _renamed(self, body: str, prefix: str) -> str:
        used = set(re.findall(r'(?:href="|url\()#([^")]+)', body)) - self._glyphs

        def renamed(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith(CURVE):
                return f' data-curve="{name.removeprefix(CURVE)}"'
            return f' id="{prefix}{name}"' if name in used else found[0] if name in self._glyphs else ""

        body = _ID.sub(renamed, body)
        return re.sub(
            r'(href="|url\()#([^")]+)',
            lambda found: f"{found[1]}#{prefix if found[2] in used else ''}{found[2]}",
            body,
        )
