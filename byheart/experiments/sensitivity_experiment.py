"""The base class of experiments on loss sensitivity, which differentiate through whole training runs."""

import dataclasses
from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr

from byheart import checks, literals
from byheart.data.batches import Batches, Shuffled
from byheart.data.pooling import mean_pooled
from byheart.data.rand_x import GaussianInputs, UniformInputs
from byheart.data.split import Split
from byheart.experiments.cautions import class_counts, is_real
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.inputs import InputShape, image_shape
from byheart.networks.losses import CrossEntropy, Loss, check_loss
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture
from byheart.statistics.chance import MANY, chance_in_words, guessing_accuracy, is_near_chance
from byheart.sweeps.results import NEVER
from byheart.training.member import noise_at
from byheart.training.optimizers import SGD, Optimizer, as_optimizer
from byheart.unrolling.differentiable_update import check_differentiable
from byheart.unrolling.loss_sensitivity import LastSteps, Window
from byheart.unrolling.member import UnrolledMember
from byheart.unrolling.run_measures import RunMeasure
from byheart.unrolling.sweep import UnrolledSweep


@dataclasses.dataclass(frozen=True, kw_only=True)
class SensitivityExperiment(Experiment):
    """Settings of the runs.

    Attributes:
        pooling: side of the tiles of pixels that are averaged first; 2 makes 14 x 14 pixels of 28 x 28. 1 for vectors.
        architecture: the network, for example "MLP((16, 16))" or your own as "my_module:MyNet(64)".
        optimizer: the update rule, for example "SGD(0.1)" or "Adam(0.001, eps_root=1e-8)".
        batch_size: examples in a minibatch.
        batches: how minibatches are drawn, "Shuffled()" or "WithReplacement()".
        loss: the loss to minimize, "CrossEntropy()" or "FlooredCrossEntropy(0.1)".
        random_inputs: the noise that replaces inputs, "GaussianInputs()" or "UniformInputs()".
        window: the steps before T over which sensitivities are averaged, for example "LastSteps(500, every=2)" or
            "AllSteps(every=100)".
    """

    pooling: int = 1
    architecture: Architecture = MLP((16, 16))
    optimizer: Optimizer = SGD(0.1)
    batch_size: int = 32
    batches: Batches = Shuffled()
    loss: Loss = CrossEntropy()
    random_inputs: GaussianInputs | UniformInputs = GaussianInputs()
    window: Window = LastSteps(500, every=50)

    @classmethod
    def for_data(cls, facts: DataSummary, scale: str | None = None) -> Self:
        """Return the default settings, with minibatches no larger than the training data."""
        found = super().for_data(facts, scale)
        return dataclasses.replace(found, batch_size=min(found.batch_size, found.n_training))

    def select(self, split: Split) -> Split:
        """Return a subset of the training examples, with pooled images."""
        chosen = super().select(split)
        if self.pooling == 1:
            return chosen
        return Split.of_parts(mean_pooled(chosen.training, self.pooling), mean_pooled(chosen.validation, self.pooling))

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect invalid settings, and a network that does not fit images of the size after pooling."""
        super().collect_problems(problems, facts)
        self.collect_counts(problems, "pooling", "batch_size")
        if self.batch_size > self.n_training:
            problems.messages.append(
                f"`batch_size` must be at most `n_training`, {self.n_training}; got {self.batch_size}."
            )
        n_before = len(problems.messages)
        for setting, kind in (("architecture", Architecture), ("batches", Batches), ("window", Window)):
            with problems.noted():
                literals.check_is_a(setting, getattr(self, setting), kind)
        with problems.noted():
            check_loss("loss", self.loss)
        with problems.noted():
            check_differentiable(as_optimizer(self.optimizer))
        if len(problems.messages) > n_before:
            problems.raise_if_any()  # The checks below need these settings to be valid.
        with problems.noted():
            self.architecture.check(self._pooled(facts.input_shape))

    def _pooled(self, shape: InputShape) -> InputShape:
        """Return the shape of inputs after pooling.

        Raises:
            BadInput: `pooling` does not divide the size of the images, or the inputs are vectors.
        """
        if self.pooling <= 1:
            return shape
        height, width, channels = image_shape("`pooling` above 1", shape)
        if height % self.pooling or width % self.pooling:
            raise checks.BadInput(
                f"`pooling` must divide the size of the images, {height} x {width}; got {self.pooling}."
            )
        return height // self.pooling, width // self.pooling, channels

    def collect_window_problems(
        self, problems: checks.Problems, horizons: tuple[int, ...], needs_minibatch: bool
    ) -> None:
        """Collect a window without steps up to the first horizon, or whose last step lacks a minibatch it needs."""
        first, last = self.window.steps(horizons[0]), self.window.steps(horizons[-1])
        if not first:
            problems.messages.append(f"`window` {self.window!r} contains no step up to {horizons[0]}.")
        elif needs_minibatch and last[-1] >= horizons[-1]:
            problems.messages.append(
                f"`window` {self.window!r} includes the end of the run, after which there is no minibatch; "
                "use `LastSteps`."
            )

    def failures(self, results: xr.Dataset) -> str:
        """Return a sentence that names the sensitivities that were lost, and the updates; empty if none were."""
        found = []
        for name, lost_at in results.data_vars.items():
            if not str(name).endswith("lost_at"):
                continue
            for index in np.argwhere(lost_at.values != NEVER):
                one = lost_at[tuple(index)]
                kind = "one class an example, " if bool(one.unique_classes) else ""
                at = f", T = {int(one.horizon):,}" if "horizon" in one.coords else ""
                noise = f"randX {float(one.rand_x):g}, randY {float(one.rand_y):g}"
                found.append(f"{kind}seed {int(one.seed)}, {noise}{at}: update {int(one):,}")
        what = "Sensitivities that are not known, since an adjoint stopped being finite in the backward sweep"
        return f"{what}: {'; '.join(found)}." if found else ""

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return the common cautions, and those about networks of real data at chance, if accuracy is known."""
        found, at_chance = list(super().cautions(results)), []
        accuracy = results.get("training_accuracy", xr.full_like(results.seed, np.nan, float))
        for unique, words in ((False, "true classes"), (True, "one class an example")):
            guessing = guessing_accuracy([1] * self.n_training if unique else class_counts(results))
            values = accuracy.values[is_real(results) & (results.unique_classes.values == unique)]
            is_near = is_near_chance(values, self.n_training, guessing)
            if values.size and is_near.mean() >= MANY:
                networks = (
                    f"{words}: {is_near.sum()} of {is_near.size} networks (training accuracy {np.nanmean(values):.2f})"
                )
                at_chance.append(chance_in_words(guessing, [networks]))
        return [*found, *at_chance]

    def member(
        self, seed: int, rand_x: float = 0.0, rand_y: float = 0.0, unique_classes: bool = False
    ) -> UnrolledMember:
        """Return the run of a seed with these levels of noise; random inputs are of the kind in the settings."""
        return UnrolledMember(seed, noise_at(rand_x, rand_y, self.random_inputs), unique_classes)

    def sweep_of(
        self, members: tuple[UnrolledMember, ...], horizon: int, measures: tuple[RunMeasure, ...]
    ) -> UnrolledSweep:
        """Return the sweep of runs of `horizon` updates with these settings."""
        return UnrolledSweep(
            architecture=self.architecture,
            members=members,
            horizon=horizon,
            measures=measures,
            optimizer=self.optimizer,
            batch_size=self.batch_size,
            batches=self.batches,
            loss=self.loss,
            noise_seed=self.noise_seed,
        )
