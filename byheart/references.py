"""References to objects by `module:name`: their import, and the shortest reference of a function."""

import importlib
import sys
from collections.abc import Callable
from typing import Any

from byheart import checks

MAIN = "__main__"


def imported(reference: str) -> Any:
    """Import and return the object `module:name`. Modules in the working directory are also found.

    Raises:
        BadInput: there is no such module, its import fails, or it has no such name.

    >>> imported("math:tau")
    6.283185307179586
    """
    module_name, _, name = reference.partition(":")
    if not module_name or not name.isidentifier():
        raise checks.BadInput(f"`{reference}` must be written as module:Name, such as my_module:MyNetwork.")
    if "" not in sys.path:
        sys.path.insert(0, "")  # As `python -m` does; console scripts have their own folder there.
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as problem:
        if problem.name is not None and (module_name == problem.name or module_name.startswith(f"{problem.name}.")):
            raise checks.BadInput(
                f"There is no module {module_name!r} in the working directory or on Python's path."
            ) from None
        raise checks.BadInput(f"The module {module_name!r} cannot be imported: {problem}.") from problem
    except Exception as problem:
        raise checks.BadInput(
            f"The module {module_name!r} cannot be imported: {type(problem).__name__}: {problem}"
        ) from problem
    if not hasattr(module, name):
        public = [found for found in vars(module) if not found.startswith("_")]
        checks.known(f"name in {module_name}", name, public)
        raise checks.BadInput(f"The module {module_name!r} has no {name!r}.")
    return getattr(module, name)


def public_name(function: Callable[..., Any]) -> str:
    """Return the shortest `module:name` under which `imported` finds a function; empty if there is none.

    >>> import json
    >>> public_name(json.dumps), public_name(lambda: None)
    ('json:dumps', '')
    """
    module, name = getattr(function, "__module__", None) or MAIN, getattr(function, "__qualname__", "")
    parts = [] if module == MAIN or not name.isidentifier() else module.split(".")
    packages = [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
    found = (one for one in packages if getattr(sys.modules.get(one), name, None) is function)
    package = next(found, "")
    return f"{package}:{name}" if package else ""
