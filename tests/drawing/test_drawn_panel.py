"""What a page is told of a panel: curves with their places and values, and the legend that the drawing leaves out."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from byheart.drawing import canvas
from byheart.drawing.curves import curve_with_band
from byheart.drawing.drawn_panel import MOST_POINTS, DrawnPanel
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.fitting import collisions
from byheart.drawing.images import LONGEST_NAME, image_grid
from byheart.drawing.legend import Entry
from byheart.drawing.marks import mark, points_of


def drawn(draw: Callable[[Axes], None]) -> DrawnPanel:
    (panel,) = canvas.drawn_panels(Figure("figure", "Figure", "Caption.", (Panel("panel", draw, "A panel."),)))
    return panel


def test_a_mean_is_told_with_its_interval_and_its_band_hides_with_it() -> None:
    values = xr.DataArray([[1.0, 2.0], [3.0, 2.0]], dims=("seed", "epoch"), coords={"epoch": [0, 10]})

    def draw(axis: Axes) -> None:
        curve_with_band(axis, values, "epoch", label="clean", color="red")
        curve_with_band(axis, values.isel(seed=[0]), "epoch", series="clean", color="red", linestyle=":")
        axis.set_xlabel("epoch (log scale)")
        axis.legend(title="noise")

    panel = drawn(draw)
    first, second = panel.curves
    assert (first.series, first.name, first.color) == ("clean", "clean", "#ff0000")
    assert (second.series, second.name) == ("clean", "clean (dotted)")
    assert [point[2:] for point in first.points] == [("0", "2 [−10.7,\N{NO-BREAK SPACE}14.7]"), ("10", "2")]
    assert [point[2:] for point in second.points] == [("0", "1"), ("10", "2")]
    assert (panel.svg.count('id="curve-0"'), panel.svg.count('id="curve-1"')) == (2, 1)
    assert panel.labels == ("epoch", "")
    assert (panel.legend.title, panel.legend.entries) == ("noise", (Entry("clean", "#ff0000"),))


def test_points_stand_where_they_are_drawn() -> None:
    def draw(axis: Axes) -> None:
        axis.set_position((0.25, 0.5, 0.5, 0.25))
        axis.plot([0, 1, 2, 3], [0, 1, np.nan, 9], label="line")
        axis.set_xlim(0, 2)
        axis.set_ylim(0, 1)
        axis.figure.set_layout_engine("none")
        axis.legend()

    (line,) = drawn(draw).curves
    width, height = 72 * 4.4, 72 * 3.7
    assert [point[:2] for point in line.points] == [
        pytest.approx((0.25 * width, 0.5 * height), abs=0.06),
        pytest.approx((0.5 * width, 0.25 * height), abs=0.06),
    ]


def test_what_a_legend_names_is_told_without_a_word_and_other_lines_are_not() -> None:
    def draw(axis: Axes) -> None:
        axis.plot(np.arange(1, 251), np.arange(250), "--", label="long")
        axis.stairs([1, 2], [0, 1, 2], label="steps")
        axis.plot([], [], "s", color="#555555", fillstyle="none", label="sign")
        axis.axhline(1)
        axis.legend()

    panel = drawn(draw)
    assert [curve.series for curve in panel.curves] == ["long", "steps"]
    assert 0 < len(panel.curves[0].points) <= MOST_POINTS
    assert [point[2:] for point in panel.curves[1].points] == [("0.500", "1"), ("1.50", "2")]
    assert [(entry.dashes, entry.marker, entry.is_filled) for entry in panel.legend.entries] == [
        ("5 2.5", "", True),
        ("", "", True),
        (None, "s", False),
    ]


def test_a_value_can_be_said_that_is_not_where_the_point_stands() -> None:
    def draw(axis: Axes) -> None:
        line = axis.plot([1.1], [2.0], "o")
        mark(axis, "beside", line, points_of([1.1], [2.0], said_x=np.array([1.0])), "median")
        mark(axis, "nothing", [])

    (curve,) = drawn(draw).curves
    assert (curve.name, curve.points[0][2:]) == ("beside (median)", ("1", "2"))


def test_a_panel_of_pictures_has_nothing_to_hide() -> None:
    panel = drawn(lambda axis: axis.imshow(np.zeros((2, 2))) and None)
    assert (panel.curves, panel.legend.entries) == ((), ())


def test_a_legend_that_names_other_things_stays_in_the_drawing() -> None:
    def draw(axis: Axes) -> None:
        axis.plot([1, 2], [1, 2], label="line")
        axis.bar([1, 2], [1, 2], label="bars")
        axis.legend()

    panel = drawn(draw)
    assert (panel.legend.entries, [curve.series for curve in panel.curves]) == ((), ["line"])
    assert 'id="legend_1"' in panel.svg


def test_words_can_be_hidden_too() -> None:
    (curve,) = drawn(lambda axis: mark(axis, "words", [axis.text(0, 0, "here", color="red")])).curves
    assert (curve.color, curve.points) == ("#ff0000", ())


@pytest.mark.parametrize(
    ("names", "in_one_row"), [([str(digit) for digit in range(10)], True), (["W" * LONGEST_NAME] * 10, False)]
)
def test_names_and_words_of_pictures_do_not_overlap(names: list[str], in_one_row: bool) -> None:
    columns = [(name, [(np.zeros((2, 2, 1)), "100%")] * 5) for name in names]
    shapes = []

    def draw(axis: Axes) -> None:
        image_grid(axis, columns)
        shapes.append(axis.get_xlim()[1])

    with canvas.opened_canvas("pictures") as (drawing, axis):
        canvas.draw_panel(Panel("pictures", draw, "D."), axis)
        canvas.make_room(drawing, axis)
        drawing.draw_without_rendering()
        assert [found for found in collisions(drawing) if "overlap" in found] == []
    assert (shapes == [10]) == in_one_row
