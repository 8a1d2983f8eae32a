"""Settings as text: a value written by `text` can be pasted back, on the command line and in experiment.json.

>>> from byheart.networks.mlp import MLP
>>> text(MLP((64, 64)))
'MLP(widths=(64, 64))'
>>> parse("MLP(widths=(64, 64))")
MLP(widths=(64, 64))
>>> parse("[0.2, 0.4]")
[0.2, 0.4]
"""

import ast
import dataclasses
import functools
import importlib
import inspect
import re
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from byheart import checks, protocols, references

_AT_DEFAULT = "is left out at its default"
ADDED_LATER: Mapping[str, Any] = types.MappingProxyType({_AT_DEFAULT: True})
"""Metadata of a field that `text` omits at its default value, so that texts from before the field stay valid."""

_Kind = TypeVar("_Kind", bound=type)
_REGISTERED: dict[str, type] = {}
_OWN = re.compile(r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|((?:[^\W\d]\w*\.)*[^\W\d]\w*:[^\W\d]\w*)(?=\s*\()""")
"""A quoted string, or the name of a class outside byheart, `module:Name`, before a call."""


def register(kind: _Kind) -> _Kind:
    """Register a class of byheart, so that its values can be written by its name alone. Use as a decorator.

    Classes outside byheart need no registration: their values are written as `module:Name(...)`.

    Raises:
        BadInput: the class is not part of byheart.
        Fault: another class of this name is registered.
    """
    if not _is_of_byheart(kind):
        raise checks.BadInput(
            f"`register` must be given a class of byheart; got {kind.__name__}. A class of your own needs no "
            f"registration: write its values as `{kind.__module__}:{kind.__name__}(...)`."
        )
    if _REGISTERED.setdefault(kind.__name__, kind) is not kind:
        raise checks.Fault(f"Two classes are registered as {kind.__name__}.")
    return kind


def registered() -> Mapping[str, type]:
    """Return the registered classes by name, those of all public names among them."""
    _import_public_names()
    return types.MappingProxyType(_REGISTERED)


def has_registered(base: type) -> bool:
    """Return whether `base` or a class below it is registered. All public names are imported only if it matters."""

    def is_known() -> bool:
        return any(issubclass(known, base) for known in _REGISTERED.values())

    if not is_known() and base.__module__ != "builtins":
        _import_public_names()
    return is_known()


@functools.cache
def _import_public_names() -> None:
    """Import the modules of all public names, so that their classes are registered."""
    package = importlib.import_module(__name__.partition(".")[0])
    for name in package.__all__:
        getattr(package, name)


def text(value: Any) -> str:
    """Return `value` as text from which `parse` creates an equal value, in this or another process.

    Dataclasses are written with all their arguments, numbers as those of Python, arrays as lists. Names of classes
    outside byheart are preceded by their module, so that classes of the same name differ.

    Raises:
        BadInput: a part of `value`, such as a function, has no name that means the same in another process.

    >>> import numpy as np
    >>> text((np.float64(0.5), [None, "a"], np.eye(2)))
    "(0.5, [None, 'a'], [[1.0, 0.0], [0.0, 1.0]])"
    """
    if (number := checks.python_number(value)) is not None:
        return repr(number)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if problem := getattr(value, "unwritable", ""):
            raise checks.BadInput(problem)
        arguments = [f"{field.name}={text(getattr(value, field.name))}" for field in _written_fields(value)]
        return f"{_name(type(value))}({', '.join(arguments)})"
    if type(value) is tuple:
        return f"({', '.join(map(text, value))}{',' * (len(value) == 1)})"
    if type(value) is list:
        return f"[{', '.join(map(text, value))}]"
    if type(value) is dict:
        return f"{{{', '.join(f'{text(key)}: {text(held)}' for key, held in value.items())}}}"
    if hasattr(value, "shape") and hasattr(value, "tolist"):
        return text(value.tolist())
    written = repr(value)
    if isinstance(value, types.FunctionType | types.MethodType) or re.search(r" at 0x[0-9a-f]+", written):
        raise checks.BadInput(
            f"{written} has no text that means the same in another process. Give a frozen dataclass in its place."
        )
    kind = type(value)
    return written if kind.__module__ == "builtins" or _is_of_byheart(kind) else f"{kind.__module__}:{written}"


def check_storable(name: str, value: Any) -> None:
    """Raise `BadInput` unless `value`, a setting of a stored run, can be written and read back in another process."""
    try:
        written = text(value)
        read = text(parse(written))
    except checks.BadInput as problem:
        raise checks.BadInput(f"`{name}` cannot be stored with a run: {problem}") from None
    if read != written:
        raise checks.BadInput(
            f"`{name}` cannot be stored with a run: {written} is read back as {read}. "
            "Every field of a class of your own must keep the argument of the same name."
        )


PREFIXES: Mapping[str, str] = types.MappingProxyType({"torch:": "TorchModule"})
"""Beginnings of texts: `torch:` and a call are short for a value of the registered class with the call as its text."""


def parse(written: str) -> Any:
    """Return the value of a text: Python literals, and calls of registered classes and of `module:Name`.

    A class with a module in its name must be a frozen dataclass. The module is imported from the working directory or
    from Python's path. `torch:my_module:Net()` is a torch module. Nothing else is evaluated.

    Raises:
        BadInput: the text is anything else, or a class rejects its arguments.
    """
    for prefix, name in PREFIXES.items():
        if written.strip().startswith(prefix):
            return registered()[name](written.strip().removeprefix(prefix))
    reader, body = _read(written)
    return reader.value(body)


def called(written: str) -> Any:
    """Return what a call of any class or function returns: `module:Name(...)`, with arguments as `parse` reads them.

    Raises:
        BadInput: the text is no such call, or the call fails.
    """
    reader, body = _read(written)
    if not isinstance(body, ast.Call) or not isinstance(body.func, ast.Name) or body.func.id not in reader.own:
        raise checks.BadInput(f"{written!r} must be a call, written like my_module:Net(64).")
    return reader.call(body, references.imported(reader.own[body.func.id]))


def _read(written: str) -> "tuple[_Reader, ast.expr]":
    """Return a text's syntax tree, and the reader that knows the names in it."""
    own: dict[str, str] = {}

    def placeholder(found: re.Match[str]) -> str:
        string, reference = found.groups()
        if string is not None:
            return str(string)
        name = f"own_class_{len(own)}_"
        own[name] = reference
        return name

    source = _OWN.sub(placeholder, written)
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        if "<locals>" in written:
            raise checks.BadInput(
                f"{written!r} names a class that is defined inside a function. Define it at the top of a module."
            ) from None
        raise checks.BadInput(f"{written!r} is not a value; write it like {_EXAMPLE}.") from None
    return _Reader(own), tree.body


def check_is_a(name: str, value: Any, kind: Any) -> Any:
    """Return `value` if it is an instance of a class, or of a union, or implements a protocol (`protocols.is_a`).

    Raises:
        BadInput: it does not; the message lists the classes of byheart that do.
    """
    if not protocols.is_a(value, kind):
        raise checks.BadInput(f"`{name}` must be {examples(kind)}; got {checks.shown(value)}.")
    return value


def examples(kind: Any) -> str:
    """Return the registered classes of a kind as text for messages, such as "MLP(...) or CNN(...)"."""
    kinds = typing.get_args(kind) or (kind,)
    names = [
        f"{name}(...)" for name, one in registered().items() if any(protocols.makes_a(one, each) for each in kinds)
    ]
    own = ["your own as my_module:MyClass(...)"] if any(map(_is_open, kinds)) else []
    return " or ".join([*sorted(names), *own])


def _is_open(kind: Any) -> bool:
    """Return whether a class outside byheart may be of a kind: a protocol, or an abstract base class."""
    return protocols.is_protocol(kind) or inspect.isabstract(kind)


_EXAMPLE = "MLP((64, 64)), or my_module:MyClass(...) for a class of your own"


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Evaluates a syntax tree to a value.

    Attributes:
        own: `module:Name` of classes outside byheart, by their placeholders in the tree.
    """

    own: Mapping[str, str]

    def value(self, node: ast.expr) -> Any:
        """Return the value of a node."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._called(node, node.func.id)
        if isinstance(node, ast.Tuple):
            return tuple(map(self.value, node.elts))
        if isinstance(node, ast.List):
            return list(map(self.value, node.elts))
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError):
            raise checks.BadInput(f"`{self._shown(node)}` is not a value; write it like {_EXAMPLE}.") from None

    def _called(self, node: ast.Call, name: str) -> Any:
        is_own = name in self.own
        if is_own:
            return self.call(node, _own_class(self.own[name]))
        kind = registered()[checks.known("value", name, registered())]
        positional, named = self._arguments(node, kind)
        return kind(*positional, **named)

    def call(self, node: ast.Call, kind: Any) -> Any:
        """Return what a class or function outside byheart makes of the arguments of a node."""
        positional, named = self._arguments(node, kind)
        try:
            return kind(*positional, **named)
        except checks.BadInput:
            raise
        except Exception as problem:
            raise checks.BadInput(
                f"`{self._shown(node)}` cannot be made: {type(problem).__name__}: {problem}"
            ) from problem

    def _arguments(self, node: ast.Call, kind: Any) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments of a node, which must fit the signature of `kind`."""
        positional = [self.value(argument) for argument in node.args]
        named = {word.arg: self.value(word.value) for word in node.keywords if word.arg is not None}
        if len(named) < len(node.keywords):
            raise checks.BadInput(f"`{self._shown(node)}` must name its arguments one by one, without `**`.")
        try:
            inspect.signature(kind).bind(*positional, **named)
        except TypeError as problem:
            raise checks.BadInput(f"`{self._shown(node)}` cannot be made: {problem}.") from None
        return positional, named

    def _shown(self, node: ast.expr) -> str:
        shown = ast.unparse(node)
        for name, reference in self.own.items():
            shown = shown.replace(name, reference)
        return shown


def _own_class(reference: str) -> type:
    """Return a class outside byheart that a text may call: a frozen dataclass."""
    if reference.startswith(f"{references.MAIN}:"):
        raise checks.BadInput(
            f"`{reference}` is defined in the program that was started, which another process cannot import. "
            "Move it to a module, such as my_module.py."
        )
    kind = references.imported(reference)
    parameters = getattr(kind, "__dataclass_params__", None) if isinstance(kind, type) else None
    if parameters is None or not parameters.frozen:
        raise checks.BadInput(
            f"`{reference}` must be a frozen dataclass (`@dataclasses.dataclass(frozen=True)`), so that its values can "
            f"be written and compared; got {checks.shown(kind)}."
        )
    return kind


def _written_fields(value: Any) -> list[dataclasses.Field[Any]]:
    def is_written(field: dataclasses.Field[Any]) -> bool:
        is_added = _AT_DEFAULT in field.metadata
        return field.init and field.repr and not (is_added and getattr(value, field.name) == field.default)

    return [field for field in dataclasses.fields(value) if is_written(field)]


def _name(kind: type) -> str:
    return kind.__qualname__ if _is_of_byheart(kind) else f"{kind.__module__}:{kind.__qualname__}"


def _is_of_byheart(kind: type) -> bool:
    return kind.__module__.split(".")[0] == __name__.split(".")[0]
