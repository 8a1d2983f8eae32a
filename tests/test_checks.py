"""Checks: valid values are returned unchanged, and invalid ones raise one sentence."""

import math
import re
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byheart import checks
from byheart.checks import BadInput, Problems

NUMBERS = st.floats() | st.integers()


@pytest.mark.parametrize(
    ("check", "is_right"),
    [
        (checks.fraction, lambda value: 0 <= value <= 1),
        (checks.positive, lambda value: value > 0 and math.isfinite(value)),
        (checks.not_negative, lambda value: value >= 0 and math.isfinite(value)),
    ],
)
@given(value=NUMBERS)
def test_a_number_passes_unchanged_exactly_when_it_lies_in_the_range(
    check: Callable[[str, float], float], is_right: Callable[[float], bool], value: float
) -> None:
    if is_right(value):
        assert check("level", value) is value
    else:
        with pytest.raises(BadInput, match=re.escape(repr(value))):
            check("level", value)


@given(st.integers(), st.integers(-5, 5))
def test_a_count_passes_exactly_from_its_least_value_on(value: int, least: int) -> None:
    if value >= least:
        assert checks.count("seeds", value, at_least=least) == value
    else:
        with pytest.raises(BadInput, match=rf"`seeds` must be a whole number of at least {least}; got {value}."):
            checks.count("seeds", value, at_least=least)


@pytest.mark.parametrize("value", [True, False])
def test_truth_values_are_no_numbers(value: bool) -> None:
    for check in (checks.fraction, checks.positive, checks.not_negative, checks.count):
        with pytest.raises(BadInput):
            check("level", value)


def test_a_level_that_looks_like_a_percentage_is_asked_about() -> None:
    with pytest.raises(BadInput) as raised:
        checks.fraction("level", 40)
    assert str(raised.value) == "`level` must be between 0 and 1; got 40. Is that a percentage? Pass 0.4."


@pytest.mark.parametrize("value", [-0.1, 101, math.nan, math.inf])
def test_a_level_that_is_no_percentage_is_not_asked_about(value: float) -> None:
    with pytest.raises(BadInput) as raised:
        checks.fraction("level", value)
    assert "percentage" not in str(raised.value)


def test_an_unknown_name_is_answered_with_the_nearest_ones() -> None:
    assert checks.known("data set", "mnist", ["digits", "mnist"]) == "mnist"
    with pytest.raises(BadInput) as raised:
        checks.known("data set", "minst", ["digits", "mnist"])
    assert str(raised.value) == "There is no data set named 'minst'. Did you mean mnist?"


def test_a_name_near_to_nothing_is_answered_with_all_choices() -> None:
    with pytest.raises(BadInput) as raised:
        checks.known("data set", "xyz", ["mnist", "digits"])
    assert str(raised.value) == "There is no data set named 'xyz'. Choose from: digits, mnist."


def test_all_problems_are_told_at_once() -> None:
    problems = Problems("The run cannot start")
    with problems.noted():
        checks.fraction("level", -1)
    with problems.noted():
        checks.count("seeds", 3)
    with problems.noted():
        checks.count("seeds", 0)
    with pytest.raises(BadInput) as raised:
        problems.raise_if_any()
    assert str(raised.value) == (
        "The run cannot start:\n"
        "  - `level` must be between 0 and 1; got -1.\n"
        "  - `seeds` must be a whole number of at least 1; got 0."
    )


def test_a_single_problem_is_told_without_a_heading() -> None:
    problems = Problems("The run cannot start")
    with problems.noted():
        checks.count("seeds", 0)
    with pytest.raises(BadInput, match=r"^`seeds` must be"):
        problems.raise_if_any()


def test_no_problem_raises_nothing() -> None:
    Problems("The run cannot start").raise_if_any()


def test_only_bad_input_is_noted() -> None:
    problems = Problems("The run cannot start")
    with pytest.raises(ZeroDivisionError), problems.noted():
        1 / 0  # noqa: B018, the error is what is wanted


KINDS = [np.float32, np.float64, np.array, jnp.array]
"""Types other than Python's, called with 0.5."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_of_any_type_comes_out_as_pythons(kind: Callable[[float], object]) -> None:
    for check in (checks.fraction, checks.positive, checks.not_negative, checks.finite):
        found = check("level", kind(0.5))
        assert type(found) is float
        assert found == 0.5


@pytest.mark.parametrize("kind", [np.int8, np.uint64, np.array, jnp.array])
def test_a_count_of_any_type_comes_out_as_pythons(kind: Callable[[int], object]) -> None:
    found = checks.count("seeds", kind(3))
    assert type(found) is int
    assert found == 3


@pytest.mark.parametrize(
    ("value", "came"),
    [
        (jnp.array(-0.5), "-0.5"),
        (np.float32("nan"), "nan"),
        (jnp.full(3, 0.5), "an array of float32 with shape (3,)"),
        (np.array(True), "an array of bool with shape ()"),
        (np.array("0.5"), "an array of <U3 with shape ()"),
        (0.5j, "0.5j"),
        ("x" * 1000, "'" + "x" * 199 + "..."),
    ],
)
def test_a_message_shows_what_came_in_few_words(value: object, came: str) -> None:
    with pytest.raises(BadInput, match=re.escape(f"; got {came}.")):
        checks.positive("radius", value)


def test_a_traced_number_is_refused_where_it_must_be_known() -> None:
    with pytest.raises(BadInput, match="got a traced value, which is unknown before the program runs"):
        jax.jit(lambda radius: checks.positive("radius", radius))(0.5)


def test_a_name_that_is_no_text_is_answered_with_all_choices() -> None:
    with pytest.raises(BadInput) as raised:
        checks.known("data set", 3, ["mnist", "digits"])
    assert str(raised.value) == "There is no data set named 3. Choose from: digits, mnist."


def test_a_seed_is_at_most_what_int32_holds() -> None:
    assert checks.seed("seed", checks.LARGEST_SEED) == 2**31 - 1
    with pytest.raises(BadInput, match=r"`seed` must be at most 2147483647; got 2147483648\."):
        checks.seed("seed", 2**31)
