"""Text files in UTF-8 or UTF-16, packed or not."""

import contextlib
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from byheart.checks import BadInput
from byheart.data.loading.readable import GZIP_MAGIC, readable


@contextlib.contextmanager
def opened_text(path: Path) -> Iterator[TextIO]:
    """Open a file of text without changing its line breaks.

    UTF-8 is expected, with or without a byte order mark; UTF-16 needs its mark. Gzipped files are unpacked.

    Raises:
        BadInput: inside the block, bytes that are no text of this encoding; no such file, or a damaged one.
    """
    try:
        with readable(path), path.open("rb") as raw:
            packed = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            start = stream.read(2)
            stream.seek(0)
            encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
            with io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
                yield text
    except UnicodeDecodeError as problem:
        raise BadInput(
            f"{path} must be text in UTF-8; got the byte 0x{problem.object[problem.start]:02x}"
            f"{_line_of(path)}. Save it as UTF-8; spreadsheets call it 'CSV UTF-8'."
        ) from None


def _line_of(path: Path) -> str:
    """Return where the first byte is that is not UTF-8, for a message; "" in packed files."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if number == 1 and line.startswith(GZIP_MAGIC):
                return ""
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f" in line {number}"
    return ""
