"""Lengths with a unit, such as the width of a column."""

import math
import re

from byheart import checks

INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72.27}
"""Inches of each unit. A point is that of TeX, in which `\\the\\columnwidth` is given."""
NARROWEST, WIDEST = 2.0, 30.0
"""Widths of figures, in inches."""


def width_in_inches(text: str) -> float:
    """Return the width of a figure, such as "3.25in", "8.4 cm", "84mm" or "240pt", in inches.

    Raises:
        BadInput: it is no length with a unit, or too small or too large for a figure.

    >>> width_in_inches("3.25in"), round(width_in_inches("8.4 cm"), 3)
    (3.25, 3.307)
    """
    found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]+)\s*", text)
    if found is None or found[2] not in INCHES:
        raise checks.BadInput(
            f"`--width` must be a number with one of the units {', '.join(INCHES)}, such as 3.25in; got {text!r}."
        )
    width = float(found[1]) * INCHES[found[2]]
    if not (math.isfinite(width) and NARROWEST <= width <= WIDEST):
        raise checks.BadInput(
            f"`--width` must be between {NARROWEST:g} and {WIDEST:g} inches, so that text of 7 to 9 points fits; "
            f"got {text}, which is {width:.3g} inches."
        )
    return width
