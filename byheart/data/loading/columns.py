"""Columns of tables by what they hold: the label is guessed if one name says so."""

from collections.abc import Sequence

from byheart.checks import BadInput, known

LABEL_NAMES = ("label", "labels", "class", "target", "category", "y")
"""Names of columns that say that they hold the label, in any case."""


def label_column(columns: Sequence[str], given: str | None, where: str) -> str:
    """Return the column of labels: the given one, or the only one whose name says so.

    Args:
        columns: names of all columns.
        given: the column that the user names, or None.
        where: the file, for messages.

    Raises:
        BadInput: there is no such column; or none or several have a name that says so.

    >>> label_column(["file_name", "Label"], None, "metadata.csv")
    'Label'
    """
    if given is not None:
        return named_column(columns, given, "label", where)
    telling = [column for column in columns if column.lower() in LABEL_NAMES]
    if len(telling) == 1:
        return telling[0]
    came = f"the columns {', '.join(telling)} may" if telling else "no column's name says that it does"
    raise BadInput(
        f"{where} must have one column that holds the label; {came}. Name it: `label` (--label), one of "
        f"{', '.join(columns[:20])}{', ...' * (len(columns) > 20)}."
    )


def named_column(columns: Sequence[str], name: str, option: str, where: str) -> str:
    """Return `name` if it is a column.

    Raises:
        BadInput: it is not.
    """
    try:
        return known("column", name, columns)
    except BadInput as problem:
        raise BadInput(f"{where}, `{option}`: {problem}") from None
