"""References by `module:name`: what they import, and how a function is named."""

from pathlib import Path

import optax
import pytest

from byheart.checks import BadInput
from byheart.references import imported, public_name


def function() -> None:
    """Return nothing; it has a public name."""


def test_a_function_is_named_by_the_shortest_module_that_has_it() -> None:
    assert public_name(optax.adam) == "optax:adam"
    assert public_name(function) == "test_references:function"
    assert public_name(lambda: None) == public_name(function.__get__(1)) == ""


def test_a_module_in_the_working_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "beside_me.py").write_text("answer = 42\n", encoding="utf-8")
    (tmp_path / "faulty.py").write_text("1 / 0\n", encoding="utf-8")
    (tmp_path / "needs_more.py").write_text("import no_such_library\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert imported("beside_me:answer") == 42
    for reference, message in {
        "beside_me:anwser": "There is no name in beside_me named 'anwser'. Did you mean answer?",
        "beside_you:answer": "There is no module 'beside_you' in the working directory or on Python's path.",
        "faulty:answer": "The module 'faulty' cannot be imported: ZeroDivisionError: division by zero",
        "needs_more:x": "The module 'needs_more' cannot be imported: No module named 'no_such_library'.",
        "answer": "`answer` must be written as module:Name, such as my_module:MyNetwork.",
        "beside_me:": "`beside_me:` must be written as module:Name, such as my_module:MyNetwork.",
    }.items():
        with pytest.raises(BadInput) as raised:
            imported(reference)
        assert str(raised.value) == message
