"""Python's garbage collector, which need not search what stays: imported modules, and the data of a run."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Collect no garbage within, and never search what was made there.

    Imports make many objects and hardly any garbage, so most of a search is for nothing (benchmarks/start_up.py).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
