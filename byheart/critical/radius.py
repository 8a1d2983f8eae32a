"""Radii of boxes with their units: pixels for images, standard deviations for vectors."""

import dataclasses
from typing import Any, ClassVar, Self

from byheart import checks, literals
from byheart.inputs import InputShape, are_images, in_words


@dataclasses.dataclass(frozen=True)
class _Length:
    """A length above 0 in a unit.

    Attributes:
        value: number of units.
        name: the unit in texts.
        in_full_unit: the unit where texts explain it.
        is_for_images: whether it is a unit for images; otherwise it is one for vectors.
        per_search_unit: number of these in a unit of the search, in which images lie in [0, 1] and vectors have a
            standard deviation of 1.
    """

    value: float
    name: ClassVar[str]
    in_full_unit: ClassVar[str]
    is_for_images: ClassVar[bool]
    per_search_unit: ClassVar[float]

    def __post_init__(self) -> None:
        checks.fields(self, value=checks.positive)

    @property
    def in_words(self) -> str:
        """The length in texts."""
        return f"{self.value:g} {self.name}"

    @property
    def in_full(self) -> str:
        """The length where texts explain its unit."""
        return f"{self.value:g} {self.in_full_unit}"

    def with_value(self, value: float) -> Self:
        """Return another number of the same unit."""
        return type(self)(value)


@literals.register
@dataclasses.dataclass(frozen=True)
class Pixels(_Length):
    """A length for images, in pixels on the 0-255 scale; the paper's radius is `Pixels(0.3)`.

    Raises:
        BadInput: not a finite number above 0.

    >>> Pixels(0.3).in_words, in_search_units("radius", Pixels(51), (28, 28, 1))
    ('0.3 pixels', 0.2)
    """

    name: ClassVar[str] = "pixels"
    in_full_unit: ClassVar[str] = "pixels on the 0-255 scale"
    is_for_images: ClassVar[bool] = True
    per_search_unit: ClassVar[float] = 255.0


@literals.register
@dataclasses.dataclass(frozen=True)
class StandardDeviations(_Length):
    """A length for vectors, in standard deviations of each feature over the training data.

    Raises:
        BadInput: not a finite number above 0.

    >>> StandardDeviations(0.1).in_words, in_search_units("radius", StandardDeviations(0.1), (20,))
    ('0.1 standard deviations', 0.1)
    """

    name: ClassVar[str] = "standard deviations"
    in_full_unit: ClassVar[str] = "standard deviations of each feature"
    is_for_images: ClassVar[bool] = False
    per_search_unit: ClassVar[float] = 1.0


Length = Pixels | StandardDeviations
"""A length with its unit."""


def checked_length(name: str, value: Any) -> float | Length:
    """Return a length with its unit, or a number above 0: in input units for images, standard deviations for vectors.

    Raises:
        BadInput: anything else.
    """
    return value if isinstance(value, Length) else checks.positive(name, value)


def check_unit(name: str, length: Any, shape: InputShape) -> None:
    """Raise `BadInput` if `length` has a unit that is not one of inputs of this shape."""
    if isinstance(length, Length) and length.is_for_images != are_images(shape):
        kind, unit = ("images", "Pixels") if are_images(shape) else ("vectors", "StandardDeviations")
        raise checks.BadInput(f"`{name}` must be {unit}(...) for {kind} of {in_words(shape)}; got {length!r}.")


def in_search_units(name: str, length: float | Length, shape: InputShape) -> float:
    """Return a length in the units of the search: input units for images, standard deviations for vectors.

    Raises:
        BadInput: the length has a unit that is not one of inputs of this shape.
    """
    check_unit(name, length, shape)
    return number_of(length)


def number_of(length: float | Length) -> float:
    """Return a length in the units of the search, whatever inputs it is for."""
    return length.value / length.per_search_unit if isinstance(length, Length) else length
