"""A figure is a title, a caption and panels that each draw themselves on an axis; what they draw are stored results."""

import dataclasses
import functools
import io
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from byheart.drawing.drawn_panel import DrawnPanel, curve_of, label_in_words, named_marks
from byheart.drawing.legend import taken_legend
from byheart.drawing.style import PANEL_SIZE, styled
from byheart.results import atomic


@dataclasses.dataclass(frozen=True)
class Panel:
    """One set of axes.

    Attributes:
        title: short, above the axes.
        draw: draws the panel.
        description: what a reader who cannot see it should know.
    """

    title: str
    draw: Callable[[Axes], None]
    description: str


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes:
        name: of its files.
        title: with the number of the paper's figure.
        caption: what is drawn, with units and n.
        panels: row by row.
        columns: panels in a row.
    """

    name: str
    title: str
    caption: str
    panels: tuple[Panel, ...]
    columns: int = 2

    def save(self, directory: Path) -> None:
        """Writes all panels together as NAME.svg and NAME.png."""
        rows = -(-len(self.panels) // self.columns)
        width, height = PANEL_SIZE
        with styled(self.name):
            figure, axes = plt.subplots(
                rows, self.columns, figsize=(width * self.columns, height * rows), squeeze=False, layout="constrained"
            )
            for axis, panel in zip(axes.flat, self.panels, strict=False):
                _drawn(panel, axis)
            for axis in axes.flat[len(self.panels) :]:
                axis.set_axis_off()
            for file, options in (("svg", {"metadata": {"Date": None}}), ("png", {"dpi": 200})):
                draw = functools.partial(figure.savefig, format=file, **options)
                atomic.write(directory / f"{self.name}.{file}", draw)
            plt.close(figure)

    def drawn_panels(self) -> list[DrawnPanel]:
        """Each panel alone, for pages whose width decides how many stand side by side."""
        return [self._drawn_panel(panel) for panel in self.panels]

    def _drawn_panel(self, panel: Panel) -> DrawnPanel:
        with styled(self.name + panel.title):
            figure, axis = plt.subplots(figsize=PANEL_SIZE, layout="constrained")
            _drawn(panel, axis)
            marks, legend = named_marks(axis), taken_legend(axis)
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None})
            labels = (label_in_words(axis.get_xlabel()), label_in_words(axis.get_ylabel()))
            curves = tuple(curve_of(one, axis, figure) for one in marks)
            plt.close(figure)
        return DrawnPanel(text.getvalue(), legend, labels, curves)


def _drawn(panel: Panel, axis: Axes) -> None:
    axis.set_title(panel.title)
    panel.draw(axis)
