"""Shows the doctests of docstrings as code."""

import itertools
from typing import Any

import griffe


class Doctests(griffe.Extension):
    """Put a fence around each block of lines that starts with a prompt."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Fences the doctests of one object."""
        del kwargs
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    r"""The text with its doctests as blocks of code.

    >>> fenced("Adds.\n\n>>> 1 + 1\n2\n")
    'Adds.\n\n```pycon\n>>> 1 + 1\n2\n```'
    """
    found = []
    for is_empty, lines in itertools.groupby(
        text.splitlines(), key=lambda line: not line.strip()
    ):
        block = list(lines)
        is_doctest = not is_empty and block[0].startswith(">>> ")
        found += ["```pycon", *block, "```"] if is_doctest else block
    return "\n".join(found)
