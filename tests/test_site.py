"""The built documentation, opened from its folder in a browser: `make docs` builds it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import opened

SITE = Path(__file__).parent.parent / "site"
pytestmark = pytest.mark.skipif(not (SITE / "index.html").exists(), reason="no site: `make docs` builds it")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened() as found:
        yield found


def test_the_search_works_without_a_server(browser: Any) -> None:
    page = browser.new_page()
    page.goto((SITE / "index.html").as_uri())
    page.click("input.md-search__input")
    page.keyboard.type("censored")
    page.wait_for_selector(".md-search-result__link", state="attached", timeout=30_000)
    found = [link.get_attribute("href") for link in page.query_selector_all(".md-search-result__link")]
    assert any(link.startswith((SITE / "convergence.html").as_uri()) for link in found)


def test_the_tutorial_shows_its_outputs_and_loads_nothing_from_elsewhere(browser: Any) -> None:
    page, asked = browser.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((SITE / "tutorial.html").as_uri())
    widths = page.eval_on_selector_all("article img", "images => images.map(image => image.naturalWidth)")
    assert len(widths) >= 5
    assert min(widths) > 100
    assert "most suspicious labels are wrong" in page.inner_text("article")
    assert (SITE / "tutorial.ipynb").exists()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
