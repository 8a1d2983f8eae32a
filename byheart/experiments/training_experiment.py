"""What experiments share that train populations of networks on real and noisy data."""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import xarray as xr

from byheart import checks
from byheart.data.dataset import Split
from byheart.data.stratified import stratified_subset
from byheart.experiments.cautions import at_chance, far_from_best
from byheart.experiments.experiment import DataFacts, Experiment, Scale
from byheart.experiments.used_parts import UsedPart
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture
from byheart.training.optimizers import SGD, Optimizer
from byheart.training.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class TrainingExperiment(Experiment):
    """Settings of training.

    Attributes:
        architecture: the network, for example "MLP((256, 256))", "CNN((32, 32))" or your own as "my_module:MyNet(64)".
        optimizer: the update rule, for example "SGD(0.01, momentum=0.9, halve_every=15)" or "Adam(0.001)".
        batch_size: examples in a minibatch.
        epochs: passes over the training data.
    """

    architecture: Architecture
    optimizer: Optimizer
    batch_size: int
    epochs: int

    def recipe(self) -> Recipe:
        """What all networks share."""
        return Recipe(self.architecture, self.optimizer, self.batch_size, self.epochs)

    def check(self, facts: DataFacts) -> None:
        """Raises `BadInput` with all settings that cannot run on the data."""
        problems = checks.Problems(f"{self.name} cannot start")
        self.note_common(problems, facts, ("n_training", "seeds"))
        with problems.noted():
            self.recipe().check(facts.image_shape, self.n_training)
        self.check_more(problems, facts)
        problems.raise_if_any()

    def check_more(self, problems: checks.Problems, facts: DataFacts) -> None:
        """Notes what is wrong with the settings a subclass adds."""


@dataclasses.dataclass(frozen=True)
class ThroughTrainingExperiment(TrainingExperiment):
    """Settings of experiments that measure while they train.

    Attributes:
        n_validation: validation examples used, a stratified subset like that of the training examples.
        measured_epochs: when is measured; 0 is the untrained network. Those beyond the last epoch are left out, and the last one is always
            measured.
    """

    n_validation: int
    measured_epochs: tuple[int, ...]

    limiting: ClassVar[tuple[str, ...]] = ("n_training", "n_validation")

    @property
    def schedule(self) -> tuple[int, ...]:
        """The epochs at which is measured: ascending, the last one included."""
        return (*sorted({epoch for epoch in self.measured_epochs if epoch < self.epochs}), self.epochs)

    def used(self, split: Split) -> Split:
        """Subsets of both parts."""
        validation = stratified_subset(split.validation, self.n_validation, self.subset_seed)
        return Split.of_parts(super().used(split).training, validation)

    def parts_used(self, facts: DataFacts) -> Sequence[UsedPart]:
        """Of both parts."""
        validation = UsedPart(
            "n_validation", self.n_validation, facts.n_validation, "validation examples are used", self._drawn()
        )
        return [*super().parts_used(facts), validation]

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """As every experiment, and networks of real data that end at chance, or far from their best."""
        chance = at_chance(results, self.n_training)
        return [*super().cautions(results), *([chance] if chance else []), *far_from_best(results)]

    def check_more(self, problems: checks.Problems, facts: DataFacts) -> None:
        """Notes measured epochs below 0, and more validation examples than there are."""
        with problems.noted():
            checks.count("n_validation", self.n_validation)
        self.note_available(problems, "n_validation", facts.n_validation, facts)
        with problems.noted():
            self.recipe().check_measured_epochs(self.schedule)


def is_for_cnn(facts: DataFacts) -> bool:
    """Whether the paper's CNN is the network for such images: color images that it fits. The paper's MLP is for all others."""
    return facts.image_shape[2] == 3 and CNN().fits(facts.image_shape)


def common_settings(scale: Scale, facts: DataFacts, own: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Settings of a `ThroughTrainingExperiment` by scale, with an experiment's `own` in place of those that all share."""
    chosen = (_FOR_CNN if is_for_cnn(facts) else _FOR_MLP)[scale] | dict(own)
    return within(facts, chosen) | {"n_validation": min(chosen["n_validation"], facts.n_validation)}


def within(facts: DataFacts, chosen: dict[str, Any]) -> dict[str, Any]:
    """Chosen settings, with no more training examples than there are, and the first seeds."""
    n_training = min(chosen["n_training"], facts.n_training)
    limited = {"n_training": n_training, "batch_size": min(chosen["batch_size"], n_training)}
    return {"seed_base": 0, "noise_seed": 0, "subset_seed": 0} | chosen | limited


def note_levels(problems: checks.Problems, levels: tuple[float, ...]) -> None:
    """Notes noise levels out of range, and levels without 0 or without noise."""
    for level in levels:
        with problems.noted():
            checks.fraction("noise_levels", level)
    if 0.0 not in levels or len(set(levels)) < 2:
        problems.messages.append(f"`noise_levels` must hold 0, the real data, and another level; got {levels}.")


def epochs_up_to(last: int) -> tuple[int, ...]:
    """Epochs to measure at: every one at first, then ever fewer, always the last.

    >>> epochs_up_to(30)
    (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30)
    """
    steps = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1000]
    return (*(epoch for epoch in steps if epoch < last), last)


MLP_OF_THE_PAPER: dict[str, Any] = {
    "architecture": MLP((4096, 4096)),
    "optimizer": SGD(0.01),
    "batch_size": 32,
    "epochs": 1000,
    "measured_epochs": epochs_up_to(1000),
    "n_training": 50_000,
    "n_validation": 10_000,
    "seeds": 5,
}
"""Settings at paper scale of experiments with the paper's MLP."""
_FOR_MLP: dict[Scale, dict[str, Any]] = {
    "tiny": {
        "architecture": MLP((128, 128)),
        "optimizer": SGD(0.2),
        "batch_size": 32,
        "epochs": 100,
        "measured_epochs": epochs_up_to(100),
        "n_training": 600,
        "n_validation": 300,
        "seeds": 5,
    },
    "laptop": {
        "architecture": MLP((256, 256)),
        "optimizer": SGD(0.1),
        "batch_size": 50,
        "epochs": 60,
        "measured_epochs": epochs_up_to(60),
        "n_training": 2000,
        "n_validation": 2000,
        "seeds": 5,
    },
    "paper": MLP_OF_THE_PAPER,
}
_FOR_CNN: dict[Scale, dict[str, Any]] = {
    "tiny": {
        "architecture": CNN((8, 8), dense=(32,)),
        "optimizer": SGD(0.02, momentum=0.9),
        "batch_size": 32,
        "epochs": 20,
        "measured_epochs": epochs_up_to(20),
        "n_training": 400,
        "n_validation": 300,
        "seeds": 3,
    },
    "laptop": {
        "architecture": CNN((32, 32)),
        "optimizer": SGD(0.01, momentum=0.9, halve_every=15),
        "batch_size": 64,
        "epochs": 40,
        "measured_epochs": (0, 1, 2, 4, 7, 10, 15, 20, 30, 40),
        "n_training": 2000,
        "n_validation": 1000,
        "seeds": 3,
    },
    "paper": {
        "architecture": CNN(),
        "optimizer": SGD(0.01, momentum=0.9, halve_every=15),
        "batch_size": 128,
        "epochs": 100,
        "measured_epochs": epochs_up_to(100),
        "n_training": 50_000,
        "n_validation": 10_000,
        "seeds": 5,
    },
}
