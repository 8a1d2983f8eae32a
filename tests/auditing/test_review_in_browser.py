"""The review in a browser: by keyboard, mouse and finger, kept, saved, and read back; at two widths, light and dark."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import accessibility_findings, opened, watched_page
from html_validator import findings
from made_audits import images_audit, made_audit, made_examples

import byheart as bh
from byheart.auditing.page import page as html_of
from byheart.data.legend import Legend

pytestmark = pytest.mark.slow

WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a page of pictures, one of vectors with a caution, and one of classes named by digits."""
    directory, kinds = tmp_path_factory.mktemp("pages"), dict[str, bh.Audit]()
    kinds["pictures"] = images_audit()
    kinds["vectors"] = made_audit(made_examples(shape=(14,), n_classes=12), linear_accuracy=0.99)
    kinds["digits"] = made_audit(made_examples(class_names=("3", "5", "7", "9")))
    for name, audit in kinds.items():
        (directory / f"{name}.html").write_text(html_of(audit), encoding="utf-8")
    return {name: directory / f"{name}.html" for name in kinds}


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def page(request: pytest.FixtureRequest, browser: Any, files: dict[str, Path]) -> Iterator[Any]:
    """Yield the page of pictures, with no marks; fail if it raised an error or made a request."""
    options = {"viewport": {"width": request.param, "height": 900}, "accept_downloads": True}
    with watched_page(browser, files["pictures"].as_uri(), **options) as (found, mishaps):
        look(found)
        yield found
        assert mishaps == []


def look(page: Any) -> None:
    """Scroll to the example under review: no key marks one that is not seen."""
    page.evaluate("document.querySelector('.one').scrollIntoView({ behavior: 'instant' })")


def saved(page: Any, tmp_path: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save review.csv").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def lines_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_twenty_examples_are_reviewed_by_keyboard_saved_and_read_back(page: Any, tmp_path: Path) -> None:
    audit = images_audit()
    first = audit.examples.head(20)
    pressed = ["w", "r", "u", "w", "r"] * 4
    for key in pressed:
        page.keyboard.press(key)
    assert page.get_by_role("status").first.inner_text().startswith("Marked right. Next: Label")
    path = saved(page, tmp_path)
    assert path.name == "review.csv"
    lines = lines_of(path)
    assert [int(line["row"]) for line in lines] == first.row.tolist()
    assert [line["label"] for line in lines] == first.label.tolist()
    assert [line["review"] for line in lines] == [{"w": "wrong", "r": "right", "u": "unclear"}[key] for key in pressed]
    agrees = (first.label == first.suggested_label).tolist()
    expected = [
        one if key == "w" and not same else ""
        for key, one, same in zip(pressed, first.suggested_label, agrees, strict=True)
    ]
    assert [line["new_label"] for line in lines] == expected
    found = audit.reviewed(path).summary["reviewed"]
    assert (found["marked"], found["wrong"], found["right"], found["unclear"]) == (20, 8, 8, 4)
    assert found["without_gap"] + found["sampled"] == 20


def test_the_sample_is_reviewed_in_its_order_and_gives_the_estimate(page: Any, tmp_path: Path) -> None:
    audit = images_audit()
    page.locator("[name=queue]").select_option("sample")
    for _ in range(60):
        page.keyboard.press("r")
    rows = audit.examples.row.to_numpy()[[rank - 1 for rank in audit.plan.sample[:60]]]
    path = saved(page, tmp_path)
    assert {int(line["row"]) for line in lines_of(path)} == set(rows.tolist())
    found = audit.reviewed(path).summary["reviewed"]
    assert found["sampled"] + found["without_gap"] == 60
    assert found["wrong_labels"]["share"] == 0
    assert found["wrong_labels"]["high"] > 0


def test_marks_are_changed_undone_and_removed(page: Any) -> None:
    right = page.get_by_role("button", name="Right", exact=True).or_(page.locator("[data-mark=right]"))
    right.first.click()
    page.get_by_role("button", name="Back").click()
    assert right.first.get_attribute("aria-pressed") == "true"
    page.keyboard.press("u")
    assert "1 mark: 0 right, 0 wrong, 1 unclear" in page.locator("#progress").inner_text()
    page.keyboard.press("z")
    assert "1 right" in page.locator("#progress").inner_text()
    page.keyboard.press("x")
    assert "0 marks" in page.locator("#progress").inner_text()
    assert page.get_by_role("button", name="Save review.csv").is_disabled()


def test_another_class_is_chosen_by_its_number_and_from_the_list(page: Any, tmp_path: Path) -> None:
    audit = images_audit()
    first = audit.examples.iloc[0]
    names = audit.summary["class_names"]
    other = next(name for name in names if name not in (first.label, first.suggested_label))
    page.keyboard.press(str(names.index(other) + 1))
    second = audit.examples.iloc[1]
    page.get_by_label("Wrong; it is").select_option(label=second.label)
    lines = lines_of(saved(page, tmp_path))
    assert [(line["review"], line["new_label"]) for line in lines] == [("wrong", other), ("right", "")]


def test_classes_that_are_digits_are_chosen_by_their_names(browser: Any, files: dict[str, Path]) -> None:
    with watched_page(browser, files["digits"].as_uri()) as (page, mishaps):
        look(page)
        label = page.locator("#one-title").inner_text()[6]
        page.keyboard.press("1")
        assert "0 marks" in page.locator("#progress").inner_text()
        page.keyboard.press(label)
        assert "1 right" in page.locator("#progress").inner_text()
        page.keyboard.press("ArrowLeft")
        other = next(name for name in "3579" if name != label)
        page.keyboard.press(other)
        assert page.get_by_role("status").first.inner_text().startswith(f"Marked wrong: {other}.")
        assert mishaps == []


def test_marks_stay_after_the_page_is_loaded_again_and_are_deleted_when_asked(page: Any) -> None:
    page.keyboard.press("r")
    page.keyboard.press("w")
    page.reload()
    assert "2 marks: 1 right, 1 wrong" in page.locator("#progress").inner_text()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete marks").click()
    assert "0 marks" in page.locator("#progress").inner_text()
    page.reload()
    assert "0 marks" in page.locator("#progress").inner_text()


def test_without_storage_the_review_works_and_marks_last_as_long_as_the_page(
    browser: Any, files: dict[str, Path]
) -> None:
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } });")
    page.goto(files["pictures"].as_uri())
    look(page)
    page.keyboard.press("r")
    assert "1 mark: 1 right" in page.locator("#progress").inner_text()
    page.close()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_of_marks_is_loaded(page: Any, tmp_path: Path, separator: str) -> None:
    audit = images_audit()
    rows = audit.examples.row.head(3).tolist()
    other = next(name for name in audit.summary["class_names"] if name != audit.examples.label[0])
    table = [["Row", "note", "Review", "new_label"], [rows[0], 'a "b", c', "wrong", other], [rows[1], "", "RIGHT", ""]]
    table += [[rows[2], "", "perhaps", ""], [7, "", "", ""]]
    path = tmp_path / "mine.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(table)
    page.locator("#load").set_input_files(path)
    page.get_by_text("2 marks loaded; 1 lines could not be read.").wait_for()
    assert "2 marks: 1 right, 1 wrong, 0 unclear" in page.locator("#progress").inner_text()


def test_names_with_separators_and_quotes_come_back_from_the_file(browser: Any, tmp_path: Path) -> None:
    data = made_examples(
        class_names=('a "quoted", name', "semi;colon", "two words", "é猫"), ids=[f"x,{n}" for n in range(300)]
    )
    audit = made_audit(data)
    path = tmp_path / "page.html"
    path.write_text(html_of(audit), encoding="utf-8")
    with watched_page(browser, path.as_uri(), accept_downloads=True) as (page, _):
        look(page)
        for _ in range(12):
            page.keyboard.press("w")
        review = audit.reviewed(saved(page, tmp_path)).review
    assert review is not None
    assert len(review.rows) == 12


def test_filters_choose_by_class_pair_verdict_and_mark(page: Any) -> None:
    audit = images_audit()
    table, names = audit.examples, audit.summary["class_names"]
    count = page.locator("#count")
    page.locator("[name=label]").select_option(label=names[1])
    of_label = table[table.label == names[1]]
    assert count.inner_text() == f"{len(of_label)} examples."
    page.locator("[name=suggested]").select_option(label=names[2])
    pair = of_label[of_label.suggested_label == names[2]]
    assert count.inner_text() == (f"{len(pair)} examples." if len(pair) else "No example fits this choice.")
    page.locator("[name=suggested]").select_option("")
    page.locator("[name=verdict]").select_option(label="fine")
    assert count.inner_text() == f"{(of_label.verdict == 'fine').sum()} examples."
    page.locator("[name=mark]").select_option("right")
    assert count.inner_text() == "No example fits this choice."
    page.locator(".one h3").click()
    page.keyboard.press("w")
    assert "0 marks" in page.locator("#progress").inner_text()


def test_a_card_is_chosen_by_touch_and_marked(browser: Any, files: dict[str, Path]) -> None:
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with watched_page(browser, files["pictures"].as_uri(), **options) as (page, mishaps):
        card = page.locator(".card").nth(5)
        card.tap()
        assert card.get_attribute("aria-current") == "true"
        page.wait_for_function("document.querySelector('.one').getBoundingClientRect().top < 300")
        page.locator("[data-mark=unclear]").tap()
        assert "unclear" in page.locator(".card").nth(5).inner_text()
        assert mishaps == []


def test_no_key_marks_an_example_that_is_not_in_view(page: Any) -> None:
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.set_viewport_size({"width": 390, "height": 600})
    page.keyboard.press("r")
    assert "0 marks" in page.locator("#progress").inner_text()
    page.wait_for_function("document.querySelector('.one').getBoundingClientRect().top < 100")
    page.keyboard.press("r")
    assert "1 mark:" in page.locator("#progress").inner_text()


def test_keys_can_be_switched_off_and_do_nothing_inside_lists(page: Any) -> None:
    page.locator("[name=verdict]").focus()
    page.keyboard.press("r")
    page.locator(".keys summary").click()
    page.get_by_label("Keys work").uncheck()
    page.locator(".one h3").click()
    page.keyboard.press("r")
    assert "0 marks" in page.locator("#progress").inner_text()


@pytest.mark.parametrize("kind", ["pictures", "vectors"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_checker_of_accessibility_finds_nothing(
    browser: Any, files: dict[str, Path], width: int, scheme: str, kind: str
) -> None:
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with watched_page(browser, files[kind].as_uri(), **options) as (page, mishaps):
        look(page)
        for key in "rwu":
            page.keyboard.press(key)
        assert "3 marks" in page.locator("#progress").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert accessibility_findings(page) == []
        assert mishaps == []


def test_a_validator_of_html_finds_nothing(files: dict[str, Path]) -> None:
    for file in files.values():
        assert findings(file) == []


def test_without_scripts_the_tables_are_read_and_the_review_is_not_shown(browser: Any, files: dict[str, Path]) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(files["pictures"].as_uri())
    assert page.locator("#classes table tbody tr").count() == 4
    assert not page.locator("#reviewer").is_visible()
    assert page.locator("noscript p").first.is_visible()
    page.close()


def test_the_id_of_a_file_is_a_link_to_it(browser: Any, tmp_path: Path) -> None:
    legend = Legend(folder=str(tmp_path / "my pets"))
    audit = made_audit(made_examples(ids=[f"cats/{place} #?é.png" for place in range(300)], legend=legend))
    path = tmp_path / "report.html"
    path.write_text(html_of(audit, tmp_path), encoding="utf-8")
    row = int(audit.examples.row.iloc[0])
    with watched_page(browser, path.as_uri()) as (page, mishaps):
        link = page.locator("#facts a")
        assert link.text_content() == f"cats/{row} #?é.png"
        assert link.evaluate("one => one.href") == (tmp_path / "my pets" / "cats" / f"{row} #?é.png").as_uri()
        assert not mishaps
