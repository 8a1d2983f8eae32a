"""Values as text: what is written is read back, and nothing but values is read."""

import contextlib
import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byheart.checks import BadInput
from byheart.critical.lass import LASS, EachSample, GlobalStop
from byheart.literals import imported, parse
from byheart.networks.mlp import MLP
from byheart.training.member import Member
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe

TYPES = [MLP, SGD, Recipe, Member, LASS, EachSample, GlobalStop]


@pytest.mark.parametrize(
    "value",
    [
        MLP((64, 32)),
        MLP(()),
        SGD(0.01, 0.9, 15),
        Recipe(MLP((8,)), SGD(0.5), 16, 3),
        Member(3, 0.2, 0.4, 1e-3),
        LASS(),
        LASS(budget=20, step_size=0.25 / 255, restarts=2, clip_pixels=True),
        LASS(stop=GlobalStop(3)),
        LASS(bounds=(-2.1, 2.6)),
        LASS(bounds=((-2.1, -2.0, -1.8), 2.6), noise_scale=0.0),
        (MLP((4,)), (1, -2.5, None, "text")),
        [0.2, 0.4],
        None,
    ],
)
def test_what_repr_writes_parse_reads_back(value: object) -> None:
    assert parse(repr(value), TYPES) == value


@given(
    st.lists(st.integers(1, 5000), max_size=4),
    st.floats(0, 1e6),
    st.floats(0, 1),
    st.none() | st.integers(1, 100),
)
def test_every_recipe_comes_back_from_its_text(
    widths: list[int], learning_rate: float, momentum: float, halve_every: int | None
) -> None:
    recipe = Recipe(MLP(tuple(widths)), SGD(learning_rate, momentum, halve_every))
    assert parse(repr(recipe), TYPES) == recipe


@given(st.text(max_size=20))
def test_any_text_gives_a_value_or_bad_input(text: str) -> None:
    with contextlib.suppress(BadInput):
        parse(text, TYPES)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').getcwd()",
        "open('secret')",
        "MLP.build",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "MLP(widths=open('secret'))",
        "1 if True else 2",
        "{[]: 1}",
        "MLP(*(1, 2))",
        "MLP(**{'widths': (1,)})",
        "",
    ],
)
def test_nothing_but_values_is_read(text: str) -> None:
    with pytest.raises(BadInput):
        parse(text, TYPES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MPL((64,))", "There is no value named 'MPL'. Did you mean MLP?"),
        ("MLP((64,)", "'MLP((64,)' is not a value; write it like MLP(...)."),
        ("MLP", "`MLP` is not a value; write it like MLP(...)."),
        ("MLP(width=3)", "`MLP(width=3)` cannot be made: "),
        ("MLP((0,))", "`widths` must be a whole number of at least 1; got 0."),
        ("Recipe(MLP((4,)), SGD(-1))", "`learning_rate` must be a finite number of at least 0; got -1."),
    ],
)
def test_the_message_says_what_to_write(text: str, message: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse(text, TYPES)
    assert str(raised.value).startswith(message)


def test_a_type_that_is_not_offered_is_not_made() -> None:
    @dataclasses.dataclass(frozen=True)
    class Secret:
        pass

    assert parse("Secret()", [Secret]) == Secret()
    with pytest.raises(BadInput, match="There is no value named 'Secret'"):
        parse("Secret()", TYPES)


def test_a_fault_inside_a_type_is_not_put_down_to_the_text() -> None:
    class Broken:
        def __init__(self, level: float = 0.0) -> None:
            raise TypeError("of our own")

    with pytest.raises(TypeError, match="of our own"):
        parse("Broken(0.5)", [Broken])
    with pytest.raises(BadInput, match="cannot be made: too many positional arguments"):
        parse("Broken(0.5, 1)", [Broken])


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
