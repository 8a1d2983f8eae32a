"""Text that a user brings is drawn as itself or as its stand-in; never obeyed, hidden, or drawn with a warning."""

import json
import unicodedata
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from any_results import experiment, filled
from matplotlib.axes import Axes

from byheart.drawing import canvas, text
from byheart.drawing.axes import legend_below
from byheart.drawing.curves import curve_with_band
from byheart.drawing.export import Form, export
from byheart.drawing.figure import Figure, Panel
from byheart.drawing.images import LONGEST_NAME
from byheart.drawing.style import styled
from byheart.drawing.text import drawable, isolated, names_of_classes
from byheart.paper.easy_examples.pictures import pictures_figures

AS_THEY_ARE = (
    *("US$", "$1_$2", "A$AP $hi", "_hidden", "^_^", "a_b^c{d}", r"\frac12", "100%", "{0} %s", "<b>&\"'</b"),
    *("[red]x[/]", "été", "Ελλάδα", "Київ", "😀🐱", "#1", "~", "`x`"),
)
"""Names that DejaVu Sans has all letters of."""
OTHERWISE = {
    "": "class {}",
    " \u00a0 ": "class {}",
    "one\ntwo": "one↵two",
    "one\r\ntwo": "one↵two",
    "a\tb": "a⇥b",
    "bell\x07": "class {}",
    "\x1b[31mred": "class {}",
    "over\u202eride": "class {}",
    "\ud800": "class {}",
    "\U0010fffd": "class {}",
    "x" * 80: "xxxx…xxx",
    "e\u0301te\u0301": "été",
}
"""Names, and what stands for them."""


@pytest.mark.parametrize("name", AS_THEY_ARE)
def test_a_name_is_drawn_as_it_is(name: str) -> None:
    assert names_of_classes(["other", name], 9) == ["other", name]


@pytest.mark.parametrize(("name", "drawn"), OTHERWISE.items(), ids=map(ascii, OTHERWISE))
def test_what_cannot_be_drawn_has_a_stand_in(name: str, drawn: str) -> None:
    assert names_of_classes(["other", name], LONGEST_NAME) == ["other", drawn.format(1)]


def test_names_that_would_look_the_same_are_told_apart_by_their_numbers() -> None:
    assert names_of_classes(["class_000_a", "class_001_a", "c"], 5) == ["class 0", "class 1", "c"]
    assert names_of_classes(["class 1", ""], 9) == ["class 0", "class 1"]


@pytest.mark.parametrize("name", ["हिन्दी", "漢字かな", "한국어", "ไทย"])
def test_letters_that_no_font_has_are_replaced_unless_one_of_the_others_has_them(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = frozenset(map(ord, name))
    for glyphs, expected in ((frozenset[int](), "class 0"), (everything, name)):
        monkeypatch.setattr(text, "_glyphs", lambda glyphs=glyphs: (glyphs,))
        text._can_draw.cache_clear()
        monkeypatch.setattr(text, "CAN_SHAPE", True)
        assert names_of_classes([name], 9) == [unicodedata.normalize("NFC", expected)]
    text._can_draw.cache_clear()


def test_letters_that_are_joined_are_drawn_only_where_matplotlib_joins_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for can_shape, expected in ((True, "عربي"), (False, "class 0")):
        monkeypatch.setattr(text, "CAN_SHAPE", can_shape)
        text._can_draw.cache_clear()
        assert names_of_classes(["عربي"], 9) == [expected]
    text._can_draw.cache_clear()


def test_another_font_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """STIX, which comes with matplotlib, stands for one that a machine may have."""
    monkeypatch.setattr(text, "OTHER_FONTS", ("No Such Font", "STIXGeneral"))
    letter = "\N{CIRCLED LATIN CAPITAL LETTER A}"
    for cached in (text.fonts, text._glyphs, text._can_draw):
        cached.cache_clear()
    try:
        assert text.fonts() == ("DejaVu Sans", "STIXGeneral")
        assert drawable(letter) == letter
        canvas.drawn_panels(Figure("f", "F", "C.", (Panel(letter, lambda axis: axis.plot([1, 2]) and None, "P."),)))
    finally:
        for cached in (text.fonts, text._glyphs, text._can_draw):
            cached.cache_clear()


def hostile(names: list[str]) -> xr.Dataset:
    """Results of easy-examples with such classes."""
    results = filled(experiment("easy-examples", seeds=2, smallest=False), 0.5)
    labels = np.arange(results.sizes["example"]) % len(names)
    pictures = np.zeros((len(names), 8, 8, 1), np.uint8)
    results = results.drop_vars(["picture", "pictured_example"]).assign_coords(label=("example", labels))
    results["picture"] = (("pictured", "row", "column", "color"), pictures)
    results["pictured_example"] = ("pictured", np.arange(len(names)))
    return results.assign_attrs(class_names=json.dumps(names))


@pytest.mark.parametrize("first", range(0, len(AS_THEY_ARE + tuple(OTHERWISE)), 10))
def test_pictures_of_classes_with_any_names_are_drawn_and_their_names_told_in_full(first: int, tmp_path: Path) -> None:
    names = [*AS_THEY_ARE, *OTHERWISE][first : first + 10]
    (figure,) = pictures_figures(hostile(names), "made up")
    ElementTree.parse(export(figure, tmp_path, Form(("svg",)))[0])
    for panel in canvas.drawn_panels(figure):
        ElementTree.fromstring(panel.svg)
    drawn = names_of_classes(names, LONGEST_NAME)
    for name, shown in zip(names, drawn, strict=True):
        is_told = f"{shown} is “{isolated(name)}”" in figure.caption
        assert is_told == (shown != unicodedata.normalize("NFC", name)), name


@pytest.mark.parametrize("label", ["_hidden", "$x_1$ and $", "a%b", "\x07 漢字", "\ud800"])
def test_curves_titles_and_axes_with_any_text_are_drawn_and_named_in_the_legend(label: str, tmp_path: Path) -> None:
    values = xr.DataArray([[1.0, 2.0], [3.0, 2.0]], dims=("seed", "epoch"), coords={"epoch": [0, 10]})

    def draw(axis: Axes) -> None:
        curve_with_band(axis, values, "epoch", label=label)
        axis.set_xlabel(label)
        legend_below(axis, title=label)

    figure = Figure("any", label, label, (Panel(label, draw, label),))
    ElementTree.parse(export(figure, tmp_path, Form(("svg",)))[0])
    (panel,) = canvas.drawn_panels(figure)
    ElementTree.fromstring(panel.svg)
    (entry,), (curve,) = panel.legend.entries, panel.curves
    assert entry.name == curve.series
    assert entry.name.removeprefix("\N{ZERO WIDTH SPACE}") == label


def test_a_users_own_settings_of_matplotlib_do_not_reach_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(matplotlib.rcParams, "text.usetex", True)
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 40)
    with styled("salt"):
        assert not plt.rcParams["text.usetex"]
        assert plt.rcParams["font.size"] == 10
    assert plt.rcParams["text.usetex"]


def test_what_is_written_beside_a_name_stays_where_it_is() -> None:
    assert isolated("mnist") == "mnist"
    assert isolated("שלום") == "\u2068שלום\u2069"
    assert isolated("a\u202eb") == "\u2068a\u202eb\u2069"


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_numbers_on_logarithmic_axes_are_written_plainly(scale: str) -> None:
    def draw(axis: Axes) -> None:
        axis.plot([0.01, 1, 100], [2, 3, 6])
        axis.set_xscale(scale)
        axis.set_yscale(scale)

    (panel,) = canvas.drawn_panels(Figure("f", "F", "C.", (Panel("p", draw, "P."),)))
    assert "mathdefault" not in panel.svg
    assert "<!-- 1 -->" in panel.svg
    assert "<!-- 3 -->" in panel.svg or scale == "symlog"
