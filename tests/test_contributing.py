"""The worked examples of CONTRIBUTING.md: written into a copy of the project, their tests pass there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "CONTRIBUTING.md"


def files_of(page: str) -> dict[str, str]:
    """Return the files of the page: the Python after each name of a file."""
    return dict(
        re.findall(r"`((?:byheart|tests)/[\w/]+\.py)`:\n\n```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    )


def test_the_examples_fit_into_the_project(tmp_path: Path) -> None:
    files = files_of(PAGE.read_text(encoding="utf-8"))
    assert [name.split("/")[0] for name in files] == ["byheart", "tests"] * 2
    for folder in ("byheart", "tests", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "figures"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, text in files.items():
        assert not (tmp_path / name).exists()
        (tmp_path / name).write_text(text, encoding="utf-8")
    new = " or ".join(Path(name).stem for name in files)
    chosen = [name for name in files if name.startswith("tests")]
    for words in (
        ["pytest", "-q", "-p", "no:xdist", *chosen],
        ["pytest", "-q", "-p", "no:xdist", "tests/test_architecture.py", "-k", new],
        ["ruff", "check", *files],
        ["ruff", "format", "--check", *files],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout
