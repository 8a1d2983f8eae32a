"""Libraries that byheart does not require."""

import importlib
from typing import Any

from byheart import checks


def library(*modules: str, package: str) -> Any:
    """Return the first of `modules` that can be imported; `package` is what to install.

    Raises:
        BadInput: none can be imported.

    >>> library("a_module_that_nobody_has", package="nothing")
    Traceback (most recent call last):
        ...
    byheart.checks.BadInput: This needs nothing, which is not installed. Install it, such as by `pip install nothing`.
    """
    for module in modules:
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as problem:
            if not module.startswith(str(problem.name)):
                raise
    raise checks.BadInput(
        f"This needs {package}, which is not installed. Install it, such as by `pip install {package}`."
    )
