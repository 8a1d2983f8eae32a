"""Values as text: they are read back equal, and nothing but values is read."""

import contextlib
import dataclasses
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byheart.checks import BadInput
from byheart.critical.lass import LASS, GlobalStop
from byheart.data.noise import Noise
from byheart.literals import check_storable, has_registered, parse, register, text
from byheart.networks.mlp import MLP
from byheart.paper.regularization.curves import Curve
from byheart.regularizers.dropout import Dropout
from byheart.regularizers.weight_decay import WeightDecay
from byheart.training.optimizers import SGD, Adam, AdamW, Optax


@pytest.mark.parametrize(
    "value",
    [
        MLP((64, 32)),
        MLP(()),
        SGD(0.01, 0.9, 15),
        Adam(),
        AdamW(1e-4, b2=0.99, eps_root=1e-8, weight_decay=0.1),
        Optax("optax:lion", 0.001, {"b1": 0.8, "b2": 0.9}),
        Curve((Dropout(), WeightDecay(0.1)), ((0.2, 0.0),)),
        [MLP((4,)), [True]],
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
def test_what_text_and_repr_write_parse_reads_back(value: object) -> None:
    assert text(value) == repr(value)
    assert parse(text(value)) == value


@given(
    st.lists(st.integers(1, 5000), max_size=4),
    st.floats(0, 1e6),
    st.floats(0, 1),
    st.none() | st.integers(1, 100),
)
def test_every_network_and_optimizer_come_back_from_their_text(
    widths: list[int], learning_rate: float, momentum: float, halve_every: int | None
) -> None:
    both = (MLP(tuple(widths)), SGD(learning_rate, momentum, halve_every))
    assert parse(text(both)) == parse(repr(both)) == both


@given(st.text(max_size=20))
def test_any_text_gives_a_value_or_bad_input(text: str) -> None:
    with contextlib.suppress(BadInput):
        parse(text)


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
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MPL((64,))", "There is no value named 'MPL'. Did you mean MLP?"),
        ("MLP((64,)", "'MLP((64,)' is not a value; write it like MLP((64, 64)), or"),
        ("MLP", "`MLP` is not a value; write it like MLP((64, 64)), or"),
        ("MLP(width=3)", "`MLP(width=3)` cannot be made: "),
        ("MLP((0,))", "`widths` must be a whole number of at least 1; got 0."),
        ("(MLP((4,)), SGD(-1))", "`learning_rate` must be a finite number of at least 0; got -1."),
    ],
)
def test_the_message_says_what_to_write(text: str, message: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse(text)
    assert str(raised.value).startswith(message)


def test_classes_and_their_bases_are_registered() -> None:
    assert has_registered(LASS)
    assert has_registered(Noise)
    assert not any(map(has_registered, (int, str, Path, dataclasses.Field)))


def test_a_class_that_is_not_registered_is_not_made() -> None:
    with pytest.raises(BadInput, match="There is no value named 'Dataset'"):
        parse("Dataset((), ())")
    with pytest.raises(BadInput, match=r"`test_literals:Mine\(...\)`"):
        register(Mine)


def test_a_fault_inside_a_registered_class_is_not_put_down_to_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: MLP) -> None:
        raise TypeError("of our own")

    monkeypatch.setattr(MLP, "__post_init__", broken)
    with pytest.raises(TypeError, match="of our own"):
        parse("MLP((4,))")
    with pytest.raises(BadInput, match="cannot be made: too many positional arguments"):
        parse("MLP((4,), 1)")


@dataclasses.dataclass(frozen=True)
class Mine:
    size: int = 3
    held: object = None

    def __post_init__(self) -> None:
        if self.size < 0:
            raise BadInput("`size` must be at least 0.")
        if self.size == 7:
            raise ZeroDivisionError("no sevens")


@dataclasses.dataclass
class Changeable:
    size: int = 3


def function() -> None:
    """Has a name, but no text."""


@pytest.mark.parametrize(
    "value",
    [Mine(), Mine(4, (MLP((3,)), Mine(5))), (Mine(), "a:Mine(3) 'b'"), Mine(held="it's test_literals:Mine(1)")],
    ids=repr,
)
def test_values_of_classes_outside_byheart_are_written_with_their_module_and_read_back(value: object) -> None:
    assert "test_literals:Mine(size=" in text(value)
    assert parse(text(value)) == value
    check_storable("held", value)


def test_classes_of_one_name_are_told_apart_by_their_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import dataclasses\n\n@dataclasses.dataclass(frozen=True)\nclass Mine:\n    size: int = 3\n"
    (tmp_path / "other_mine.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    other = parse("other_mine:Mine()")
    assert repr(other) == "Mine(size=3)"
    assert text(other) == "other_mine:Mine(size=3)"
    assert parse(text(other)) == other != Mine()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("test_literals:Mine(-1)", "`size` must be at least 0."),
        ("test_literals:Mine(7)", "`test_literals:Mine(7)` cannot be made: ZeroDivisionError: no sevens"),
        ("test_literals:Mine(sise=7)", "`test_literals:Mine(sise=7)` cannot be made: got an unexpected keyword"),
        ("test_literals:Mien()", "There is no name in test_literals named 'Mien'. Did you mean Mine"),
        ("test_literals:Changeable()", "`test_literals:Changeable` must be a frozen dataclass"),
        ("test_literals:function()", "`test_literals:function` must be a frozen dataclass"),
        ("os:system('true')", "`os:system` must be a frozen dataclass"),
        ("subprocess:Popen(['true'])", "`subprocess:Popen` must be a frozen dataclass"),
        ("no_such_module:Net()", "There is no module 'no_such_module'"),
        ("test_literals:Mine", "'test_literals:Mine' is not a value"),
        ("__main__:Mine()", "`__main__:Mine` is defined in the program that was started"),
    ],
)
def test_of_other_modules_only_frozen_dataclasses_are_made(text: str, message: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse(text)
    assert str(raised.value).startswith(message)


def test_numbers_and_arrays_of_any_kind_are_written_as_pythons() -> None:
    value = Mine(np.int64(3), (jnp.float32(0.5), np.array([[1, 2], [3, 4]]), np.True_))
    assert text(value) == "test_literals:Mine(size=3, held=(0.5, [[1, 2], [3, 4]], True))"


def test_what_means_nothing_in_another_process_has_no_text() -> None:
    @dataclasses.dataclass(frozen=True)
    class Local:
        pass

    for value, message in {
        Mine(held=function): "has no text that means the same in another process. Give a frozen dataclass",
        Mine(held=object()): "has no text that means the same in another process. Give a frozen dataclass",
    }.items():
        with pytest.raises(BadInput, match=message):
            text(value)
    with pytest.raises(BadInput, match=r"`mine` cannot be stored with a run: .* defined inside a function"):
        check_storable("mine", Local())
