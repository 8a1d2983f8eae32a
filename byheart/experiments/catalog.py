"""The experiments by name."""

from byheart.experiments.class_sensitivity import ClassSensitivity
from byheart.experiments.critical_samples import CriticalSampleExperiment
from byheart.experiments.experiment import Experiment
from byheart.experiments.patterns_first import PatternsFirst
from byheart.experiments.sensitivity_inequality import SensitivityInequality

EXPERIMENTS: dict[str, type[Experiment]] = {
    experiment.name: experiment
    for experiment in (SensitivityInequality, ClassSensitivity, PatternsFirst, CriticalSampleExperiment)
}
"""In the order of the figures."""
