"""A bar for long calls from Python, in a terminal or a notebook; elsewhere nothing is shown."""

import contextlib
from collections.abc import Callable, Iterator

SECONDS_BEFORE = 1.0
"""A call that takes less shows no bar."""


@contextlib.contextmanager
def bar_of(what: str, total: int, unit: str, show: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar with the share done and the time left; yield a function that adds to what is done.

    Args:
        what: the work, in a word.
        total: amount of work.
        unit: of the amount.
        show: False shows nothing.
    """
    from tqdm.auto import tqdm

    hidden = None if show else True  # None shows it only if standard error is a terminal or a notebook.
    with tqdm(total=total, desc=what, unit=unit, disable=hidden, leave=False, delay=SECONDS_BEFORE) as bar:

        def add(amount: int) -> None:
            bar.update(amount)

        yield add
