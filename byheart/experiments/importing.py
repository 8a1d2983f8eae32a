"""Finds experiments by reference, `module:Name`, wherever they are written."""

import inspect
import sys

from byheart import checks, literals
from byheart.experiments.experiment import Experiment
from byheart.experiments.reference import reference_of


def experiment_of(reference: str) -> type[Experiment]:
    """Return the experiment that `module:Name` names; its module is imported.

    Raises:
        BadInput: it cannot be imported, or is no experiment.
    """
    kind = _in_main(reference) or literals.imported(reference)
    if not (isinstance(kind, type) and issubclass(kind, Experiment)):
        raise checks.BadInput(
            f"`{reference}` must be a subclass of byheart.experiments.Experiment; got {checks.shown(kind)}."
        )
    if inspect.isabstract(kind) or not hasattr(kind, "name"):
        raise checks.BadInput(
            f"`{reference}` must have a `name` and a method `sweep`, as docs/own_experiment.md has it."
        )
    if "__dataclass_fields__" not in vars(kind):
        raise checks.BadInput(f"`{reference}` must be decorated with `@dataclasses.dataclass(frozen=True)`.")
    return kind


def _in_main(reference: str) -> object | None:
    """Return what `reference` names in the script that Python was started with; None where it names no part of it."""
    found = getattr(sys.modules["__main__"], reference.partition(":")[2], None)
    return found if isinstance(found, type) and reference_of(found) == reference else None
