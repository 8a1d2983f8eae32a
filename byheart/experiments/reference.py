"""Experiments by reference: `module:Name`, as the command line and records of runs name classes outside the package."""

import sys
from pathlib import Path


def reference_of(kind: type) -> str:
    """Return `module:Name` of a class. One of the script that Python was started with is named by its file.

    >>> from byheart.checks import Problems
    >>> reference_of(Problems)
    'byheart.checks:Problems'
    """
    return f"{_module_name(kind)}:{kind.__name__}"


def _module_name(kind: type) -> str:
    file = getattr(sys.modules["__main__"], "__file__", None)
    return Path(file).stem if kind.__module__ == "__main__" and file else kind.__module__
