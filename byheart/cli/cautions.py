"""Cautions on the command line: one line each, and each once."""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from byheart.checks import Caution


@contextlib.contextmanager
def told_in_one_line(tell: Callable[[str], None]) -> Iterator[None]:
    """Gives the sentence of every `Caution` raised inside the block to `tell`; other warnings are shown as before."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", Caution)
        show_others, told = warnings.showwarning, set[str]()

        def show(message: Warning | str, category: type[Warning], *rest: Any, **named: Any) -> None:
            if not issubclass(category, Caution):
                show_others(message, category, *rest, **named)
            elif str(message) not in told:
                told.add(str(message))
                tell(str(message))

        warnings.showwarning = show
        yield
