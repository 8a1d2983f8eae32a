"""Classes whose names look alike are named, so that one class written in two ways is found."""

import pytest

from byheart.data.loading.lookalikes import lookalikes


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("cat", "dog"), ""),
        (("1", "01", "1.0"), ""),
        (("a", "A", "b", "B"), ""),
        (("cat", "cat "), "'cat' and 'cat '"),
        (("big cat", "big  cat"), "'big cat' and 'big  cat'"),
        (("Cat", "cat", "CAT"), "'Cat' and 'cat' and 'CAT'"),
        (("\ufb01sh", "fish"), "'\ufb01sh' and 'fish'"),
        (("\u00e9t\u00e9", "e\u0301te\u0301"), r"'\xe9t\xe9' and 'e\u0301te\u0301'"),
        (("a1", "A1", "b1", "B1", "c1", "C1", "d1", "D1"), "'a1' and 'A1'; 'b1' and 'B1'; 'c1' and 'C1'; ..."),
    ],
)
def test_names_that_differ_in_blanks_case_or_form_are_named(names: tuple[str, ...], said: str) -> None:
    assert (f"form alone: {said}. If" in lookalikes(names)) if said else (lookalikes(names) == "")
