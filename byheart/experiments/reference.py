"""References to experiments, `module:Name`, for the command line and records of runs."""

import sys
from pathlib import Path


def reference_of(kind: type) -> str:
    """Return `module:Name` of a class. The module of a class in the running script is the script's file name.

    >>> from byheart.checks import Problems
    >>> reference_of(Problems)
    'byheart.checks:Problems'
    """
    return f"{_module_name(kind)}:{kind.__name__}"


def _module_name(kind: type) -> str:
    file = getattr(sys.modules["__main__"], "__file__", None)
    return Path(file).stem if kind.__module__ == "__main__" and file else kind.__module__
