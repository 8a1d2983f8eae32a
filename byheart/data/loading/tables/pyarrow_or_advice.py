"""Import of pyarrow, which only Parquet, Arrow and what offers Arrow's interface need."""

from typing import Any

from byheart.checks import BadInput


def pyarrow_for(source: str) -> Any:
    """Return the module `pyarrow`.

    Raises:
        BadInput: it is not installed; the message names `source`, which needs it, and the extra that has it.
    """
    try:
        import pyarrow
    except ImportError:
        raise BadInput(
            f"{source} is read by pyarrow, which is not installed. Install `byheart[tables]`, or save the table as CSV."
        ) from None
    return pyarrow
