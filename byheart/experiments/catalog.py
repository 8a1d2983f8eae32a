"""The experiments by name."""

from byheart.experiments.critical_samples import CriticalSampleExperiment
from byheart.experiments.experiment import Experiment
from byheart.experiments.patterns_first import PatternsFirst

EXPERIMENTS: dict[str, type[Experiment]] = {
    experiment.name: experiment for experiment in (PatternsFirst, CriticalSampleExperiment)
}
"""In the order of the figures."""
