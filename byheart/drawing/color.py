"""Colors as people see them: CIELAB, contrast, and the color that takes the place of another on a dark page."""

import numpy as np
from jaxtyping import Float

RGB = Float[np.ndarray, "*shape 3"]
"""Linear red, green and blue, in [0, 1] for colors that a screen can show."""
LAB = Float[np.ndarray, "*shape 3"]
"""CIELAB: lightness in [0, 100], and two axes of color, green to red and blue to yellow."""

PAPER, INK = "#15161a", "#ececf0"
"""Background and text of a dark page."""
READABLE = 3.0
"""Least contrast of graphics with their background (WCAG 2.2, criterion 1.4.11)."""
COLORLESS = 6.0
"""Distance from the axis of greys, in CIELAB, up to which a color counts as grey."""

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _TO_XYZ.sum(axis=1)
_EDGE = 6 / 29


def rgb(color: str) -> Float[np.ndarray, "3"]:
    """Return the linear values of #rrggbb (sRGB, IEC 61966-2-1)."""
    stored = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)


def hexadecimal(linear: Float[np.ndarray, "3"]) -> str:
    """Return #rrggbb of linear values, moved into [0, 1]."""
    inside = np.clip(linear, 0, 1)
    stored = np.where(inside <= 0.0031308, 12.92 * inside, 1.055 * inside ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(one)):02x}" for one in stored)


def lab(linear: RGB) -> LAB:
    """Return CIELAB of linear values (white: D65)."""
    ratio = linear @ _TO_XYZ.T / _WHITE
    x, y, z = np.moveaxis(np.where(ratio > _EDGE**3, np.cbrt(ratio), ratio / (3 * _EDGE**2) + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def from_lab(values: LAB) -> RGB:
    """Return linear values of CIELAB; outside [0, 1] for colors that a screen cannot show."""
    lightness, a, b = np.moveaxis(values, -1, 0)
    y = (lightness + 16) / 116
    found = np.stack([y + a / 500, y, y - b / 200], axis=-1)
    ratio = np.where(found > _EDGE, found**3, 3 * _EDGE**2 * (found - 4 / 29))
    return ratio * _WHITE @ np.linalg.inv(_TO_XYZ).T


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colors, from 1 to 21 (WCAG 2.2).

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    darker, lighter = sorted(float(rgb(color) @ _TO_XYZ[1]) for color in (first, second))
    return (lighter + 0.05) / (darker + 0.05)


def on_dark(color: str) -> str:
    """Return the color that stands for `color` on a dark page: of the same hue, with mirrored lightness.

    White becomes the paper and black the ink of a dark page. A color that is no grey stays readable.

    >>> on_dark("#ffffff"), on_dark("#e6e6e6"), on_dark("#222222")
    ('#15161a', '#252525', '#cccccc')
    """
    if color == "#ffffff":
        return PAPER
    lightness, a, b = lab(rgb(color)).tolist()
    dark, bright = (float(lab(rgb(one))[0]) for one in (PAPER, INK))
    mirrored = dark + (100 - lightness) / 100 * (bright - dark)
    if np.hypot(a, b) <= COLORLESS:
        return _shown(mirrored, 0, 0)
    while contrast(found := _shown(mirrored, a, b), PAPER) < READABLE:
        mirrored += 1
    return found


def _shown(lightness: float, a: float, b: float) -> str:
    """Return the color of a lightness and hue, with as much of its chroma as a screen can show."""
    for share in np.linspace(1, 0, 51):
        found = from_lab(np.array([lightness, share * a, share * b]))
        if (found >= -1e-6).all() and (found <= 1 + 1e-6).all():
            break
    return hexadecimal(found)
