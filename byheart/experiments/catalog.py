"""The experiments by name."""

from byheart.experiments.critical_samples import CriticalSampleExperiment
from byheart.experiments.noise_experiment import NoiseExperiment
from byheart.experiments.patterns_first import PatternsFirst

EXPERIMENTS: dict[str, type[NoiseExperiment]] = {
    experiment.name: experiment for experiment in (PatternsFirst, CriticalSampleExperiment)
}
"""In the order of the figures."""
