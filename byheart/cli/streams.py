"""Safe output: standard output and error may be closed, full, or unable to encode most characters."""

import codecs
import os
import re
import sys
from typing import Any

SIMPLER = str.maketrans(
    {"−": "-", "–": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "·": "-", "\u00a0": " "}
)
"""Replacements of characters that cannot be encoded."""
LINES = {"─": "-", "━": "-", "│": "|", "┃": "|"}
"""Replacements of the lines of tables; all others become `+`."""
ERRORS = "byheart"

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def let_any_text_be_printed() -> None:
    """Make standard output and error replace characters that they cannot encode, by simpler ones or by their codes."""
    codecs.register_error(ERRORS, _simplified)
    for stream in _streams():
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=ERRORS)


def visible(text: str) -> str:
    r"""Return `text` with escaped control characters, which terminals would obey; keep line breaks and tabs.

    >>> print(visible("a\x1b[31mb"))
    a\x1b[31mb
    """
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def flush(trying: bool = False) -> OSError | None:
    """Flush the output; return the error if it cannot be written, otherwise None.

    A stream that cannot be written is redirected to the null device, so that Python does not try again at exit.

    Args:
        trying: print a line break first, to detect the error even if the failed output has been discarded already.
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
    """Return the streams that are open."""
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
