"""Cases of parametrized tests, of which `make test` runs the first few, and `make test-all` all."""

from collections.abc import Iterable
from typing import Any

import pytest


def slow_after(n_fast: int, cases: Iterable[Any]) -> list[Any]:
    """Return the values of one argument, all but the first few marked `slow`: each compiles programs of its own."""
    return slow_rows_after(n_fast, ((case,) for case in cases))


def slow_rows_after(n_fast: int, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Return rows of values of several arguments, all but the first few marked `slow`."""
    marks = (pytest.mark.slow,)
    return [pytest.param(*row, marks=marks if index >= n_fast else ()) for index, row in enumerate(rows)]
