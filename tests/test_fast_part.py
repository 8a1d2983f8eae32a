"""What `make test` leaves out, the tests marked `slow`, leaves tests of every room."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FOLDERS = sorted({path.parent for path in TESTS.rglob("test_*.py")})


def is_slow(marks: ast.expr) -> bool:
    return "pytest.mark.slow" in ast.unparse(marks)


def fast_tests(path: Path) -> list[str]:
    """Return the names of the tests of a file without the mark `slow`."""
    statements = ast.parse(path.read_text(encoding="utf-8")).body
    marks = [
        one.value for one in statements if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "pytestmark"
    ]
    if any(map(is_slow, marks)):
        return []
    functions = [one for one in statements if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")]
    return [one.name for one in functions if not any(map(is_slow, one.decorator_list))]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(TESTS)))
def test_every_folder_has_tests_in_the_fast_part(folder: Path) -> None:
    assert sum(len(fast_tests(path)) for path in folder.glob("test_*.py")) > 0


def test_every_room_with_folders_of_code_has_a_folder_of_tests() -> None:
    rooms = {path.name for path in (TESTS.parent / "byheart").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= {folder.name for folder in FOLDERS if folder.parent == TESTS}


def test_the_mark_is_found_on_tests_and_on_files(tmp_path: Path) -> None:
    file = tmp_path / "test_some.py"
    text = "@pytest.mark.slow\ndef test_one(): pass\n\ndef test_other(): pass\n"
    file.write_text(text)
    assert fast_tests(file) == ["test_other"]
    file.write_text(f"pytestmark = [pytest.mark.slow]\n{text}")
    assert fast_tests(file) == []
