"""The experiments by name."""

from byheart.experiments.capacity import Capacity
from byheart.experiments.class_sensitivity import ClassSensitivity
from byheart.experiments.convergence import Convergence
from byheart.experiments.critical_samples import CriticalSampleExperiment
from byheart.experiments.easy_examples import EasyExamples
from byheart.experiments.experiment import Experiment
from byheart.experiments.filters import FilterExperiment
from byheart.experiments.patterns_first import PatternsFirst
from byheart.experiments.regularization import Regularization
from byheart.experiments.sensitivity_inequality import SensitivityInequality

EXPERIMENTS: dict[str, type[Experiment]] = {
    experiment.name: experiment
    for experiment in (
        EasyExamples,
        FilterExperiment,
        SensitivityInequality,
        ClassSensitivity,
        Capacity,
        Convergence,
        PatternsFirst,
        CriticalSampleExperiment,
        Regularization,
    )
}
"""In the order of the figures."""

DATA_OF_THE_PAPER: dict[str, tuple[str, ...]] = {
    "mnist": (
        *("easy-examples", "sensitivity-inequality", "class-sensitivity"),
        *("capacity", "convergence", "patterns-first"),
    ),
    "cifar10": ("easy-examples", "filters", "capacity", "patterns-first", "critical-samples", "regularization"),
}
"""Which experiments the paper makes on which data; docs/choices.md says why where it does not say so itself."""
