"""Base classes of experiments that train populations of networks on real and noisy data."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self

import xarray as xr

from byheart import checks
from byheart.data.split import Split
from byheart.data.stratified import stratified_subset
from byheart.experiments.cautions import at_chance, far_from_best
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.experiments.used_parts import ALL, UsedPart
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture
from byheart.training.optimizers import SGD, Optimizer
from byheart.training.recipe import Recipe


def epochs_up_to(last: int) -> tuple[int, ...]:
    """Return the epochs to measure at: every epoch at first, then fewer and fewer, and always the last.

    >>> epochs_up_to(30)
    (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30)
    """
    steps = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1000]
    return (*(epoch for epoch in steps if epoch < last), last)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingExperiment(Experiment):
    """Settings of training.

    Attributes:
        architecture: the network, for example "MLP((256, 256))", "CNN((32, 32))" or your own as "my_module:MyNet(64)".
        optimizer: the update rule, for example "SGD(0.01, momentum=0.9, halve_every=15)" or "Adam(0.001)".
        batch_size: examples in a minibatch.
        epochs: passes over the training data.
    """

    architecture: Architecture = MLP((128, 128))
    optimizer: Optimizer = SGD(0.1)
    batch_size: int = 32
    epochs: int = 30

    @classmethod
    def for_data(cls, facts: DataSummary, scale: str | None = None) -> Self:
        """Return the default settings, with minibatches no larger than the training data."""
        found = super().for_data(facts, scale)
        return dataclasses.replace(found, batch_size=min(found.batch_size, found.n_training))

    def recipe(self) -> Recipe:
        """Return the recipe that all networks share."""
        return Recipe(self.architecture, self.optimizer, self.batch_size, self.epochs)

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect invalid settings, and a recipe that does not fit the data."""
        super().collect_problems(problems, facts)
        with problems.noted():
            self.recipe().check(facts.input_shape, self.n_training)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ThroughTrainingExperiment(TrainingExperiment):
    """Settings of experiments that measure networks during training.

    Attributes:
        n_validation: validation examples used, a stratified subset like that of the training examples.
        measured_epochs: epochs after which the networks are measured; 0 is the untrained network. Epochs beyond the
            last one are omitted, and the last one is always measured.
    """

    n_validation: int = ALL
    measured_epochs: tuple[int, ...] = epochs_up_to(1000)

    limiting: ClassVar[tuple[str, ...]] = ("n_training", "n_validation")

    @property
    def schedule(self) -> tuple[int, ...]:
        """The epochs after which networks are measured: ascending, with the last one."""
        return (*sorted({epoch for epoch in self.measured_epochs if epoch < self.epochs}), self.epochs)

    def select(self, split: Split) -> Split:
        """Return subsets of both parts."""
        validation = stratified_subset(split.validation, self.n_validation, self.subset_seed)
        return Split.of_parts(super().select(split).training, validation)

    def parts_used(self, facts: DataSummary) -> Sequence[UsedPart]:
        """Return how much of both parts is used."""
        validation = UsedPart(
            "n_validation", self.n_validation, facts.n_validation, "validation examples are used", self._drawn()
        )
        return [*super().parts_used(facts), validation]

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return the common cautions, and those about networks of real data at chance or far from their peak."""
        chance = at_chance(results, self.n_training)
        return [*super().cautions(results), *([chance] if chance else []), *far_from_best(results)]

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect measured epochs below 0, and more validation examples than are available."""
        super().collect_problems(problems, facts)
        self.collect_counts(problems, "n_validation")
        self.collect_shortage(problems, facts, "n_validation", facts.n_validation)
        with problems.noted():
            self.recipe().check_measured_epochs(self.schedule)


def collect_level_problems(problems: checks.Problems, levels: tuple[float, ...]) -> None:
    """Collect noise levels out of range, a missing level 0, and levels of 0 alone."""
    for level in levels:
        with problems.noted():
            checks.fraction("noise_levels", level)
    if 0.0 not in levels or len(set(levels)) < 2:
        problems.messages.append(f"`noise_levels` must hold 0, the real data, and another level; got {levels}.")
