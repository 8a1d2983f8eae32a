"""Whether a value does what a protocol asks; more than `isinstance` sees, which looks at names alone."""

import dataclasses
import inspect
import typing
from typing import Any


def is_protocol(kind: Any) -> bool:
    """Return whether `kind` is a protocol."""
    return bool(getattr(kind, "_is_protocol", False))


def is_a(value: Any, kind: Any) -> bool:
    """Return whether `value` is of a class, or of one of a union, or does what a protocol asks.

    Each method that a protocol asks for must take as many arguments.
    """
    kinds = typing.get_args(kind) or (kind,)
    return not isinstance(value, type) and any(isinstance(value, one) and _takes_what(value, one) for one in kinds)


def makes_a(one: Any, kind: Any) -> bool:
    """Return whether values of the dataclass `one` are of a `kind`, a class or a protocol.

    The arguments of a protocol's methods must have the same names.
    """
    if not is_protocol(kind):
        return issubclass(one, kind)
    methods, fields = _methods(kind), [field.name for field in dataclasses.fields(one)]
    asked = [name for name in vars(kind) if name in methods or isinstance(vars(kind)[name], property)]
    return all(name in fields or hasattr(one, name) for name in asked) and all(
        list(inspect.signature(getattr(one, name)).parameters) == list(method.parameters)
        for name, method in methods.items()
    )


def _methods(protocol: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(method)
        for name, method in vars(protocol).items()
        if inspect.isfunction(method) and (name == "__call__" or not name.startswith("_"))
    }


def _takes_what(value: Any, protocol: Any) -> bool:
    if not is_protocol(protocol):
        return True
    try:
        for name, asked in _methods(protocol).items():
            inspect.signature(getattr(value, name)).bind(*[None] * (len(asked.parameters) - 1))
    except (TypeError, ValueError):
        return False
    return True
