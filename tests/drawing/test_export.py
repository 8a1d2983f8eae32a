"""Figures as files for papers: sizes of text, fonts, widths, and text that does not overlap."""

import re
import zlib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made_results import critical_samples, made, memorizing, patterns_first, patterns_then_noise
from matplotlib import image
from matplotlib.axes import Axes

from byheart.drawing.axes import legend_below
from byheart.drawing.curves import curve_with_band
from byheart.drawing.export import COLUMN, Form, drawn_for_paper, export
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.fitting import LARGEST, SMALLEST, collisions, on_lines
from byheart.drawing.images import LONGEST_NAME, image_grid

EPOCHS = (0, 1, 2, 5, 10, 20, 50, 100)


def curves(*names: str) -> Panel:
    """Return a panel with a curve for each name, and long labels."""
    values = xr.DataArray(
        np.linspace(0, 1, 3 * len(EPOCHS)).reshape(3, -1), dims=("seed", "epoch"), coords={"epoch": list(EPOCHS)}
    )

    def draw(axis: Axes) -> None:
        for name in names:
            curve_with_band(axis, values, "epoch", label=name)
        axis.set_xticks(np.arange(0, 101, 10))
        axis.set_xlabel("training example, sorted by its misclassification rate")
        axis.set_ylabel("a quantity whose name is far longer than its axis (log scale)")
        legend_below(axis, "a title of a legend that is longer than the column of a paper is wide", columns=9)

    return Panel("a title that is much longer than the panel", draw, "D.")


def pictures(*names: str) -> Panel:
    """Return a panel of small images, ten of each name."""
    columns = [(name, [(np.zeros((2, 2, 1)), "100%")] * 3) for name in names]
    return Panel("pictures", lambda axis: image_grid(axis, columns), "D.")


def sizes_in_svg(path: Path) -> set[float]:
    """Return the sizes in points of all text in an SVG document, whose unit is a point."""
    text = path.read_text(encoding="utf-8")
    assert re.search(r'<svg [^>]*width="[\d.]+pt"', text)
    return {float(size) for size in re.findall(r'<text [^>]*font(?:-size)?: [^";]*?([\d.]+)px', text)}


LONG = ("dropout + adversarial training 0.3, 0.45", "input dropout", "a name without any end that is wider than all")
FIGURES = {
    "one panel": Figure("f", "F", "C.", (curves("a", "b"),)),
    "four panels": Figure("f", "F", "C.", (curves("a", "b"),) * 4),
    "long legends": Figure("f", "F", "C.", (curves(*LONG), curves("other")), columns=2),
    "five panels": Figure("f", "F", "C.", (curves("a"),) * 5, columns=3),
    "long classes": Figure("f", "F", "C.", (pictures(*["W" * LONGEST_NAME] * 10),) * 2),
}


@pytest.mark.parametrize(
    ("name", "width"), [*((name, COLUMN) for name in FIGURES if name != "five panels"), ("five panels", 6.75)]
)
def test_text_has_7_to_9_points_and_does_not_overlap_at_any_number_of_panels(
    name: str, width: float, tmp_path: Path
) -> None:
    with drawn_for_paper(FIGURES[name], width) as canvas:
        assert collisions(canvas) == []
        assert canvas.get_figwidth() == width
        canvas.savefig(tmp_path / "figure.svg")
    sizes = sizes_in_svg(tmp_path / "figure.svg")
    assert sizes
    assert SMALLEST <= min(sizes) <= max(sizes) <= LARGEST


@pytest.mark.parametrize(
    "figure",
    [
        patterns_first(3).figures(made(patterns_first(3), patterns_then_noise), "made up")[0],
        critical_samples(3).figures(made(critical_samples(3), memorizing), "made up")[0],
    ],
    ids=lambda figure: figure.name,
)
def test_figures_of_experiments_fit_a_column(figure: Figure) -> None:
    with drawn_for_paper(figure, COLUMN) as canvas:
        assert collisions(canvas) == []


def test_panels_with_the_same_legend_share_it_and_others_have_their_own() -> None:
    with drawn_for_paper(Figure("f", "F", "C.", (curves("a", "b"), curves("a"))), 6.75) as canvas:
        (legend,) = canvas.legends
        assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]
    with drawn_for_paper(Figure("f", "F", "C.", (curves("a"), curves("b"))), 6.75) as canvas:
        assert not canvas.legends
        assert all(axis.get_legend() is not None for axis in canvas.axes)


def test_a_pdf_has_its_width_and_embeds_its_fonts_as_truetype(tmp_path: Path) -> None:
    (path,) = export(FIGURES["one panel"], tmp_path, Form(("pdf",), 3.25))
    content = path.read_bytes()
    content += b"".join(_inflated(part) for part in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL))
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+)", content)
    assert box is not None
    assert float(box[1]) == pytest.approx(3.25 * 72)
    assert b"/FontFile2" in content
    assert b"/Type3" not in content
    assert b"CreationDate" not in content


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_a_png_has_the_dots_that_are_asked_for_and_formats_are_written_together(tmp_path: Path) -> None:
    figure = Figure("name", "F", "C.", (curves("a"),))
    paths = export(figure, tmp_path, Form(("png", "pdf"), width=4, dpi=150))
    assert [path.name for path in paths] == ["name.png", "name.pdf"]
    assert image.imread(paths[0]).shape[1] == 600


def test_lines_of_a_broken_text_are_even_and_keep_its_words() -> None:
    text = "the number of epochs until all training examples are fitted"
    for excess in (1.0, 1.3, 2.4, 3.1):
        lines = on_lines(text, excess).split("\n")
        assert " ".join(lines) == text
        assert len(lines) >= excess
    assert on_lines("unbreakable", 3) == "unbreakable"
    assert on_lines("a broken text\nthat is too wide", 1.3) == "a broken\ntext that\nis too wide"
