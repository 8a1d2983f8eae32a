"""The README is short, and its Python runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
pytestmark = pytest.mark.skipif(not README.exists(), reason="there is no README.md")


def test_the_readme_has_fewer_than_150_lines() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.slow
def test_the_python_of_the_readme_runs_as_one_script(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks
    (tmp_path / "readme.py").write_text("\n".join(blocks), encoding="utf-8")
    words = [sys.executable, "readme.py"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def test_the_commands_of_the_readme_are_commands() -> None:
    text = README.read_text(encoding="utf-8")
    said = re.findall(r"\bbyheart (list|run|report|compare)\b", text)
    assert {"list", "run", "report", "compare"} <= set(said)
    assert text.index("make demo") < text.index("make test") < text.index("## ")
