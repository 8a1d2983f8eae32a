"""The HTML validator of the tests, html-validate: BYHEART_HTML_VALIDATE, or what `make test-all` installed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RULES = Path(__file__).with_name("html-validate.json")


def findings(page: Path) -> list[str]:
    """Return what the validator finds in a page, a line each; skip the test if it is not installed.

    BYHEART_HTML_VALIDATE is the folder that holds its node_modules. It runs by the Node.js that comes with Playwright.
    """
    playwright = pytest.importorskip("playwright", reason="playwright is missing; `make test-all` installs it")
    node = Path(playwright.__file__).parent / "driver" / "node"
    folder = Path(os.environ.get("BYHEART_HTML_VALIDATE", Path(sys.prefix) / "html-validate"))
    program = folder / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    if not program.exists():
        pytest.skip("no html-validate: `make test-all` installs it where there is npm")
    found = page.with_suffix(".findings.json")
    with found.open("w", encoding="utf-8") as file:  # Node.js does not flush a pipe.
        command = [node, program, "--config", RULES, "--formatter", "json", page]
        status = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, text=True, check=False)
    assert status.stderr == ""
    listed = json.loads(found.read_text(encoding="utf-8"))
    return [f"{one['line']}: {one['ruleId']}: {one['message']}" for file in listed for one in file["messages"]]
