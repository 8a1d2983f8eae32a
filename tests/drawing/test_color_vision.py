"""Colors that mean different things are told apart by people with any common deficiency of color vision, and in grey.

The matrices simulate dichromats, who lack one kind of cone, from linear RGB to linear RGB: Machado, Oliveira and
Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE Transactions on Visualization
and Computer Graphics 15 (6), 2009, severity 1.0. Milder deficiencies lie between these and the identity.
"""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from any_results import experiment, filled
from matplotlib.colors import to_hex

import byheart.pages
from byheart.drawing import canvas
from byheart.drawing.color import COLORLESS, INK, PAPER, READABLE, contrast, from_lab, hexadecimal, lab, on_dark, rgb
from byheart.drawing.legend import Entry
from byheart.drawing.style import (
    DISTINCT_COLORS,
    DISTINCT_MARKERS,
    KIND_COLORS,
    KIND_MARKERS,
    OTHER_MARKER,
    OTHER_NOISE,
    level_colors,
)
from byheart.paper.catalog import EXPERIMENTS

VISIONS = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
APART, NEXT = 20, 10
"""Least distance in CIELAB of colors in no order, and of neighbors in an order of lightness."""
GREY_APART = 8
"""Least difference of lightness by which solid lines without markers are told apart in grey."""
LEVELS = [to_hex(color) for color in level_colors([0, 0.2, 0.4, 0.6, 0.8, 1])]
SETS = {
    "kinds of data": ([*KIND_COLORS.values(), OTHER_NOISE], APART),
    "things in no order": (["#222222", *DISTINCT_COLORS], APART),
    "noise levels": (LEVELS, NEXT),
}
SCHEMES = {"light": (str, "#ffffff"), "dark": (on_dark, PAPER)}


def distance(first: str, second: str, vision: str) -> float:
    """Return the distance of two colors in CIELAB, as seen with a kind of vision."""
    seen = [lab(np.clip(VISIONS[vision] @ rgb(color), 0, 1)) for color in (first, second)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def lightness(color: str) -> float:
    return float(lab(rgb(color))[0])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", SETS)
def test_colors_are_told_apart_with_every_vision_in_the_light_and_in_the_dark(
    name: str, vision: str, scheme: str
) -> None:
    colors, least = SETS[name]
    shown = [SCHEMES[scheme][0](color) for color in colors]
    close = [pair for pair in itertools.combinations(shown, 2) if distance(*pair, vision) < least]
    assert close == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", SETS)
def test_curves_stand_out_from_the_paper(name: str, scheme: str) -> None:
    change, paper = SCHEMES[scheme]
    assert [color for color in SETS[name][0] if contrast(change(color), paper) < READABLE] == []


def test_noise_levels_differ_in_lightness_and_kinds_and_others_have_markers_of_their_own() -> None:
    steps = np.diff([lightness(color) for color in LEVELS])
    assert (steps > GREY_APART).all()
    assert set(KIND_COLORS) == set(KIND_MARKERS)
    assert len({*KIND_MARKERS.values(), OTHER_MARKER}) == len(KIND_MARKERS) + 1
    assert len(set(DISTINCT_MARKERS)) == len(DISTINCT_COLORS)


def css_colors(scheme: str) -> dict[str, str]:
    """Return the variables of the page's style sheet that are colors, in the light or in the dark."""
    text = (Path(byheart.pages.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
    light, dark = text.split("@media screen and (prefers-color-scheme: dark)")
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", light if scheme == "light" else dark))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_verdicts_are_told_apart_and_text_is_readable_on_the_page(scheme: str) -> None:
    colors = css_colors(scheme)
    verdicts = [colors[name] for name in ("holds", "fails", "undecided")]
    for vision in VISIONS:
        assert min(distance(*pair, vision) for pair in itertools.combinations(verdicts, 2)) >= APART, vision
    for name in ("holds", "fails", "undecided", "ink", "soft", "link"):
        for paper in ("paper", "wash"):
            assert contrast(colors[name], colors[paper]) >= 4.5, name
    if scheme == "dark":
        assert (colors["paper"], colors["ink"]) == (PAPER, INK)


def alike(entries: Sequence[Entry], least: float) -> list[tuple[str, str]]:
    """Return pairs of a legend that have the same dashes and markers, and hardly differ in grey or in color."""
    return [
        (one.name, other.name)
        for one, other in itertools.combinations(entries, 2)
        if (one.dashes, one.marker, one.is_filled) == (other.dashes, other.marker, other.is_filled)
        and (
            abs(lightness(one.color) - lightness(other.color)) < GREY_APART
            or min(distance(one.color, other.color, vision) for vision in VISIONS) < least
        )
    ]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_curves_of_a_panel_are_told_apart_in_color_and_in_grey(name: str) -> None:
    of = experiment(name, seeds=2, smallest=False)
    for figure in of.figures(filled(of, 0.5), "made up"):
        for panel, drawn in zip(figure.panels, canvas.drawn_panels(figure), strict=True):
            assert alike(drawn.legend.entries, NEXT) == [], panel.title


def test_two_curves_that_look_alike_are_found() -> None:
    green, red = Entry("green", "#1b7837"), Entry("red", "#b2182b")
    assert alike([green, red], NEXT) == [("green", "red")]
    assert alike([green, Entry("red", "#b2182b", dashes="5 2.5")], NEXT) == []


def test_lightness_and_color_are_those_of_cielab() -> None:
    """The primary colors of sRGB, as the CIE's equations and the standard's matrix give them."""
    known = {"#ffffff": (100, 0, 0), "#ff0000": (53.24, 80.09, 67.20), "#0000ff": (32.30, 79.19, -107.86)}
    for color, values in known.items():
        assert lab(rgb(color)) == pytest.approx(values, abs=0.02)
        assert hexadecimal(from_lab(lab(rgb(color)))) == color


@pytest.mark.parametrize("color", [*KIND_COLORS.values(), *DISTINCT_COLORS, "#ffff00", "#00ffff", "#000080"])
def test_in_the_dark_a_color_keeps_its_hue(color: str) -> None:
    (_, a, b), (_, dark_a, dark_b) = lab(rgb(color)), lab(rgb(on_dark(color)))
    if np.hypot(dark_a, dark_b) > COLORLESS:
        turned = np.degrees(np.arctan2(dark_b, dark_a) - np.arctan2(b, a))
        assert abs((turned + 180) % 360 - 180) < 4
