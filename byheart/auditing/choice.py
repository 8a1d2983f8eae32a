"""The choice of the architecture's size and of the number of epochs, by held-out accuracy.

For each candidate architecture one pair of networks is trained, on halves and with seeds of their own, and the held-out
accuracy of all examples is measured after each number of epochs. Among the candidates within one standard error of the
best, the one that trains fastest is chosen (the rule of Breiman et al., 1984, for trees). An example's label counts in
this choice as one of all of them; its scores come from other networks.

A linear network is always trained alike: networks that are worse than linear classifiers are too weak to judge.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from byheart import checks, literals
from byheart.auditing.probes import HeldOutAccuracy
from byheart.auditing.settings import AuditSettings, batch_size
from byheart.data.balanced_half import BalancedHalf
from byheart.inputs import InputShape, are_images
from byheart.networks.cnn import CNN, DEFAULT_FROM_SIDE
from byheart.networks.mlp import MLP
from byheart.networks.network import Architecture
from byheart.populations.grid import GridPoint, GridSweep
from byheart.training.cost import CPU_CORE, training_cost
from byheart.training.member import Member
from byheart.training.recipe import Recipe

LINEAR = MLP(())
MLPS = (MLP((64, 64)), MLP((256, 256)))
CNNS = (
    CNN((16, 16), (64,), crop=0, kernel=3, padding=1, pool=2),
    CNN((32, 64), (128,), crop=0, kernel=3, padding=1, pool=2),
)
"""Sizes for images with several channels from `SMALLEST_SIDE` on, and for all from `DEFAULT_FROM_SIDE` on.

Smaller images, and vectors, get `MLPS`.
"""
SMALLEST_SIDE = 8
"""Smallest side, in pixels, of images with several channels for which a CNN is a candidate."""
FEW = 5_000
"""Number of examples below which training takes more epochs, since an epoch has few updates."""
EPOCHS, EPOCHS_FOR_FEW = (5, 10, 20), (10, 20, 40)
SEEDS_AWAY = 2**30
"""Distance of the seeds of these networks from those of the audit."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """The chosen recipe, and the accuracies that it was chosen by.

    Attributes:
        recipe: of all networks of the audit; None if a learner trains them.
        accuracies: (architecture, epochs, held-out accuracy) of every candidate; those of linear networks come first.
        linear_accuracy: best held-out accuracy of the linear networks.
    """

    recipe: Recipe | None
    accuracies: tuple[tuple[str, int, float], ...]
    linear_accuracy: float


def candidates(
    settings: AuditSettings, input_shape: InputShape, n_examples: int
) -> tuple[tuple[Architecture, ...], tuple[int, ...]]:
    """Return the candidate architectures, the linear one first, and the candidate numbers of epochs."""
    epochs = (EPOCHS_FOR_FEW if n_examples < FEW else EPOCHS) if settings.epochs is None else (settings.epochs,)
    if settings.learner is not None:
        wanted: tuple[Architecture, ...] = ()  # Linear networks alone, to compare the learner with.
    elif settings.architecture is not None:
        wanted = () if settings.epochs is not None else (settings.architecture,)
    elif _have_cnns(input_shape):
        wanted = CNNS
    else:
        wanted = MLPS
    return (LINEAR, *(one for one in wanted if one != LINEAR)), epochs


def _have_cnns(input_shape: InputShape) -> bool:
    """Return whether the candidates for inputs of this shape are CNNs."""
    if not are_images(input_shape):
        return False
    return min(input_shape[:2]) >= (SMALLEST_SIDE if input_shape[-1] > 1 else DEFAULT_FROM_SIDE)


def choice_sweep(settings: AuditSettings, input_shape: InputShape, class_counts: Sequence[int]) -> GridSweep:
    """Return the sweep over one pair of networks of each candidate architecture."""
    n_examples, counts = sum(class_counts), tuple(class_counts)
    architectures, epochs = candidates(settings, input_shape, n_examples)
    seed = (settings.seed_base + SEEDS_AWAY) % checks.LARGEST_SEED
    points = [
        GridPoint(
            _recipe(settings, architecture, epochs[-1], n_examples),
            Member(seed, inclusion=BalancedHalf(counts, seed, is_second)),
        )
        for architecture in architectures
        for is_second in (False, True)
    ]
    return GridSweep.over(points, measures=(HeldOutAccuracy(),), measured_epochs=epochs)


def chosen(settings: AuditSettings, found: xr.Dataset, input_shape: InputShape, class_counts: Sequence[int]) -> Choice:
    """Return the fastest of the candidates whose accuracy lies within one standard error of the best.

    Args:
        settings: of the audit.
        found: results of `choice_sweep`.
        input_shape: shape of an input.
        class_counts: number of examples of each class.
    """
    n = sum(class_counts)
    architectures, epochs = candidates(settings, input_shape, n)
    of_pairs = found.held_out_accuracy.values.reshape(len(architectures), 2, len(epochs)).mean(axis=1)
    accuracy = np.where(np.isfinite(of_pairs), of_pairs, 0.0)
    table = tuple(
        (literals.text(architecture), n_epochs, float(accuracy[row, column]))
        for row, architecture in enumerate(architectures)
        for column, n_epochs in enumerate(epochs)
    )
    if settings.learner is not None:
        return Choice(None, table, float(accuracy[0].max()))
    if settings.architecture is not None and settings.epochs is not None:
        recipe = _recipe(settings, settings.architecture, settings.epochs, n)
        return Choice(recipe, table, float(accuracy[0].max()))
    is_eligible = np.full(accuracy.shape, True)
    if settings.architecture is not None:
        is_eligible[0] = settings.architecture == LINEAR
    best = accuracy[is_eligible].max()
    threshold = best - math.sqrt(max(best * (1 - best), 1 / n) / n)
    close = [
        _recipe(settings, architectures[row], epochs[column], n)
        for row, column in np.argwhere(is_eligible & (accuracy >= threshold))
    ]
    return Choice(min(close, key=_seconds_on(input_shape, class_counts)), table, float(accuracy[0].max()))


def largest_recipe(settings: AuditSettings, input_shape: InputShape, class_counts: Sequence[int]) -> Recipe | None:
    """Return the candidate recipe that trains longest, for an estimate of time; None if a learner trains."""
    if settings.learner is not None:
        return None
    n = sum(class_counts)
    architectures, epochs = candidates(settings, input_shape, n)
    wanted = architectures if settings.architecture is None else (settings.architecture,)
    return max((_recipe(settings, one, epochs[-1], n) for one in wanted), key=_seconds_on(input_shape, class_counts))


def _recipe(settings: AuditSettings, architecture: Architecture, epochs: int, n_examples: int) -> Recipe:
    return Recipe(architecture, settings.optimizer, batch_size(n_examples), epochs)


def _seconds_on(input_shape: InputShape, class_counts: Sequence[int]) -> Callable[[Recipe], float]:
    """Return the estimated seconds that a recipe takes to train one network on half of the examples."""
    n_trained = sum(class_counts) // 2
    return lambda recipe: training_cost(recipe, n_trained, input_shape, len(class_counts)).seconds(CPU_CORE)
