"""The table of operations. Each function takes all arguments of the operation's schema by position.

Arguments that say where a tensor lies (device, layout, memory format) are left out by the lowering.
"""

from collections.abc import Callable
from typing import Any, TypeVar

Function = Callable[..., Any]
_F = TypeVar("_F", bound=Function)

TABLE: dict[str, Function] = {}
"""Functions by the name of an operation, such as "add", or of one of its overloads, such as "max.dim"."""


def operation(*names: str) -> Callable[[_F], _F]:
    """Enter a function into the table under these names. Use as a decorator."""

    def enter(function: _F) -> _F:
        TABLE.update(dict.fromkeys(names, function))
        return function

    return enter


def found(name: str) -> Function | None:
    """Return the function of an overload, such as "add.Tensor", or else of its operation; None if there is none."""
    return TABLE.get(name) or TABLE.get(name.partition(".")[0])
