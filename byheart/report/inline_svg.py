"""SVG drawings as elements of a page: ids are unique, and each letter's outline is stored once."""

import itertools
import re

from markupsafe import Markup, escape

from byheart.drawing.drawn_panel import CURVE

_ID = re.compile(r' id="([^"]*)"')
_GLYPH = re.compile(r'<path id="(DejaVu[^"]*)"[^>]*/>\s*')
_LONG = re.compile(r"(\d\.\d\d)\d+")
_PLACES = re.compile(r' (?:d|x|y|clip-path)="[^"]*"')


class Inliner:
    """Converts SVG documents to elements of one page. Use a new instance for each page."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._glyphs: set[str] = set()

    def __call__(self, svg: str, description: str) -> Markup:
        """Return the `<svg>` element of a document written by matplotlib, without its size and style.

        Ids that are referred to get the number of the drawing as prefix; others are removed. Parts of a curve get its
        number as `data-curve`. Outlines of letters in earlier drawings of the page are reused.

        Args:
            svg: the document.
            description: text for screen readers.
        """
        body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
        box = re.search(r'viewBox="[^"]*"', body)
        name = f'role="img" aria-label="{escape(description)}"'
        body = f"<svg {box[0] if box else ''} {name}" + body[body.index(">") :]
        body = _PLACES.sub(lambda found: _LONG.sub(r"\1", found[0]), body.replace("xlink:href", "href"))
        body = _GLYPH.sub(self._once, body)
        body = self._renamed(body, f"f{next(self._numbers)}-")
        body = re.sub(r"<defs>\s*</defs>", "", body)
        return Markup(re.sub(r"\s*\n\s*", "\n", body).strip())

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
