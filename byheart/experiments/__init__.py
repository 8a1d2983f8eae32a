"""The parts of an experiment: settings, a sweep, claims with rules, figures.

The names below are for writing your own experiment (docs/own_experiment.md). Each is imported when it is first used;
`__init__.pyi` is their table, which editors and type checkers read.

>>> from byheart.experiments import Above, Claim, Experiment, Figure, Panel, ThroughTrainingExperiment
"""

import ast
import importlib
from pathlib import Path
from typing import Any

_STUB = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
_MODULES = {
    alias.name: str(node.module) for node in _STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names
}
"""The module of each name. `lazy_loader` does this for `byheart`, but only for modules inside the package itself."""

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_MODULES[name]), name)
    return found


def __dir__() -> list[str]:
    return __all__
