"""Text from users, such as names of classes, in a form that matplotlib can draw."""

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from matplotlib import font_manager, ft2font
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text

OWN_FONT = "DejaVu Sans"
"""The font that comes with matplotlib: Latin, Greek, Cyrillic, Hebrew, Arabic, and many symbols."""
OTHER_FONTS = (
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK KR", "Source Han Sans", "WenQuanYi Zen Hei"),
    *("Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic"),
    *("Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai", "Nirmala UI", "Noto Emoji"),
)
"""Fonts for the characters that `OWN_FONT` lacks; those that a machine has are used."""
LINE_BREAK, TAB, NO_GLYPH = "\u21b5", "\u21e5", "\ufffd"
"""Characters drawn instead of a line break, a tab, and any character that cannot be drawn."""
CAN_SHAPE = hasattr(ft2font, "__libraqm_version__")
"""Whether matplotlib joins letters and draws from right to left (version 3.11 does)."""

_LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_SIGNS_OF_ORDER = ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
_FROM_RIGHT_TO_LEFT = ("R", "AL", "AN")


@functools.cache
def fonts() -> tuple[str, ...]:
    """Return `OWN_FONT`, and those of `OTHER_FONTS` that are installed."""
    installed = set(font_manager.get_font_names())
    return (OWN_FONT, *(name for name in OTHER_FONTS if name in installed))


def drawable(text: str) -> str:
    r"""Replace each line break, tab, and character that cannot be drawn by a sign.

    >>> drawable("US$ 1\n2"), drawable("a\tb\x07")
    ('US$ 1↵2', 'a⇥b�')
    """
    composed = _LINE_BREAKS.sub(LINE_BREAK, unicodedata.normalize("NFC", text)).replace("\t", TAB)
    return "".join(one if _can_draw(one) else NO_GLYPH for one in composed)


def names_of_classes(names: Sequence[str], at_most: int) -> list[str]:
    """Return the names of all classes in a form that can be drawn, different from each other.

    Long names lose their middle. "class 3" replaces a name that is blank, cannot be drawn, or looks like another.

    Args:
        names: the names that the user gives, one for each class.
        at_most: most letters of a name; those of double width count twice.

    >>> names_of_classes(["automobile", "_$1_$2", " ", "class 2"], 9)
    ['auto…bile', '_$1_$2', 'class 2', 'class 3']
    """
    drawn = [
        shortened(text, at_most) if text.strip() and text.count(NO_GLYPH) == name.count(NO_GLYPH) else ""
        for name, text in zip(names, map(drawable, names), strict=True)
    ]
    numbers = {f"class {number}" for number, text in enumerate(drawn) if not text}
    counted = Counter(drawn)
    return [
        text if text and counted[text] == 1 and text not in numbers else f"class {number}"
        for number, text in enumerate(drawn)
    ]


def shortened(text: str, at_most: int) -> str:
    """Return the text, without its middle if it is longer than `at_most` letters.

    >>> shortened("ankle boot", 9), shortened("漢字漢字漢字", 9)
    ('ankl…boot', '漢字…漢字')
    """
    if _width(text) <= at_most:
        return text
    start, end, room = "", "", at_most - 1
    for first, last in zip(text, reversed(text), strict=True):
        if _width(start + first + end) <= room:
            start += first
        if _width(start + last + end) <= room:
            end = last + end
        else:
            break
    return f"{start}…{end}"


def named(label: str) -> str:
    """Return the label of a curve, with a zero-width space before a leading underscore.

    Matplotlib hides labels that start with an underscore.
    """
    return f"\N{ZERO WIDTH SPACE}{label}" if label.startswith("_") else label


def isolated(text: str) -> str:
    """Enclose the text in Unicode isolates if, as Hebrew, it would change the order of the text beside it."""
    changes_order = any(unicodedata.bidirectional(one) in (*_FROM_RIGHT_TO_LEFT, *_SIGNS_OF_ORDER) for one in text)
    return f"\u2068{text}\u2069" if changes_order else text


def make_drawable(canvas: Canvas) -> None:
    """Replace characters that cannot be drawn in all texts of a canvas, which may have several lines."""
    for text in canvas.findobj(Text):
        assert isinstance(text, Text)
        text.set_text("\n".join(map(drawable, text.get_text().split("\n"))))


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in text if not unicodedata.combining(one))


@functools.cache
def _can_draw(character: str) -> bool:
    category, order = unicodedata.category(character), unicodedata.bidirectional(character)
    is_joined = category == "Mc" or order in _FROM_RIGHT_TO_LEFT
    if category in ("Cc", "Cs") or order in _SIGNS_OF_ORDER or (is_joined and not CAN_SHAPE):
        return False
    return any(ord(character) in glyphs for glyphs in _glyphs())


@functools.cache
def _glyphs() -> tuple[frozenset[int], ...]:
    """Return the characters that each of `fonts` has in both its plain and its bold face."""
    found = []
    for family in fonts():
        files = [
            font_manager.findfont(font_manager.FontProperties(family=[family], weight=weight))
            for weight in ("normal", "bold")
        ]
        plain, bold = (frozenset(font_manager.get_font(file).get_charmap()) for file in files)
        found.append(plain & bold)
    return tuple(found)
