"""Every example runs, and so does the Python of the documentation's pages."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def python_of(page: Path) -> str:
    """Return all Python blocks of a page as one script."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return "\n".join(blocks)


TUTORIAL = ROOT / "docs" / "tutorial.md"  # `make docs` runs it, and fails if it does.
HAS_TORCH = importlib.util.find_spec("torch") is not None


def can_run(page: Path) -> bool:
    """Return whether a page has a script of byheart, and torch is there if it needs it."""
    script = python_of(page)
    return page != TUTORIAL and "import byheart" in script and (HAS_TORCH or "import torch" not in script)


PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if can_run(page)]


def ran(script: Path, directory: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(script)]
    return subprocess.run(words, cwd=directory, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_prints_something(example: Path, tmp_path: Path) -> None:
    done = ran(example, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the errors of the Python of each page: one script per page, all in one process."""
    scripts = [tmp_path_factory.mktemp(page.stem) / f"{page.stem}.py" for page in PAGES]
    for script, page in zip(scripts, PAGES, strict=True):
        script.write_text(python_of(page), encoding="utf-8")
    words = [sys.executable, str(Path(__file__).parent / "run_pages.py"), *map(str, scripts)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_python_of_a_page_runs_as_one_script(page: Path, problems: dict[str, str]) -> None:
    assert problems[page.stem] == ""


def test_there_are_examples_and_pages() -> None:
    assert EXAMPLES
    assert PAGES
