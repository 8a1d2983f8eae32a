"""Formatting of numbers, times and sizes for readers."""

import re

import numpy as np
from markupsafe import Markup, escape


def number(value: float) -> str:
    """Return a number with three decimals, or a dash if it is not finite.

    >>> number(0.12345), number(-0.5), number(float("nan"))
    ('0.123', '−0.500', '–')
    """
    if not np.isfinite(value):
        return "–"
    return f"{value:.3f}".replace("-", "−")


def with_code(text: str) -> Markup:
    """Return a sentence as HTML, in which what stands between backticks is code.

    >>> with_code("`--seeds 5` takes <5")
    Markup('<code>--seeds 5</code> takes &lt;5')
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def duration(seconds: float) -> str:
    """Return a length of time in at most two units.

    >>> duration(12.3), duration(130), duration(3 * 3600 + 61), duration(100 * 3600)
    ('12 s', '2 min 10 s', '3 h 1 min', '4 d 4 h')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24:,} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def memory(n_bytes: float) -> str:
    """Return a number of bytes in MB or GB, which are powers of ten.

    >>> memory(1_234_567), memory(45e9), memory(210_000)
    ('1.2 MB', '45 GB', '0.2 MB')
    """
    value, unit = (n_bytes / 1e9, "GB") if n_bytes >= 1e9 else (n_bytes / 1e6, "MB")
    return f"{value:,.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
