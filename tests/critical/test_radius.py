"""Lengths with units: what they are in the units of a search, and for which inputs."""

import pytest

from byheart import literals
from byheart.checks import BadInput
from byheart.critical.radius import Pixels, StandardDeviations, checked_length, in_search_units

IMAGE, VECTOR = (28, 28, 1), (20,)


def test_pixels_are_parts_of_255_and_standard_deviations_are_themselves() -> None:
    assert in_search_units("radius", Pixels(255), IMAGE) == 1
    assert in_search_units("radius", Pixels(0.3), IMAGE) == 0.3 / 255
    assert in_search_units("radius", StandardDeviations(0.1), VECTOR) == 0.1


@pytest.mark.parametrize("shape", [IMAGE, VECTOR])
def test_a_number_is_in_the_units_of_the_search(shape: tuple[int, ...]) -> None:
    assert in_search_units("radius", 0.25, shape) == 0.25


def test_a_unit_of_other_inputs_is_refused_with_the_one_to_use() -> None:
    with pytest.raises(BadInput, match=r"must be StandardDeviations\(...\) for vectors of 20 features; got Pixels"):
        in_search_units("radius", Pixels(3), VECTOR)
    with pytest.raises(BadInput, match=r"must be Pixels\(...\) for images of 28 x 28 x 1; got StandardDeviations"):
        in_search_units("radius", StandardDeviations(3), IMAGE)


@pytest.mark.parametrize("make", [Pixels, StandardDeviations, lambda value: checked_length("value", value)])
@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf")])
def test_a_length_is_a_finite_number_above_0(make: type, value: object) -> None:
    with pytest.raises(BadInput, match="`value` must be"):
        make(value)


@pytest.mark.parametrize("length", [Pixels(0.3), StandardDeviations(2)])
def test_a_length_is_written_as_text_that_can_be_read_back(length: Pixels | StandardDeviations) -> None:
    assert literals.parse(repr(length)) == length
    assert length.with_value(length.value) == length
