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

SETTINGS: dict[str, Any] = {
    "font.size": 10,
    "axes.titlesize": 10.5,
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
    "figure.labelsize": 5.7,  # Names and words beside small pictures.
    "svg.fonttype": "path",
    "text.parse_math": False,
}
"""Settings of matplotlib.

No text is parsed as mathematics, since names of classes may hold dollar signs. `parse_math=True` draws one text as
mathematics.
"""

KIND_COLORS = {"real": "#1b7837", "rand_x": "#2166ac", "rand_y": "#b2182b"}
"""Colors of real data, randX and randY, in every figure that compares them."""
OTHER_NOISE = "#762a83"
"""Color of any other kind of noise."""

DISTINCT_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#999933")
"""Colors of things in no order, also for color-blind readers (the first six are Okabe and Ito's)."""


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
    """Return a color for each noise level in [0, 1], from dark (clean) to light (all noise)."""
    return [matplotlib.colormaps["viridis"](0.88 * level) for level in levels]
