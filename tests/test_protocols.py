"""Whether a value does what a protocol asks: names, and how many arguments methods take."""

import dataclasses
from typing import Protocol, runtime_checkable

import pytest

from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.protocols import is_a, is_protocol, makes_a


@runtime_checkable
class Sized(Protocol):
    @property
    def size(self) -> int:
        """A field or a property."""

    def __call__(self, one: int, other: int) -> int:
        """Of two arguments."""


@dataclasses.dataclass(frozen=True)
class Fits:
    size: int = 1

    def __call__(self, one: int, other: int, more: int = 0) -> int:
        return one


@dataclasses.dataclass(frozen=True)
class TakesOne:
    size: int = 1

    def __call__(self, one: int) -> int:
        return one


@dataclasses.dataclass(frozen=True)
class NeedsThree:
    size: int = 1

    def __call__(self, one: int, other: int, third: int) -> int:
        return one


@dataclasses.dataclass(frozen=True)
class HasNoSize:
    def __call__(self, one: int, other: int) -> int:
        return one


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fits(), True), (TakesOne(), False), (NeedsThree(), False), (HasNoSize(), False), (Fits, False), (3, False)],
    ids=str,
)
def test_a_value_does_what_a_protocol_asks_if_it_has_all_names_and_its_methods_take_the_arguments(
    value: object, expected: bool
) -> None:
    assert is_a(value, Sized) == expected


def test_of_classes_and_unions_a_value_is_an_instance() -> None:
    assert is_a(MLP(), MLP)
    assert is_a(MLP(), MLP | CNN)
    assert not is_a(MLP(), CNN)
    assert not is_a(MLP, MLP | CNN)
    assert is_protocol(Sized)
    assert not is_protocol(MLP | CNN)


def test_a_class_makes_what_a_protocol_asks_if_its_arguments_have_the_same_names() -> None:
    @dataclasses.dataclass(frozen=True)
    class Renamed:
        size: int = 1

        def __call__(self, first: int, second: int) -> int:
            return first

    @dataclasses.dataclass(frozen=True)
    class Same:
        size: int = 1

        def __call__(self, one: int, other: int) -> int:
            return one

    assert makes_a(Same, Sized)
    assert not makes_a(Renamed, Sized)
    assert makes_a(MLP, MLP)
    assert not makes_a(MLP, CNN)
