"""Printing of cautions on the command line: one line for each, without repetition."""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from byheart.checks import Caution


@contextlib.contextmanager
def cautions_in_one_line(notify: Callable[[str], None]) -> Iterator[None]:
    """Call `notify` with each distinct `Caution` raised inside the block; show other warnings as before."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", Caution)
        show_others, shown = warnings.showwarning, set[str]()

        def show(message: Warning | str, category: type[Warning], *rest: Any, **named: Any) -> None:
            if not issubclass(category, Caution):
                show_others(message, category, *rest, **named)
            elif str(message) not in shown:
                shown.add(str(message))
                notify(str(message))

        warnings.showwarning = show
        yield
