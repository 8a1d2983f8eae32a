"""Import of experiments by reference, `module:Name`."""

import inspect
import sys

from byheart import checks, references
from byheart.experiments.experiment import Experiment
from byheart.experiments.reference import reference_of


def experiment_of(reference: str) -> type[Experiment]:
    """Import a module and return the experiment that `module:Name` names.

    Raises:
        BadInput: it cannot be imported, or is not an experiment.
    """
    kind = _in_main(reference) or references.imported(reference)
    if not (isinstance(kind, type) and issubclass(kind, Experiment)):
        raise checks.BadInput(
            f"`{reference}` must be a subclass of byheart.experiments.Experiment; got {checks.shown(kind)}."
        )
    if inspect.isabstract(kind) or not hasattr(kind, "name"):
        raise checks.BadInput(f"`{reference}` must have a `name` and a method `sweep`; see docs/own_experiment.md.")
    if "__dataclass_fields__" not in vars(kind):
        raise checks.BadInput(f"`{reference}` must be decorated with `@dataclasses.dataclass(frozen=True)`.")
    return kind


def _in_main(reference: str) -> object | None:
    """Return the class that `reference` names in the running script; None if it names none there."""
    found = getattr(sys.modules["__main__"], reference.partition(":")[2], None)
    return found if isinstance(found, type) and reference_of(found) == reference else None
