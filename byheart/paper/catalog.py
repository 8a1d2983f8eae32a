"""The paper's experiments by name."""

from byheart.paper.capacity.experiment import Capacity
from byheart.paper.class_sensitivity.experiment import ClassSensitivity
from byheart.paper.convergence.experiment import Convergence
from byheart.paper.critical_samples.experiment import CriticalSampleRatios
from byheart.paper.easy_examples.experiment import EasyExamples
from byheart.paper.experiment import PaperExperiment
from byheart.paper.filters.experiment import Filters
from byheart.paper.patterns_first.experiment import PatternsFirst
from byheart.paper.regularization.experiment import Regularization
from byheart.paper.sensitivity_inequality.experiment import SensitivityInequality

EXPERIMENTS: dict[str, type[PaperExperiment]] = {
    experiment.name: experiment
    for experiment in (
        EasyExamples,
        Filters,
        SensitivityInequality,
        ClassSensitivity,
        Capacity,
        Convergence,
        PatternsFirst,
        CriticalSampleRatios,
        Regularization,
    )
}
"""Experiments by name, in the order of the figures."""

DATA_OF_THE_PAPER: dict[str, tuple[str, ...]] = {
    "mnist": (
        *("easy-examples", "sensitivity-inequality", "class-sensitivity"),
        *("capacity", "convergence", "patterns-first"),
    ),
    "cifar10": ("easy-examples", "filters", "capacity", "patterns-first", "critical-samples", "regularization"),
}
"""The paper's experiments on each data set; docs/choices.md gives reasons where the paper does not name the data."""
