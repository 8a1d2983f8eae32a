"""The base class of experiments whose networks are each trained on a random half of the examples."""

import dataclasses
from typing import Self

from byheart.data.inclusion import RandomShare
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.training_experiment import TrainingExperiment


@dataclasses.dataclass(frozen=True, kw_only=True)
class HalvesExperiment(TrainingExperiment):
    """Settings of training on halves; networks of one seed see the same half."""

    @classmethod
    def for_data(cls, facts: DataSummary, scale: str | None = None) -> Self:
        """Return the default settings, with minibatches no larger than a half of the training data."""
        found = super().for_data(facts, scale)
        return dataclasses.replace(found, batch_size=max(1, min(found.batch_size, found.n_training // 2)))

    @staticmethod
    def half(seed: int) -> RandomShare:
        """Return the half that networks of a seed are trained on."""
        return RandomShare(seed)
