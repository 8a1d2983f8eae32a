"""Tables in files of Parquet and Arrow (Feather), read column by column."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from byheart.checks import BadInput
from byheart.data.loading.readable import readable
from byheart.data.loading.tables.arrow import arrow_table
from byheart.data.loading.tables.pyarrow_or_advice import pyarrow_for
from byheart.data.loading.tables.table import Table


def read_parquet(path: Path) -> Table:
    """Return the table of a Parquet file; a column is read when it is used.

    Raises:
        BadInput: pyarrow is missing, or the file is damaged.
    """
    pyarrow = pyarrow_for(f"The Parquet file {path}")
    with _readable(pyarrow, path):
        from pyarrow.parquet import ParquetFile

        file = ParquetFile(path)
        schema, n_rows = file.schema_arrow, file.metadata.num_rows

    def cells(name: str) -> Any:
        with _readable(pyarrow, path):
            return file.read(columns=[name], use_threads=True).column(name)

    return arrow_table(str(path), path.stem, schema, n_rows, cells, path.parent)


def read_arrow(path: Path) -> Table:
    """Return the table of a file of Arrow or Feather, or of Arrow's stream format; it is mapped, not copied.

    Raises:
        BadInput: pyarrow is missing, or the file is damaged.
    """
    pyarrow = pyarrow_for(f"The Arrow file {path}")
    with _readable(pyarrow, path):
        from pyarrow import feather, ipc

        with path.open("rb") as file:
            start = file.read(6)
        if start.startswith(b"FEA1"):
            table = feather.read_table(path)
        elif start == b"ARROW1":
            table = ipc.open_file(pyarrow.memory_map(str(path))).read_all()
        else:
            table = ipc.open_stream(pyarrow.memory_map(str(path))).read_all()
    return arrow_table(str(path), path.stem, table.schema, table.num_rows, table.column, path.parent)


@contextlib.contextmanager
def _readable(pyarrow: Any, path: Path) -> Iterator[None]:
    """Turn errors about a missing or damaged file of Arrow inside the block into `BadInput`."""
    with readable(path):
        try:
            yield
        except (FileNotFoundError, PermissionError, IsADirectoryError):
            raise
        except (pyarrow.ArrowException, OSError) as problem:
            raise BadInput(
                f"{path} is damaged or cut short ({str(problem).splitlines()[0]}). Download or save it again."
            ) from None
