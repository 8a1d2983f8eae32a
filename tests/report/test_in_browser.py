"""The page in a browser: at two widths, by pointer and by keyboard, without network and without scripts."""

import dataclasses
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import pytest
from browser import accessibility_findings, opened, watched_page
from html_validator import findings
from made_examples import easy_examples, made_errors, patterns
from made_results import FACTS, critical_samples, made, memorizing

from byheart.drawing.color import PAPER, READABLE, contrast, on_dark
from byheart.report.run_page import write_report
from byheart.reproduction.paper_page import DrawnRun, write_whole_paper
from byheart.reproduction.reproduction import StoredRun
from byheart.runs.record import Part, Record
from byheart.runs.run import Chapter

pytestmark = pytest.mark.slow

WIDTHS = (390, 1280)
"""Widths of a phone and of a desktop screen, in pixels."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


@pytest.fixture(scope="module")
def address(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page of two experiments, with figures, a table of examples and a table of all claims."""
    directory = tmp_path_factory.mktemp("read")
    first, second = critical_samples(3), easy_examples(6)
    chapters = [
        Chapter(Part(first, "fingerprint", (4,)), made(first, memorizing)),
        Chapter(Part(second, "fingerprint", (4,)), made_errors(second, patterns)),
    ]
    record = Record(FACTS.name, FACTS, "tiny", tuple(one.part for one in chapters), {})
    (directory / "digits").mkdir()
    page = write_whole_paper(directory, [DrawnRun.of(StoredRun(directory / "digits", record, chapters))]).page
    return Path(page).as_uri()


@pytest.fixture(scope="module", params=WIDTHS, ids=lambda width: f"{width}px")
def opened_page(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[tuple[Any, list[str]]]:
    """Yield the page at a width, and a list of its messages, errors and requests to other machines."""
    with watched_page(browser, address, viewport={"width": request.param, "height": 900}) as found:
        yield found


@pytest.fixture
def page(opened_page: tuple[Any, list[str]]) -> Iterator[Any]:
    """Yield the page; fail if it raised an error or made a request."""
    found, mishaps = opened_page
    yield found
    assert mishaps == []


def test_it_is_as_wide_as_its_window_and_no_wider(page: Any) -> None:
    wide = (
        "[...document.querySelectorAll('main *')]"
        ".filter(e => !e.closest('.wide, svg') && e.getBoundingClientRect().right > innerWidth + 1)"
    )
    assert page.evaluate(f"{wide}.filter(e => !e.closest('thead')).map(e => e.outerHTML.slice(0, 80))") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_links_lead_somewhere_and_no_name_is_used_twice(page: Any) -> None:
    names = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(names) == len(set(names))
    links = page.evaluate(
        "[...document.querySelectorAll('a, use')].map(e => decodeURIComponent(e.getAttribute('href').slice(1)))"
    )
    assert len(links) > 100
    assert set(links) <= set(names)
    clips = page.evaluate("[...document.querySelectorAll('[clip-path]')].map(e => e.getAttribute('clip-path'))")
    assert {clip.removeprefix("url(#").removesuffix(")") for clip in clips} <= set(names)


def test_claims_are_sorted_by_click_and_by_keyboard(page: Any) -> None:
    page.locator("summary", has_text="All claims as a table").press("Enter")
    table = page.locator("table.sorts")

    def column(at: int) -> list[str]:
        return table.locator(f"tbody td:nth-child({at})").all_inner_texts()

    table.get_by_role("button", name="Verdict").click()
    assert column(5) == sorted(column(5))
    table.get_by_role("button", name="Statement").focus()
    page.keyboard.press("Tab")  # to "Seen"
    seen = table.locator("tbody td:nth-child(3)")
    for direction in (1, -1):
        page.keyboard.press("Enter")
        cells = [float(cell) for cell in seen.evaluate_all("cells => cells.map(cell => cell.dataset.value)")]
        values = [cell for cell in cells if not math.isnan(cell)]
        assert cells[: len(values)] == values  # Those that are not known stand last.
        assert values == sorted(values)[::direction]


def test_examples_are_searched_turned_and_sorted(page: Any) -> None:
    table = page.locator(".sortable").last
    status, rows = table.get_by_role("status"), table.locator("tbody tr")
    total = int(re.findall(r"of (\d+) rows", status.inner_text())[0])
    assert (status.inner_text(), rows.count()) == (f"1 to 20 of {total} rows", 20)
    table.get_by_role("button", name="Next").click()
    assert status.inner_text() == f"21 to 40 of {total} rows"
    search = table.get_by_role("searchbox")
    search.fill("real")
    assert 0 < int(re.findall(r"of (\d+) rows", status.inner_text())[0]) < total
    search.fill("nowhere")
    assert (status.inner_text(), rows.count()) == ("no such row", 0)
    search.fill("")
    head = table.get_by_role("button", name="index")
    head.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    places = [int(text) for text in rows.locator("td:nth-child(2)").all_inner_texts()]
    assert len(places) == 20
    assert places == sorted(places, reverse=True)


def test_a_curve_is_hidden_in_all_panels_and_shown_by_click_and_by_keyboard(page: Any) -> None:
    figure = page.locator("figure", has_text="Figure 9")
    buttons = figure.get_by_role("button", name="randY", exact=True)
    drawn = [
        figure.locator(".panel").nth(panel).locator(f"[data-curve='{place}']").first
        for panel, place in ((0, 2), (1, 2), (2, 2))
    ]
    other = figure.locator("[data-curve='0']").first

    def seen() -> set[bool]:
        pressed = {button.get_attribute("aria-pressed") == "true" for button in buttons.all()}
        return pressed | {part.is_visible() for part in drawn}

    assert (buttons.count(), seen()) == (3, {True})
    buttons.first.click()
    assert seen() == {False}
    assert other.is_visible()
    for key, is_seen in (("Enter", True), ("Space", False), ("Enter", True)):
        buttons.last.press(key)
        assert seen() == {is_seen}


def place_of(panel: Any, curve: int, point: int) -> dict[str, Any]:
    """Return the position of a point in its panel, in pixels, and its text."""
    return panel.evaluate(
        """(panel, [at, number]) => {
          const { curves } = JSON.parse(panel.querySelector('script').textContent);
          const { width } = panel.querySelector('svg').viewBox.baseVal;
          const scale = panel.querySelector('.plot').clientWidth / width, point = curves[at].points[number];
          return { x: point[0] * scale, y: point[1] * scale, words: [curves[at].name, point[2], point[3]] };
        }""",
        [curve, point],
    )


def test_a_value_is_told_next_to_the_pointer(page: Any) -> None:
    panel = page.locator("figure", has_text="Figure 9").locator(".panel").first
    tip, told = panel.locator(".tip"), place_of(panel, 1, 6)
    panel.get_by_role("slider").hover(position={"x": told["x"] + 1, "y": told["y"] + 1})
    assert tip.is_visible()
    name, x, y = told["words"]
    assert " ".join(tip.inner_text().split()) == f"{name} epoch {x} critical sample ratio {' '.join(y.split())}"
    assert re.fullmatch(r"0\.\d+ \[0\.\d+,\s0\.\d+\]", y)
    page.mouse.move(0, 0)
    assert not tip.is_visible()


def test_a_value_is_told_to_a_finger(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": WIDTHS[0], "height": 900}, has_touch=True)
    page.goto(address)
    panel = page.locator("figure", has_text="Figure 9").locator(".panel").first
    told = place_of(panel, 0, 3)
    panel.get_by_role("slider").tap(position={"x": told["x"], "y": told["y"]})
    assert told["words"][0] in panel.locator(".tip").inner_text()
    page.locator("figcaption").first.tap()
    assert not panel.locator(".tip").is_visible()
    page.close()


def test_values_are_told_to_those_who_use_the_keyboard(page: Any) -> None:
    panel = page.locator("figure", has_text="Figure 9").locator(".panel").first
    probe, tip = panel.get_by_role("slider"), panel.locator(".tip")
    page.reload()
    panel.locator(".legend button").first.focus()
    page.keyboard.press("Shift+Tab")
    assert tip.is_visible()
    told = [probe.get_attribute("aria-valuetext")]
    for key in ("ArrowRight", "ArrowDown", "End", "Home"):
        page.keyboard.press(key)
        told.append(probe.get_attribute("aria-valuetext"))
    starts = ("real, epoch 0", "real, epoch 1", "randX (Gaussian inputs), epoch 1", "randX (Gaussian inputs), epoch 30")
    assert [text.startswith(start) for text, start in zip(told, starts, strict=False)] == [True] * 4
    assert told[4].startswith("randX (Gaussian inputs), epoch 0,")
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def test_pictures_have_names_for_those_who_listen(page: Any) -> None:
    figures = page.locator("figure")
    pictures = figures.get_by_role("img")
    assert pictures.count() == page.locator(".panels > *").count() > 4
    names = pictures.evaluate_all("all => all.map(e => e.getAttribute('aria-label') || e.getAttribute('alt'))")
    assert all(name.endswith(".") for name in names)


NAMES = ("US$ $1_$2", "<b>&", "ankle boot", "two\nlines", "x" * 80, "שלום", "हिन्दी", "[red]", "", "\u202eover")


@pytest.mark.parametrize("width", WIDTHS)
def test_classes_and_data_may_have_any_name(browser: Any, tmp_path: Path, width: int) -> None:
    """They are shown unchanged, can be searched, and do not widen the page."""
    of = easy_examples(2)
    results = made_errors(of, patterns)
    labels = np.arange(results.sizes["example"]) % len(NAMES)
    results = results.assign_coords(label=("example", labels)).assign_attrs(class_names=json.dumps(NAMES))
    facts = dataclasses.replace(FACTS, name="".join(NAMES))
    record = Record(facts.name, facts, "tiny", (Part(of, "fingerprint", (4,)),), {})
    written = write_report(tmp_path, record, [Chapter(record.parts[0], results)])
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(written.page.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    table = page.locator(".sortable").nth(1)
    shown = table.locator("tbody tr td:nth-child(4)").evaluate_all("all => all.map(e => e.textContent)")
    assert tuple(shown[: len(NAMES)]) == NAMES
    table.get_by_role("searchbox").fill("real ankle BOOT")
    assert table.get_by_role("status").inner_text().endswith(f"of {np.sum(labels == 2)} rows")
    page.close()


def test_names_of_examples_link_to_their_files(browser: Any, tmp_path: Path) -> None:
    pets = tmp_path / "my pets"
    pets.mkdir()
    (pets / "tom & #1.txt").write_text("a cat")
    of = easy_examples(2)
    results = made_errors(of, patterns)
    results = results.assign_coords(id=("example", np.full(results.sizes["example"], "tom & #1.txt")))
    facts = dataclasses.replace(FACTS, folder=str(pets))
    record = Record(facts.name, facts, "tiny", (Part(of, "fingerprint", (4,)),), {})
    (tmp_path / "run").mkdir()
    written = write_report(tmp_path / "run", record, [Chapter(record.parts[0], results)])
    page = browser.new_page()
    page.goto(written.page.as_uri())
    page.locator(".sortable").nth(1).get_by_role("link").first.click()
    assert page.locator("body").inner_text() == "a cat"
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_without_scripts_it_is_read_as_it_stands(browser: Any, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page.goto(address)
    assert page.locator("table.sorts tbody tr").count() > 5
    assert page.locator("figure svg[role=img]").first.is_visible()
    assert page.locator(".legend", has_text="randY").first.is_visible()
    assert page.locator("figure button").count() == 0
    assert page.locator("noscript p", has_text="The CSV file holds all its rows").first.is_visible()
    assert not page.locator(".sortable").first.is_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_checker_of_accessibility_finds_nothing(browser: Any, address: str, width: int, scheme: str) -> None:
    """Its rules for the criteria of WCAG 2.2, levels A and AA, and its own advice; with everything unfolded."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(address)
    assert accessibility_findings(page) == []
    page.close()


def test_a_validator_of_html_finds_nothing(address: str) -> None:
    page = Path(url2pathname(urlsplit(address).path))
    assert findings(page) == []
    assert findings(page.parent / "digits" / "report.html") == []


def test_text_has_one_size_in_all_figures(page: Any) -> None:
    scales = page.evaluate(
        "[...document.querySelectorAll('.plot > svg')]"
        ".map(e => e.getBoundingClientRect().width / e.viewBox.baseVal.width)"
    )
    assert len(scales) > 5
    assert max(scales) == pytest.approx(min(scales), rel=0.01)
    assert 10 * min(scales) > 10  # Ten points in a drawing are at least ten pixels.


def test_a_term_is_explained_where_it_stands_to_all_who_point_tap_or_tab(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900}, has_touch=True)
    page.goto(address)
    term, meaning = page.get_by_role("button", name="half-widths").first, page.locator(".meaning")
    assert not meaning.is_visible()
    term.tap()
    assert meaning.inner_text() == page.locator("#term-half-width + dd").inner_text()
    box = meaning.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.keyboard.press("Escape")
    assert not meaning.is_visible()
    term.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert meaning.is_visible()
    described = term.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text() == meaning.inner_text()
    page.close()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.get_by_role("button", name="threshold").first.hover()
    assert page.locator(".meaning").inner_text().startswith("The number that decides a claim.")
    page.locator(".meaning").hover()
    page.wait_for_timeout(300)
    assert page.locator(".meaning").is_visible()
    page.mouse.move(0, 0)
    page.locator(".meaning").wait_for(state="hidden")
    page.close()


def test_without_scripts_a_term_leads_to_its_meaning(browser: Any, address: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(address)
    page.get_by_role("link", name="half-widths").first.click()
    assert page.url.endswith("#term-half-width")
    page.close()


COLORS = """[...document.querySelectorAll('[data-curve] path, [data-curve] use, .swatch path, .swatch circle')]
  .map(e => getComputedStyle(e)).filter(s => s.stroke !== 'none' && s.strokeOpacity === '1').map(s => s.stroke)"""


def colors(page: Any) -> set[str]:
    """Return the colors of all curves and legends, as #rrggbb."""
    found = set(page.evaluate(COLORS))
    return {"#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", one)[:3]) for one in found}


def test_in_the_dark_figures_change_with_the_page_and_stay_readable_and_paper_is_white(
    browser: Any, address: str
) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address)
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(21, 22, 26)"
    dark = colors(page)
    assert {color for color in dark if contrast(color, PAPER) < READABLE} == set()
    page.emulate_media(media="print")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    light = colors(page)
    assert {on_dark(color) for color in light} == dark
    assert {color for color in light if contrast(color, "#ffffff") < READABLE} == set()
    assert page.locator(".settings").first.is_visible()
    page.close()


def test_by_keyboard_every_control_is_reached_and_seen(page: Any) -> None:
    page.reload()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            "[document.activeElement.tagName + ' ' + document.activeElement.className,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert outline != "none", name
        reached.add(name.strip())
    assert {"A", "SPAN term", "DIV probe"} <= reached
