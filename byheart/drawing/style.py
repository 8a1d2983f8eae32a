"""The style of figures: colors, sizes and fonts."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import matplotlib
import matplotlib.pyplot as plt

from byheart.drawing.text import fonts

PANEL_SIZE = (4.4, 3.7)
"""Width and height of a panel, in inches."""

TEXT_SIZE = 10
"""Size of all text in a panel but its legend, in points; a page shows all panels at the same scale."""

SETTINGS: dict[str, Any] = {
    "font.size": TEXT_SIZE,
    "axes.titlesize": TEXT_SIZE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "axes.edgecolor": "#555555",
    "axes.labelcolor": "#222222",
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 1.6,
    "figure.labelsize": TEXT_SIZE,
    "svg.fonttype": "path",
    "text.parse_math": False,
}
"""Settings of matplotlib.

No text is parsed as mathematics, since names of classes may hold dollar signs. `parse_math=True` draws one text as
mathematics.
"""

KIND_COLORS = {"real": "#2b9a75", "rand_x": "#1a4a94", "rand_y": "#b34d0d", "half": "#7880a2"}
"""Colors of real data, randX and randY, and of data of which half is real, in every figure that compares them."""
KIND_MARKERS = {"real": "o", "rand_x": "s", "rand_y": "^", "half": "v"}
"""Markers of the same, for print in grey."""
OTHER_NOISE, OTHER_MARKER = "#b06ae8", "D"
"""Color and marker of any other kind of noise."""

DISTINCT_COLORS = ("#5e30a1", "#d75d24", "#176954", "#c572bc", "#719a6d", "#7a2d07", "#ab75ee", "#6c1e67")
"""Colors of things in no order. All colors here are told apart with any common deficiency of color vision."""
DISTINCT_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
"""Markers of the same things, for print in grey."""


@contextlib.contextmanager
def styled(salt: str, changes: Mapping[str, Any] = MappingProxyType({})) -> Iterator[None]:
    """Draw without a screen and in byheart's style inside this context, with the same bytes every time.

    Args:
        salt: makes the ids of different SVGs differ.
        changes: settings of matplotlib in place of those of `SETTINGS`.

    A user's own matplotlibrc is ignored: with `text.usetex` in it, names of classes would be programs of TeX.
    """
    matplotlib.use("agg")
    settings: Any = {
        **SETTINGS,
        "font.family": fonts(),
        "svg.hashsalt": salt.encode(errors="backslashreplace").decode(),
        **changes,
    }
    with plt.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        yield


def level_colors(levels: Sequence[float]) -> list[Any]:
    """Return a color for each noise level in [0, 1], from dark (clean) to light (all noise).

    The lightest one is still readable on white.
    """
    return [matplotlib.colormaps["magma"](0.02 + 0.64 * level) for level in levels]
