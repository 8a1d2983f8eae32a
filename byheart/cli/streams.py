"""Standard output and standard error that are closed by their reader, full, or without most characters."""

import codecs
import os
import re
import sys
from typing import Any

SIMPLER = str.maketrans(
    {"−": "-", "–": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "·": "-", "\u00a0": " "}
)
"""What stands for a character that is not to be had."""
LINES = {"─": "-", "━": "-", "│": "|", "┃": "|"}
"""The same for the lines of tables; `+` stands for all others."""
ERRORS = "byheart"

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def let_any_text_be_printed() -> None:
    """Print characters that standard output or error cannot encode as simpler ones, or by their numbers."""
    codecs.register_error(ERRORS, _simplified)
    for stream in _streams():
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=ERRORS)


def visible(text: str) -> str:
    r"""Text with control characters, which terminals obey, as their numbers; line breaks and tabs stay.

    >>> print(visible("a\x1b[31mb"))
    a\x1b[31mb
    """
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def flush(trying: bool = False) -> OSError | None:
    """Write what was printed; return why it cannot be written, or None.

    A stream that cannot be written leads nowhere from then on, so that Python does not try again when it ends.

    Args:
        trying: print a line break to find out, since what could not be written may be lost already.
    """
    problem = None
    for stream in _streams():
        try:
            stream.write("\n" if trying and problem is None else "")
            stream.flush()
        except OSError as one:
            problem = problem or one
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
    return problem


def _streams() -> list[Any]:
    """Those that are open."""
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]


def _simplified(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    words = "".join(_simpler(character) for character in lacking)
    return words.encode("ascii", "backslashreplace").decode(), error.end


def _simpler(character: str) -> str:
    if "\u2500" <= character <= "\u257f":
        return LINES.get(character, "+")
    return character.translate(SIMPLER)
