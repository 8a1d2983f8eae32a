"""The wheel: it holds the package and nothing else, says what it needs, and works where only it is installed."""

import email
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.message import Message
from pathlib import Path

import pytest

import byheart

ROOT = Path(__file__).parent.parent
SOURCES = ("byheart", "pyproject.toml", "README.md", "LICENSE")
pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="there are no sources to build from")


def pip(*words: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", *words, "--no-deps", "--disable-pip-version-check", "--no-index"],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the checkout, with what should stay out beside the package."""
    tree = tmp_path_factory.mktemp("checkout")
    for name in (*SOURCES, "tests", "benchmarks"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tree / name)
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(tree / "dist"), ".", cwd=tree)
    (built,) = (tree / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (path for path in (ROOT / "byheart").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert packed == {path.relative_to(ROOT).as_posix() for path in files}
    assert {"byheart/py.typed", "byheart/__init__.pyi", "byheart/report/templates/report.html"} <= packed
    assert {"byheart/pages/templates/page.html", "byheart/auditing/templates/audit.html"} <= packed


def test_its_metadata_are_complete(metadata: Message) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Name"] == "byheart"
    assert metadata["Version"] == byheart.__version__
    assert metadata["Summary"] == project["description"]
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata["Keywords"].split(",") == project["keywords"]
    assert metadata.get_all("Classifier") == project["classifiers"]
    assert set(metadata.get_all("Provides-Extra", [])) == {"cuda", "ray", "tables", "torch"}
    needed = [one for one in metadata.get_all("Requires-Dist", []) if "extra ==" not in one]
    assert needed == project["dependencies"]


def test_the_wheel_alone_gives_a_command_that_works(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    pip("install", "--target", str(installed), str(wheel), cwd=tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}

    def said(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout

    assert Path(said("-c", "import byheart; print(byheart.__file__)").strip()).is_relative_to(installed)
    command = str(installed / "bin" / "byheart")
    assert byheart.__version__ in said(command, "--version")
    assert "patterns-first" in said(command, "list")
