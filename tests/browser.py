"""The browser in which tests read reports: BYHEART_BROWSER, the one that `make test-all` installed, or the system's."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> Path | None:
    """Return the path of the browser."""
    named, installed = os.environ.get("BYHEART_BROWSER"), Path(sys.prefix) / "browser" / "chromium"
    if named:
        return Path(named)
    on_path = [path for name in NAMES if (path := shutil.which(name))]
    return installed if installed.exists() else Path(on_path[0]) if on_path else None


def _environment(program: Path) -> dict[str, str]:
    """Return this environment with the libraries and fonts that were installed beside the browser."""
    libraries, fonts = program.parent / "al2023" / "lib", program.parent / "fonts"
    ours = {"LD_LIBRARY_PATH": str(libraries)} if libraries.exists() else {}
    return {**os.environ, **ours, **({"FONTCONFIG_PATH": str(fonts)} if (fonts / "fonts.conf").exists() else {})}


@contextmanager
def opened() -> Iterator[Any]:
    """Open a headless browser; skip the test if there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is missing; `make test-all` installs it")
    program = found()
    if program is None:
        pytest.skip("no browser: `make test-all` installs one where there is npm, or BYHEART_BROWSER names a Chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"], env=_environment(program))
        yield browser
        browser.close()


@contextmanager
def watched_page(browser: Any, address: str, **options: Any) -> Iterator[tuple[Any, list[str]]]:
    """Yield a page, and a list that fills with its messages, errors and requests to other machines.

    Args:
        browser: as `opened` yields it.
        address: of the page.
        **options: of `browser.new_page`.
    """
    page, mishaps = browser.new_page(**options), list[str]()
    page.set_default_timeout(3000)
    page.on("console", lambda message: mishaps.append(message.text))
    page.on("pageerror", lambda error: mishaps.append(str(error)))
    page.on(
        "request",
        lambda asked: mishaps.append(asked.url) if not asked.url.startswith(("file:", "data:", "blob:")) else None,
    )
    page.goto(address)
    yield page, mishaps
    page.close()


AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Rules of axe for the criteria of WCAG 2.2, levels A and AA, and its own advice."""


def accessibility_findings(page: Any) -> list[tuple[str, list[str]]]:
    """Return what axe finds in a page with everything unfolded: rules, and the elements that break them."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="`make test` installs it").Axe()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = axe.run(page, options={"runOnly": AXE_TAGS})
    assert found.response["passes"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]]
