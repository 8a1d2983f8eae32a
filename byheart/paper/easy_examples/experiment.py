"""easy-examples: Figure 1 (section 3.1). In real data some examples are easy and some hard; in noise all are alike.

Claim of the paper: after one epoch, many real examples are almost always, or almost never,
classified right, whatever the seed. Random inputs differ only by chance, as coin flips would;
random labels by more than chance, but far less than real data.

    byheart run easy-examples --data mnist --scale laptop

Seen at laptop scale on 2026-11-30, on 2 cores of an AMD EPYC. Each line has a claim, its verdict,
its number and its interval over seeds; docs/reproduction.md discusses them.

    MNIST, 300 networks in 34 s
        F1a: holds, 0.651 [0.644, 0.658]
        F1b: holds, 0.510 [0.503, 0.517]
        F1c: holds, 0.001 [0.000, 0.002]
        F1d: holds, 0.018 [0.015, 0.020]
        F1d-below-real: holds, 0.634 [0.628, 0.641]
    CIFAR-10, 150 networks in 5 min 10 s
        F1a: holds, 0.204 [0.177, 0.231]
        F1b: fails, 0.130 [0.116, 0.144]
        F1c: holds, 0.001 [-0.001, 0.003]
        F1d: holds, 0.039 [0.032, 0.045]
        F1d-below-real: holds, 0.166 [0.138, 0.194]
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import xarray as xr

from byheart import checks
from byheart.data.noise import Noise
from byheart.data.rand_x import RandX
from byheart.data.rand_y import RandY
from byheart.data.split import Split
from byheart.drawing.figure import Figure
from byheart.experiments.cautions import class_counts
from byheart.experiments.claims import Claim
from byheart.experiments.data_kinds import members_of_each_kind
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding
from byheart.experiments.training_experiment import TrainingExperiment
from byheart.measures.misclassified import Misclassified
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.paper.catalog import CATALOG
from byheart.paper.easy_examples.claims import claims_of, errors_of
from byheart.paper.easy_examples.tables import tables_of
from byheart.paper.experiment import PaperExperiment
from byheart.paper.scales import Scale
from byheart.paper.settings import limited_to_data, uses_cnn
from byheart.populations.sweep import PopulationSweep
from byheart.results.table import Table
from byheart.statistics.difficulty_cautions import difficulty_cautions
from byheart.statistics.split_half import split_half_correlation
from byheart.training.optimizers import SGD
from byheart.training.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class EasyExamples(TrainingExperiment, PaperExperiment):
    """Misclassification rates of single examples over many networks.

    Attributes:
        steps: number of updates after which training stops, within the last of the `epochs`; None: no limit.
        noise_level: share replaced by noise in randX and randY.
        noise: one more kind of data besides real data, randX and randY, for example
            "ClassFlips(0.4, ((0.0, 1.0), (1.0, 0.0)))". Figures and tables show it; no claim is about it.
            None adds no further kind.
    """

    name: ClassVar[str] = "easy-examples"
    figure: ClassVar[str] = CATALOG["easy-examples"].figure
    summary: ClassVar[str] = CATALOG["easy-examples"].summary
    finding: ClassVar[Finding] = Finding(
        "F1a",
        "Real examples differ in difficulty far more than random inputs do",
        "Real examples differ in difficulty hardly more than random inputs do",
    )
    description: ClassVar[str] = (
        "Many networks that differ in their seed alone are trained briefly on the same data. The result for each "
        "example is the share of networks that misclassify it. If networks learned examples one by one, by heart, "
        "all examples would be about equally hard and differ only by chance, like coin flips. The paper sees this "
        "for random inputs (randX). Real examples differ enormously: many are always right, some always wrong. "
        "Random labels (randY) lie between, since networks look for patterns there, too."
    )
    departure_reasons: ClassVar[dict[str, str]] = {
        "architecture": "the paper's network needs an accelerator",
        "n_training": "a part of the data shows the effect in less time",
    }

    steps: int | None
    noise_level: float
    noise: Noise | None

    @classmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings."""
        chosen = (_FOR_CNN if uses_cnn(facts) else _FOR_MLP)[scale]
        return cls(**limited_to_data(facts, chosen), epochs=1, steps=None, noise_level=1.0, noise=None)

    def recipe(self) -> Recipe:
        """Return the recipe that all networks share."""
        return dataclasses.replace(super().recipe(), steps=self.steps)

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect an invalid noise level, and a `noise` of level 0 or of a kind that is always there."""
        super().collect_problems(problems, facts)
        if self.noise is not None and (self.noise.level == 0 or self.noise.id in (RandX.id, RandY.id)):
            problems.messages.append(
                "`noise` must have a level above 0 and another kind than randX and randY, which are always used; "
                f"got {self.noise!r}."
            )
        with problems.noted():
            checks.fraction("noise_level", self.noise_level)
            checks.positive("noise_level", self.noise_level)

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return the common cautions, and those about networks at chance and about unreliable rankings."""
        found, errors = super().cautions(results), errors_of(results, "real")
        if len(errors) == 0:
            return found
        agreement = float(split_half_correlation(errors).mean()) if len(errors) > 1 else np.nan
        of_errors = (1 - errors.mean(axis=1), errors.sum(axis=0))
        return [*found, *difficulty_cautions(*of_errors, agreement, class_counts(results))]

    def sweep(self) -> PopulationSweep:
        """Return the sweep: real data, randX, randY and the further noise, if there is one, for each seed."""
        others = () if self.noise is None else (self.noise,)
        members = members_of_each_kind(self.seed_range(), self.noise_level, *others)
        return PopulationSweep(self.recipe(), members, final_measures=(Misclassified(),), noise_seed=self.noise_seed)

    def claims(self) -> Sequence[Claim]:
        """Return claims F1a to F1d."""
        return claims_of(self.figure)

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return figures of rates and error correlations, of precision by number of seeds, and of extreme images."""
        from byheart.paper.easy_examples.figures import figures_of
        from byheart.paper.easy_examples.pictures import pictures_figures

        return [*figures_of(results, data_label), *pictures_figures(results, data_label)]

    def tables(self, results: xr.Dataset) -> Sequence[Table]:
        """Return a table of dispersions, one of all examples, and one of the texts of extreme examples."""
        from byheart.paper.easy_examples.texts import extremes_table

        return [*tables_of(results), *extremes_table(results)]

    def stored_pictures(self, results: xr.Dataset, split: Split) -> xr.Dataset | None:
        """Return the easiest and the hardest images of each class, or texts of the examples."""
        from byheart.paper.easy_examples.pictures import pictures_of
        from byheart.paper.easy_examples.texts import texts_of

        found = [one(results, split.training) for one in (pictures_of, texts_of)]
        kept = [one for one in found if one is not None]
        return xr.merge(kept) if kept else None


_FOR_MLP: dict[Scale, dict[str, Any]] = {
    "tiny": {
        "architecture": MLP((64, 64)),
        "optimizer": SGD(0.1),
        "batch_size": 16,
        "n_training": 600,
        "seeds": 60,
    },
    "laptop": {
        "architecture": MLP((256, 256)),
        "optimizer": SGD(0.01),
        "batch_size": 32,
        "n_training": 10_000,
        "seeds": 100,
    },
    "paper": {
        "architecture": MLP((4096, 4096)),
        "optimizer": SGD(0.01),
        "batch_size": 32,
        "n_training": 50_000,
        "seeds": 100,
    },
}
_FOR_CNN: dict[Scale, dict[str, Any]] = {
    "tiny": {
        "architecture": CNN((8, 8), dense=(32,)),
        "optimizer": SGD(0.02, momentum=0.9),
        "batch_size": 32,
        "n_training": 400,
        "seeds": 30,
    },
    "laptop": {
        "architecture": CNN((32, 32)),
        "optimizer": SGD(0.01, momentum=0.9, halve_every=15),
        "batch_size": 64,
        "n_training": 4000,
        "seeds": 50,
    },
    "paper": {
        "architecture": CNN(),
        "optimizer": SGD(0.01, momentum=0.9, halve_every=15),
        "batch_size": 128,
        "n_training": 50_000,
        "seeds": 100,
    },
}
