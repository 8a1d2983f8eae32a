"""Settings as text: the `repr` of a strategy can be pasted back, on the command line and in experiment.json.

>>> from byheart.networks.mlp import MLP
>>> parse("MLP(widths=(64, 64))", [MLP])
MLP(widths=(64, 64))
>>> parse("[0.2, 0.4]", [])
[0.2, 0.4]
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Iterable
from typing import Any

from byheart import checks


def parse(text: str, types: Iterable[type]) -> Any:
    """The value written in `text`: Python literals, and calls of `types` by their names. Nothing else is evaluated.

    Raises:
        BadInput: anything else, or values the type refuses.
    """
    known = {kind.__name__: kind for kind in types}
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError:
        raise checks.BadInput(f"{text!r} is not a value; write it like {_example(known)}.") from None
    return _value(tree.body, known)


def imported(reference: str) -> Any:
    """Import the object that `module:name` names. Modules in the working directory are found, too.

    Raises:
        BadInput: no such module, a module that fails while it is imported, or no such name in it.

    >>> imported("math:tau")
    6.283185307179586
    """
    module_name, _, name = reference.partition(":")
    if not module_name or not name.isidentifier():
        raise checks.BadInput(f"`{reference}` must be written as module:Name, such as my_module:MyNetwork.")
    if "" not in sys.path:
        sys.path.insert(0, "")  # As `python -m` does; a console script has its own folder there instead.
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


def _value(node: ast.expr, known: dict[str, type]) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        kind = known[checks.known("value", node.func.id, known)]
        positional = [_value(argument, known) for argument in node.args]
        named = {word.arg: _value(word.value, known) for word in node.keywords if word.arg is not None}
        if len(named) < len(node.keywords):
            raise checks.BadInput(f"`{ast.unparse(node)}` must name its arguments one by one, without `**`.")
        try:
            inspect.signature(kind).bind(*positional, **named)
        except TypeError as problem:
            raise checks.BadInput(f"`{ast.unparse(node)}` cannot be made: {problem}.") from None
        return kind(*positional, **named)
    if isinstance(node, ast.Tuple):
        return tuple(_value(element, known) for element in node.elts)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        raise checks.BadInput(f"`{ast.unparse(node)}` is not a value; write it like {_example(known)}.") from None


def _example(known: dict[str, type]) -> str:
    return f"{next(iter(known), 'name')}(...)"
