"""regularization: Figures 10 and 11 (section 4.5). The effect of regularizers on memorization, and its price.

Claim of the paper: with some regularizers, networks fit far fewer random labels, with hardly lower
validation accuracy on real data. Dropout does this best, and best of all is dropout with
adversarial training. The order of training losses under regularizers differs between random and
real labels.

    byheart run regularization --data cifar10 --scale laptop

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    CIFAR-10, 380 networks in 1 h 23 min
        F10a: holds, 0.712 [0.314, 0.931]
        F10a-price: holds, 0.645 [0.386, 0.904]
        F10b: holds, 0.026 [0.002, 0.050]
        F10b-input_dropout: holds, 0.073 [0.042, 0.103]
        F10b-input_noise: holds, 0.097 [0.071, 0.122]
        F10b-hidden_noise: holds, 0.311 [0.275, 0.346]
        F10b-weight_decay: holds, 0.026 [0.002, 0.050]
        F10c: fails, -0.112 [-0.136, -0.088]
        F10c-dropout: undecided, -0.001 [-0.020, 0.018]
        F10d: holds, 0.307 [0.256, 0.359]
        F11: fails, -0.055 [-0.096, -0.015]
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import xarray as xr

from byheart import checks
from byheart.critical.lass import LASS
from byheart.critical.radius import Length, Pixels
from byheart.drawing.figure import Figure
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.search_experiment import RADIUS_OF_VECTORS
from byheart.experiments.training_experiment import ThroughTrainingExperiment
from byheart.inputs import are_images
from byheart.measures.accuracy import Accuracy
from byheart.networks.mlp import MLP
from byheart.paper.catalog import CATALOG
from byheart.paper.experiment import PaperExperiment
from byheart.paper.regularization.claims import claims_of
from byheart.paper.regularization.curves import Curve
from byheart.paper.regularization.tables import tables_of
from byheart.paper.scales import Scale
from byheart.paper.settings import training_settings, uses_cnn
from byheart.populations.grid import GridSweep, grid_points
from byheart.regularizers.adversarial_training import AdversarialTraining
from byheart.regularizers.dropout import Dropout, InputDropout
from byheart.regularizers.gaussian_noise import HiddenNoise, InputNoise
from byheart.regularizers.weight_decay import WeightDecay
from byheart.results.table import Table
from byheart.sweeps.results import NEVER
from byheart.training.optimizers import SGD


@dataclasses.dataclass(frozen=True)
class Regularization(ThroughTrainingExperiment, PaperExperiment):
    """Noise fit and validation accuracy for regularizers of many strengths.

    Attributes:
        curves: regularizers and their strengths, for example "Curve((Dropout(),), ((0.3,), (0.6,)))", one word each.
        selected: the point of each curve, counted from 1, whose training is shown in Figure 11.
    """

    name: ClassVar[str] = "regularization"
    figure: ClassVar[str] = CATALOG["regularization"].figure
    summary: ClassVar[str] = CATALOG["regularization"].summary
    finding: ClassVar[Finding] = Finding(
        "F10a",
        "Some regularizer keeps networks from fitting noise at little cost",
        "No regularizer keeps networks from fitting noise at little cost",
    )
    description: ClassVar[str] = (
        "A network that can fit random labels learns by heart. Regularizers should hinder that, but not the learning "
        "of patterns. The paper trains the same network with regularizers of many strengths, once on random labels "
        "and once on real data. How much of the noise does it still fit, and how much validation accuracy does it "
        "lose? The paper finds that with some regularizers networks fit much less noise at little cost, most of all "
        "with dropout, and with dropout and adversarial training together."
    )
    departure_reasons: ClassVar[dict[str, str]] = {
        "architecture": "the paper's network needs an accelerator",
        "epochs": "networks without regularizers fit random labels by then",
        "curves": "the paper gives ranges of strengths; these are fewer points in them",
        "selected": "the point in the middle of each curve",
    }

    curves: tuple[Curve, ...]
    selected: tuple[int, ...]

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        own = (_FOR_CNN if uses_cnn(facts) else _FOR_MLP)[scale]
        if not are_images(facts.input_shape):
            own = own | {"curves": curves_of(RADIUS_OF_VECTORS, _SEARCH, _STRENGTHS[scale])}
        middle = tuple(-(-len(curve.strengths) // 2) for curve in own["curves"])
        return cls(**training_settings(scale, facts, own), selected=middle)

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect curves of the same name, and selected points that do not exist."""
        super().collect_problems(problems, facts)
        names = [curve.name for curve in self.curves]
        if not names or len(set(names)) < len(names):
            problems.messages.append(
                f"`curves` must be at least one, and differ in their regularizers; got {', '.join(names) or 'none'}."
            )
        if len(self.selected) != len(self.curves):
            problems.messages.append(
                f"`selected` must have a point for each of {len(self.curves)} curves; got {self.selected}."
            )
        for point, curve in zip(self.selected, self.curves, strict=False):
            if not 1 <= point <= len(curve.strengths):
                problems.messages.append(
                    f"`selected` must be from 1 to {len(curve.strengths)} for {curve.name}; got {point}."
                )

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return the common cautions about networks without regularizers; strong regularizers may lead to chance."""
        names = {one.name for curve in self.curves for one in curve.regularizers}
        is_plain = np.all([results[name].values == 0 for name in names], axis=0)
        failures = self.failures(results)
        plain = results.isel(member=np.flatnonzero(is_plain & (results.diverged_epoch.values == NEVER)))
        return [*([failures] if failures else []), *super().cautions(plain)]

    def sweep(self) -> GridSweep:
        """Return the sweep: real and random labels without regularizers, then at all strengths of each curve."""
        shared: dict[str, Any] = {"seed": self.seed_range(), "rand_y": (0.0, 1.0)}
        wanted = grid_points(self.recipe(), **shared)
        for curve in self.curves:
            recipe = dataclasses.replace(self.recipe(), regularizers=curve.regularizers)
            wanted += grid_points(recipe, **shared, strengths=curve.strengths)
        return GridSweep.over(wanted, measures=(Accuracy(),), measured_epochs=self.schedule, noise_seed=self.noise_seed)

    def claims(self) -> Sequence[Claim]:
        """Return claims F10a to F10d and F11."""
        return claims_of(self.curves, self.selected)

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return figures of accuracy against noise fit, and of training losses."""
        from byheart.paper.regularization.figures import figures_of

        return figures_of(results, data_label, self.curves, self.selected, self.n_training)

    def tables(self, results: xr.Dataset) -> Sequence[Table]:
        """Return a table of all curves, and one of all points."""
        return tables_of(results, self.curves)


def curves_of(radius: Length, search: LASS, strengths: dict[str, Sequence[float]]) -> tuple[Curve, ...]:
    """Return the paper's six curves: five regularizers at their strengths, and dropout with adversarial training."""
    noise = InputNoise() if radius.is_for_images else InputNoise(scale=1.0)
    singles = (Dropout(), InputDropout(), noise, HiddenNoise(), WeightDecay())
    largest = max(strengths["adversarial_training"])
    adversarial = AdversarialTraining(radius=radius, search=search, largest_weight=largest)
    together = zip(strengths["dropout_beside"], strengths["adversarial_training"], strict=True)
    return (
        *(Curve((one,), tuple((strength,) for strength in strengths[one.name])) for one in singles),
        Curve((Dropout(), adversarial), tuple(together)),
    )


_SEARCH = LASS(budget=5, noise_scale=0.0)
_STRENGTHS: dict[Scale, dict[str, Sequence[float]]] = {
    "tiny": {
        "dropout": (0.2, 0.5, 0.8),
        "input_dropout": (0.2, 0.5, 0.8),
        "input_noise": (0.5, 1.5, 4.0),
        "hidden_noise": (0.03, 0.1, 0.3),
        "weight_decay": (1e-4, 1e-3, 1e-2),
        "dropout_beside": (0.1, 0.3, 0.5),
        "adversarial_training": (0.2, 0.45, 0.7),
    },
    "laptop": {
        "dropout": (0.2, 0.4, 0.6, 0.8, 0.9),
        "input_dropout": (0.1, 0.3, 0.5, 0.7, 0.9),
        "input_noise": (0.3, 1.0, 2.0, 3.0, 5.0),
        "hidden_noise": (0.03, 0.1, 0.17, 0.24, 0.3),
        "weight_decay": (1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        "dropout_beside": (0.03, 0.1, 0.2, 0.35, 0.5),
        "adversarial_training": (0.2, 0.3, 0.45, 0.6, 0.7),
    },
    "paper": {
        "dropout": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
        "input_dropout": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
        "input_noise": (0.1, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0),
        "hidden_noise": (0.01, 0.03, 0.06, 0.1, 0.14, 0.18, 0.22, 0.26, 0.3),
        "weight_decay": (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0),
        "dropout_beside": (0.03, 0.06, 0.1, 0.15, 0.2, 0.27, 0.35, 0.42, 0.5),
        "adversarial_training": (0.2, 0.25, 0.3, 0.37, 0.45, 0.5, 0.57, 0.63, 0.7),
    },
}
_FOR_MLP: dict[Scale, dict[str, Any]] = {
    "tiny": {
        "architecture": MLP((128, 128)),
        "optimizer": SGD(0.2),
        "batch_size": 20,
        "epochs": 100,
        "measured_epochs": tuple(range(0, 101, 10)),
        "n_training": 200,
        "seeds": 3,
        "curves": curves_of(Pixels(10.0), _SEARCH, _STRENGTHS["tiny"]),
    },
    "laptop": {
        "measured_epochs": tuple(range(0, 61, 5)),
        "curves": curves_of(Pixels(3.0), _SEARCH, _STRENGTHS["laptop"]),
    },
    "paper": {"curves": curves_of(Pixels(0.3), _SEARCH, _STRENGTHS["paper"])},
}
_FOR_CNN: dict[Scale, dict[str, Any]] = {
    "tiny": {"curves": curves_of(Pixels(1.0), _SEARCH, _STRENGTHS["tiny"])},
    "laptop": {
        "n_training": 1000,
        "n_validation": 2000,
        "epochs": 30,
        "measured_epochs": tuple(range(0, 31, 3)),
        "curves": curves_of(Pixels(0.3), _SEARCH, _STRENGTHS["laptop"]),
    },
    "paper": {"curves": curves_of(Pixels(0.3), _SEARCH, _STRENGTHS["paper"])},
}
