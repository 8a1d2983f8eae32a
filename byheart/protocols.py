"""Checks whether a value implements a protocol; `isinstance` compares names alone, these also compare arguments."""

import dataclasses
import inspect
import typing
from typing import Any


def is_protocol(kind: Any) -> bool:
    """Return whether `kind` is a protocol."""
    return bool(getattr(kind, "_is_protocol", False))


def is_a(value: Any, kind: Any) -> bool:
    """Return whether `value` is an instance of a class, or of a union, or implements a protocol.

    Each method of a protocol must accept the number of arguments that the protocol declares.
    """
    kinds = typing.get_args(kind) or (kind,)
    return not isinstance(value, type) and any(isinstance(value, one) and _accepts_calls(value, one) for one in kinds)


def makes_a(one: Any, kind: Any) -> bool:
    """Return whether instances of the dataclass `one` are of `kind`, a class or a protocol.

    Arguments of methods must have the names that the protocol declares.
    """
    if not is_protocol(kind):
        return issubclass(one, kind)
    methods, fields = _methods(kind), [field.name for field in dataclasses.fields(one)]
    required = [name for name in vars(kind) if name in methods or isinstance(vars(kind)[name], property)]
    return all(name in fields or hasattr(one, name) for name in required) and all(
        list(inspect.signature(getattr(one, name)).parameters) == list(method.parameters)
        for name, method in methods.items()
    )


def _methods(protocol: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(method)
        for name, method in vars(protocol).items()
        if inspect.isfunction(method) and (name == "__call__" or not name.startswith("_"))
    }


def _accepts_calls(value: Any, protocol: Any) -> bool:
    if not is_protocol(protocol):
        return True
    try:
        for name, required in _methods(protocol).items():
            inspect.signature(getattr(value, name)).bind(*[None] * (len(required.parameters) - 1))
    except (TypeError, ValueError):
        return False
    return True


def is_torch_module(value: Any) -> bool:
    """Return whether `value` is a `torch.nn.Module`, without importing torch."""
    return any(
        (one.__module__, one.__qualname__) == ("torch.nn.modules.module", "Module") for one in type(value).__mro__
    )
