"""Files that are whole or absent, whatever kills the process that writes them."""

import os
from collections.abc import Callable
from pathlib import Path

from byheart import checks


def write(path: Path, fill: Callable[[Path], object]) -> None:
    """Lets `fill` write a file under another name, and gives it its own once it is on the disk."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    fill(temporary)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def write_text(path: Path, text: str) -> None:
    """Writes text as UTF-8."""
    write(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def writable(directory: Path) -> Path:
    """`directory`, made if need be, if files can be written to it; otherwise a `BadInput`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".writable.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise checks.BadInput(f"The directory {directory} cannot be written: {problem.strerror}.") from None
    return directory
