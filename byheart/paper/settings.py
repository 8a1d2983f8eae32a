"""Settings by scale that the paper's experiments share, and those of a co-author's script."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from byheart.critical.lass import LASS
from byheart.critical.radius import Pixels
from byheart.data.batches import Shuffled, WithReplacement
from byheart.data.rand_x import GaussianInputs, UniformInputs
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.search_experiment import RADIUS_OF_VECTORS
from byheart.experiments.training_experiment import epochs_up_to
from byheart.inputs import are_images
from byheart.networks.cnn import CNN, DEFAULT_FROM_SIDE
from byheart.networks.losses import CrossEntropy, FlooredCrossEntropy
from byheart.networks.mlp import MLP
from byheart.paper.scales import Scale
from byheart.training.optimizers import SGD
from byheart.unrolling.loss_sensitivity import LastSteps

AUTHOR_CODE: dict[str, Any] = {
    "architecture": MLP((32, 32)),
    "optimizer": SGD(0.05),
    "batch_size": 32,
    "batches": WithReplacement(),
    "loss": FlooredCrossEntropy(0.1),
    "random_inputs": UniformInputs(),
    "window": LastSteps(500, every=2),
}
"""Settings of the co-author's script that differ from the paper's, in both experiments (docs/choices.md)."""

SENSITIVITY_REASONS: dict[str, str] = {
    "optimizer": "at ten times the learning rate, 5,000 updates show what takes 50,000 at the paper's",
    "window": "neighboring steps have similar sensitivities, and each costs a whole backward sweep",
}
"""Reasons why settings of both experiments on loss sensitivity depart from the paper's."""


def uses_cnn(facts: DataSummary) -> bool:
    """Return whether experiments use the paper's CNN: for color images that it fits, others from 32 pixels on.

    Smaller images and vectors have the MLP.
    """
    shape = facts.input_shape
    return CNN().fits(shape) and (are_in_color(facts) or min(shape[:2]) >= DEFAULT_FROM_SIDE)


def are_in_color(facts: DataSummary) -> bool:
    """Return whether inputs are images of three channels that are large enough for the paper's CNN."""
    return CNN().fits(facts.input_shape) and facts.input_shape[2] == 3


def training_settings(
    scale: Scale, facts: DataSummary, own: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """Return settings of a `ThroughTrainingExperiment` by scale; an experiment's `own` settings replace shared ones."""
    chosen = (_FOR_CNN if uses_cnn(facts) else _FOR_MLP)[scale] | dict(own)
    return limited_to_data(facts, chosen) | {"n_validation": min(chosen["n_validation"], facts.n_validation)}


def limited_to_data(facts: DataSummary, chosen: dict[str, Any]) -> dict[str, Any]:
    """Return the chosen settings with at most the available training examples, and seeds from 0 as defaults."""
    n_training = min(chosen["n_training"], facts.n_training)
    limited = {"n_training": n_training, "batch_size": min(chosen["batch_size"], n_training)}
    return {"seed_base": 0, "noise_seed": 0, "subset_seed": 0} | chosen | limited


def search_settings(scale: Scale, facts: DataSummary) -> dict[str, Any]:
    """Return settings of a `SearchExperiment` by scale."""
    search = (_SEARCH_FOR_CNN if uses_cnn(facts) else _SEARCH_FOR_MLP)[scale]
    if not are_images(facts.input_shape):
        search = search | {"radius": RADIUS_OF_VECTORS}
    return training_settings(scale, facts) | search | {"n_samples": min(search["n_samples"], facts.n_validation)}


def sensitivity_settings(scale: Scale, facts: DataSummary) -> Mapping[str, Any]:
    """Return settings of a `SensitivityExperiment` by scale; large images are pooled to half their size."""
    chosen = _SENSITIVITY[scale]
    can_halve = are_images(facts.input_shape) and all(side >= 28 and side % 2 == 0 for side in facts.input_shape[:2])
    n_training = min(chosen["n_training"], facts.n_training)
    return chosen | {
        "pooling": 2 if can_halve else 1,
        "n_training": n_training,
        "batch_size": min(32, n_training),
        "architecture": MLP((16, 16)),
        "batches": Shuffled(),
        "loss": CrossEntropy(),
        "random_inputs": GaussianInputs(),
        "seeds": 5,
        "seed_base": 0,
        "noise_seed": 0,
        "subset_seed": 0,
    }


PAPER_MLP: dict[str, Any] = {
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
        "measured_epochs": (0, 1, 2, 3, 5, 8, 12, 20, 35, 60, 100),
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
    "paper": PAPER_MLP,
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
_SEARCH_FOR_MLP: dict[Scale, dict[str, Any]] = {
    "tiny": {"radius": Pixels(10.0), "search": LASS(budget=20), "n_samples": 200},
    "laptop": {"radius": Pixels(3.0), "search": LASS(budget=20), "n_samples": 1000},
    "paper": {"radius": Pixels(0.3), "search": LASS(), "n_samples": 10_000},
}
_SEARCH_FOR_CNN: dict[Scale, dict[str, Any]] = {
    "tiny": {"radius": Pixels(1.0), "search": LASS(budget=10), "n_samples": 200},
    "laptop": {"radius": Pixels(0.3), "search": LASS(budget=10), "n_samples": 200},
    "paper": {"radius": Pixels(0.3), "search": LASS(), "n_samples": 10_000},
}
_SENSITIVITY: dict[Scale, dict[str, Any]] = {
    "tiny": {"n_training": 100, "optimizer": SGD(0.1), "window": LastSteps(100, every=25)},
    "laptop": {"n_training": 1000, "optimizer": SGD(0.1), "window": LastSteps(500, every=50)},
    "paper": {"n_training": 1000, "optimizer": SGD(0.01), "window": LastSteps(500, every=2)},
}
