"""The encoding of a column as features: numbers as they are, texts one-hot, missing values marked."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Shaped

from byheart.data.loading.pictures.walking import ENDINGS
from byheart.data.loading.tables.table import Column, rows_where, some_names

MOST_CATEGORIES = 50
"""Largest number of different texts of a column that are one-hot encoded."""
_LARGEST = float(np.finfo(np.float32).max)

Fill = Callable[[Column, Float[np.ndarray, "row feature"]], None]
"""Writes a column into its features."""


@dataclass(frozen=True)
class Encoding:
    """The features that a column becomes.

    Attributes:
        names: of the features; none if the column says nothing.
        fill: writes the column into the features.
    """

    names: tuple[str, ...]
    fill: Fill


class CannotEncode(Exception):
    """Raised if a column cannot become features. The message continues "it holds ..."."""


def encoding_of(name: str, column: Column, fitted_on: Bool[np.ndarray, " row"] | slice) -> Encoding:
    """Return the features of a column.

    A column of numbers is one feature, and one of truth values (0 and 1); each component of vectors is one. Texts are a
    feature for each different text, one of which is 1. If cells are missing, a further feature says where; the others
    then have their median, or 0 if they are texts. Features that are constant are left out, except those of vectors.

    Args:
        name: of the column.
        column: its cells.
        fitted_on: the rows whose median is taken.

    Raises:
        CannotEncode: cells that are no numbers, infinite or too large, or too many different texts.
    """
    if column.kind == "texts":
        return _of_texts(name, column)
    if column.kind == "pictures":
        raise CannotEncode("pictures besides other columns")
    if column.kind == "unusable":
        raise CannotEncode(column.what)
    _check_finite(column)
    present = column.values if not column.has_missing else column.values[~column.is_missing]
    if not len(present):
        return Encoding((), _nothing)
    if column.kind == "vectors":
        names = tuple(f"{name}[{place}]" for place in range(column.values.shape[1]))
    else:
        names = (name,) if (present != present[0]).any() else ()
    if not column.has_missing:
        return Encoding(names, _copy if names else _nothing)
    chosen = np.zeros(len(column.is_missing), np.bool_)
    chosen[fitted_on] = True
    fitted = column.values[chosen & ~column.is_missing]
    median = np.asarray(np.median(fitted if len(fitted) else present, axis=0))
    return Encoding((*names, _missing_name(name)), _with_median(median, len(names)))


def _nothing(column: Column, features: Float[np.ndarray, "row feature"]) -> None:
    """Write nothing."""


def _copy(column: Column, features: Float[np.ndarray, "row feature"]) -> None:
    features[:] = column.values.reshape(len(features), -1)


def _with_median(median: Shaped[np.ndarray, "..."], n_values: int) -> Fill:
    def fill(column: Column, features: Float[np.ndarray, "row feature"]) -> None:
        if n_values:
            features[:, :-1] = column.values.reshape(len(features), -1)
            features[column.is_missing, :-1] = median
        features[:, -1] = column.is_missing

    return fill


def _of_texts(name: str, column: Column) -> Encoding:
    codes = column.values if not column.has_missing else column.values[~column.is_missing]
    used = np.flatnonzero(np.bincount(codes, minlength=len(column.categories)))
    examples = some_names([str(column.categories[code])[:40] for code in used[:2]])
    if len(used) and all(str(column.categories[code]).lower().endswith(ENDINGS) for code in used):
        raise CannotEncode(f"names of pictures, such as {examples} (see `metadata.csv` in docs/own_pictures.md)")
    if len(used) > MOST_CATEGORIES:
        raise CannotEncode(
            f"{len(used):,} different texts, such as {examples}, of which at most {MOST_CATEGORIES} are one-hot encoded"
        )
    texts = [str(column.categories[code]) for code in used]
    order = range(len(used)) if column.has_order else sorted(range(len(used)), key=texts.__getitem__)
    place = np.full(len(column.categories), -1)
    for rank, one in enumerate(order):
        place[used[one]] = rank
    names = tuple(f"{name}={texts[one]}" for one in order) if len(used) > 1 else ()

    def fill(column: Column, features: Float[np.ndarray, "row feature"]) -> None:
        rows = np.flatnonzero(~column.is_missing)
        features[:] = 0
        if names:
            features[rows, place[column.values[rows]]] = 1
        if column.has_missing:
            features[:, -1] = column.is_missing

    return Encoding((*names, _missing_name(name)) if column.has_missing and len(used) else names, fill)


def _missing_name(name: str) -> str:
    return f"{name} is missing"


def _check_finite(column: Column) -> None:
    """Raise `CannotEncode` if a number is infinite, also as float32."""
    if column.values.dtype.kind != "f":
        return
    lowest, highest = (float(one.reduce(column.values, axis=None)) for one in (np.fmin, np.fmax))
    if np.isnan(lowest) or (lowest >= -_LARGEST and highest <= _LARGEST):
        return
    is_beyond = (np.abs(column.values) > _LARGEST).reshape(len(column.values), -1).any(axis=1) & ~column.is_missing
    if is_beyond.any():
        largest = np.fmax.reduce(np.abs(column.values[np.argmax(is_beyond)]), axis=None)
        what = "infinite numbers" if np.isinf(largest) else f"numbers too large for float32, such as {largest:g},"
        raise CannotEncode(f"{what} in {rows_where(is_beyond)}")
