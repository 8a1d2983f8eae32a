"""Columns of texts that are meant as numbers: with words for missing ones, separators of thousands, decimal commas."""

import re

import numpy as np

from byheart.checks import BadInput
from byheart.data.loading.tables.table import Column, rows_where

MISSING_WORDS = frozenset({"na", "n/a", "nan", "null", "none", "<na>", "#n/a", "#na", "?", "-", ".", "missing"})
"""Words that stand for a missing number in a column of numbers, in lower case."""
_ALWAYS_MISSING = frozenset({"nan", "<na>", "#n/a"})
"""Words that no person writes; they stand for a missing cell among texts, too."""
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?P<mark>[,.'\u2019 \u00a0\u202f])\d{3})(?:(?P=mark)\d{3})*(?:[.,]\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_COMPLEX = re.compile(r"\(?[+-]?[\d.eE+-]*[+-][\d.eE]*[ij]\)?")
_SIGNS = "%\u2030$\u20ac\u00a3\u00a5"
"""Percent, per mille and currencies."""
_WITH_SIGN = re.compile(rf"[+-]?[{_SIGNS}]?\s?[+-]?\d[\d,.'\u2019\u00a0\u202f]*\s?[{_SIGNS}]?")
_AMBIGUOUS = {
    _THOUSANDS: "numbers with separators of thousands",
    _DECIMAL_COMMA: "numbers with a decimal comma",
}


def from_texts(where: str, column: Column) -> Column:
    """Return a column of numbers if all texts of `column` are numbers or words for missing ones; otherwise `column`.

    Args:
        where: file and column, for messages.
        column: of any kind; only texts are looked at.

    Raises:
        BadInput: numbers with separators of thousands, or with a decimal comma: they could mean two things.
    """
    if column.kind != "texts":
        return column
    texts = [str(text).strip() for text in column.categories]
    is_word = np.array([text.lower() in MISSING_WORDS for text in texts], np.bool_)
    others = [text for text, word in zip(texts, is_word, strict=True) if not word]
    if others and all(map(_as_number, others)):
        numbers = np.array([np.nan if word else float(text) for text, word in zip(texts, is_word, strict=True)])
        values = np.append(numbers, np.nan)[np.where(column.is_missing, -1, column.values)]
        return Column("numbers", values, np.isnan(values))
    for pattern, what in _AMBIGUOUS.items():
        if others and all(pattern.fullmatch(text) or _as_number(text) for text in others):
            raise BadInput(_refusal(where, column, texts, pattern, what))
    if others and all(map(_COMPLEX.fullmatch, others)):
        return Column("unusable", column.values, column.is_missing, what="complex numbers")
    if others and all(map(_WITH_SIGN.fullmatch, others)) and (signed := next(filter(_has_sign, others), "")):
        what = f"numbers with a sign of percent or currency, such as {signed!r}"
        return Column("unusable", column.values, column.is_missing, what=what)
    is_gone = np.array([text.lower() in _ALWAYS_MISSING for text in texts] + [True], np.bool_)
    is_missing = is_gone[np.where(column.is_missing, -1, column.values)]
    return Column("texts", column.values, is_missing, column.categories, column.has_order)


def _has_sign(text: str) -> bool:
    return re.search(f"[{_SIGNS}]", text) is not None


def _as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _refusal(where: str, column: Column, texts: list[str], pattern: re.Pattern[str], what: str) -> str:
    """Return a message about the first text that fits `pattern`, with the options that would read it."""
    code, found = next((code, match) for code, text in enumerate(texts) if (match := pattern.fullmatch(text)))
    mark = found.groupdict().get("mark")
    if mark is None:
        advice = 'Pass `decimal=","` if they are'
    elif mark == ",":
        advice = 'Pass `thousands=","` or `decimal=","`, whichever they are'
    else:
        comma = ' and `decimal=","`' if mark == "." or "," in found[0] else ""
        advice = f'Pass `thousands="{mark}"`{comma} if they are'
    return (
        f"{where} must hold plain numbers; got {what}, such as {texts[code]!r} in {rows_where(column.values == code)}. "
        f"{advice} (--thousands, --decimal), or write plain numbers."
    )
