"""Worlds in which claims are false, for benchmarks.false_holds: mixed kinds of data, and results by chance.

Each world holds results of many seeds, from which small groups are drawn.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.special
import xarray as xr

import byheart as bh
from byheart.critical.lass import LASS
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment
from byheart.paper.capacity.experiment import Capacity
from byheart.paper.class_sensitivity.experiment import ClassSensitivity
from byheart.paper.convergence.experiment import Convergence
from byheart.paper.critical_samples.experiment import CriticalSampleRatios
from byheart.paper.easy_examples.experiment import EasyExamples
from byheart.paper.filters.experiment import Filters
from byheart.paper.patterns_first.experiment import PatternsFirst
from byheart.paper.regularization.experiment import Regularization
from byheart.paper.sensitivity_inequality.experiment import SensitivityInequality
from byheart.populations.trace import settings_of
from byheart.populations.train import measure_sweep

FACTS = DataSummary("digits", (8, 8, 1), 1437, 360)
Generator = np.random.Generator
Chance = Callable[[Generator, tuple[int, ...]], np.ndarray]
"""Generators of numbers of mean 0 and spread of about 1."""

CHANCES: dict[str, Chance] = {
    "normal": lambda generator, shape: generator.normal(size=shape),
    "skewed up": lambda generator, shape: generator.exponential(size=shape) - 1,
    "skewed down": lambda generator, shape: 1 - generator.exponential(size=shape),
    "outliers": lambda generator, shape: generator.normal(size=shape) * np.where(generator.random(shape) < 0.1, 5, 1),
    "in steps": lambda generator, shape: np.round(generator.normal(size=shape)),
}
"""Distributions: exponential with its long tail on either side, one value in ten five times as far out, integers."""


def trained(n_seeds: int) -> list[Experiment]:
    """Return small experiments on the embedded digits, with `n_seeds` seeds."""
    declared: list[tuple[type[Experiment], dict[str, Any]]] = [
        (PatternsFirst, {"noise_levels": (0.0, 0.4, 0.8), "radii": (10.0,)}),
        (CriticalSampleRatios, {}),
        (Filters, {"epochs": 30, "measured_epochs": (0, 30)}),
    ]
    small = {"seeds": n_seeds, "n_training": 300, "architecture": bh.MLP((64, 64))}
    course = {"epochs": 60, "measured_epochs": (0, 1, 2, 3, 5, 8, 12, 20, 30, 40, 60)}
    search = {"search": LASS(budget=10), "n_samples": 150}
    return [
        dataclasses.replace(
            kind.for_scale("tiny", FACTS), **small, **({} if kind is Filters else course | search), **own
        )
        for kind, own in declared
    ]


def results_on_digits(experiment: Experiment) -> xr.Dataset:
    """Train all networks of an experiment."""
    return measure_sweep(experiment.sweep(), experiment.select(bh.load("digits"))).assign_attrs(n_classes=10)


DIFFERENCES = {
    PatternsFirst: ("F78a-inputs", "F78a-labels", "F78b-inputs", "F78b-labels"),
    CriticalSampleRatios: ("F9a-randX", "F9a-randX-on-real-inputs", "F9a-randY"),
    Filters: ("F2-beyond-randX",),
}
"""Claims that compare kinds of data, which are false if kinds are mixed."""


def replaced(results: xr.Dataset, rand_x: float, rand_y: float, rng: Generator) -> xr.Dataset:
    """Let networks of one kind of data, with newly drawn seeds, stand for every kind: no claim of difference is true.

    Real data are replaced by noise, or noise by real data; the remaining differences are those between seeds.
    """
    is_source = (results.rand_x.values == rand_x) & (results.rand_y.values == rand_y)
    source, seeds = np.flatnonzero(is_source), results.seed.values
    played = np.empty(results.sizes["member"], int)
    for kind in {*zip(results.rand_x.values.tolist(), results.rand_y.values.tolist(), strict=True)}:
        own = np.flatnonzero((results.rand_x.values == kind[0]) & (results.rand_y.values == kind[1]))
        played[own] = rng.permutation(source)[np.argsort(np.argsort(seeds[own]))]
    return _played_by(results, played)


def exchanged(results: xr.Dataset, rng: Generator) -> xr.Dataset:
    """Permute kinds of data at random within each seed: a claim of difference is false as often as it is true."""
    played = np.empty(results.sizes["member"], int)
    for seed in np.unique(results.seed.values):
        own = np.flatnonzero(results.seed.values == seed)
        played[own] = rng.permutation(own)
    return _played_by(results, played)


def _played_by(results: xr.Dataset, members: np.ndarray) -> xr.Dataset:
    """Return results in which each member has the numbers of another member."""
    return results.copy(data={name: variable.values[members] for name, variable in results.data_vars.items()})


def of_chance(n_seeds: int, chance: Chance, rng: Generator) -> list[tuple[Experiment, xr.Dataset, Sequence[str]]]:
    """Return results of the other experiments in which networks differ only by chance, with the false claims.

    `convergence` has a quarter of the seeds, since each of its regressions takes a second.
    """
    capacity = dataclasses.replace(
        Capacity.for_scale("tiny", FACTS), seeds=n_seeds, widths=(4, 8, 16, 32, 64), enough=16
    )
    convergence = dataclasses.replace(
        Convergence.for_scale("tiny", FACTS),
        seeds=-(-n_seeds // 4),
        epochs=200,
        widths=(8, 32, 128),
        sizes=(100, 200, 400),
    )
    convergence = dataclasses.replace(convergence, noise_levels=(0.0, 0.4, 1.0))
    regularization = dataclasses.replace(
        Regularization.for_scale("tiny", FACTS), seeds=n_seeds, measured_epochs=(0, 50, 100)
    )
    inequality = dataclasses.replace(SensitivityInequality.for_scale("tiny", FACTS), seeds=n_seeds, n_training=30)
    inequality = dataclasses.replace(inequality, horizons=(200, 500, 1000, 2000))
    classes = dataclasses.replace(ClassSensitivity.for_scale("tiny", FACTS), seeds=n_seeds, n_training=30)

    def drawn(*shape: int) -> np.ndarray:
        return chance(rng, shape)

    made = []
    for grid in (capacity, convergence, regularization):
        results = xr.Dataset(coords=grid.sweep().coordinates())
        n = results.sizes["member"]
        epochs = np.array([0, 100, 200]) if grid is convergence else np.array([0, 50, 100])
        results = results.assign_coords(epoch=epochs).assign_attrs(n_classes=10)
        around = np.array([0.1, 0.9, 0.9])
        if grid is convergence:
            results["ended_epoch"] = ("member", 2 ** (4 + 0.5 * drawn(n)))
        else:
            results["validation_accuracy"] = (("member", "epoch"), around + 0.02 * drawn(n, 3))
        if grid is regularization:
            results["training_accuracy"] = (("member", "epoch"), around - 0.1 + 0.02 * drawn(n, 3))
            results["batch_loss"] = (("member", "epoch"), 1 + 0.1 * drawn(n, 3))
        made.append((grid, results))
    for sensitivity in (inequality, classes):
        results = xr.Dataset(coords=sensitivity.sweep().coordinates())
        for name, variable in sensitivity.sweep().measures[0].variables(30, 10).items():
            axes = dict(variable.axes)
            shape = [results.sizes["member"], *map(len, axes.values())]
            results = results.assign_coords({axis: list(at) for axis, at in axes.items()})
            values = 1 + 0.1 * drawn(*shape)
            if "example" in axes:
                unequal = np.arange(1.0, 31) ** (1 + 0.1 * drawn(*shape[:-1], 1))
                values = unequal[..., rng.permutation(30)]
            results[name] = (("member", *axes), np.full(shape, -1) if name.endswith("lost_at") else values)
        made.append((sensitivity, results))
    true_by_chance = ("F5a", "F5c-labels", "F10a", "F10a-price")
    return [
        (one, results, [claim.name for claim in one.claims() if claim.name not in true_by_chance])
        for one, results in made
    ]


def near_a_bound(n_seeds: int, chance: Chance, rng: Generator) -> list[tuple[Experiment, xr.Dataset, Sequence[str]]]:
    """Return results that are shares near 1 or 0, in which networks differ only by chance on the logit."""
    made = []
    for experiment in trained(n_seeds):
        sweep = experiment.sweep()
        epochs = np.array(experiment.settings()["measured_epochs"])
        results = xr.Dataset(coords=settings_of(sweep.recipe, sweep.members, sweep.kinds)).assign_coords(epoch=epochs)
        course = np.linspace(0, 1, len(epochs))
        for name, (first, last) in SHARES[type(experiment)].items():
            logits = scipy.special.logit(first + (last - first) * course)
            around = logits + 0.5 * chance(rng, (results.sizes["member"], len(epochs)))
            results[name] = (("member", "epoch"), scipy.special.expit(around))
        made.append((experiment, results.assign_attrs(n_classes=10), DIFFERENCES[type(experiment)]))
    return made


SHARES: dict[type[Experiment], dict[str, tuple[float, float]]] = {
    PatternsFirst: {
        "validation_accuracy": (0.97, 0.95),
        "csr_validation": (0.9, 0.97),
        "training_accuracy_noisy": (0.1, 0.98),
    },
    CriticalSampleRatios: {
        **dict.fromkeys(("csr_validation", "csr_validation_alike", "csr_training"), (0.9, 0.97)),
        "training_accuracy": (0.1, 0.98),
    },
    Filters: {"low_frequency_share": (0.9, 0.97)},
}
"""Shares in claims, before and after training, without chance."""


def coin_flips(
    n_seeds: int, rng: Generator, rate: Callable[[Generator, int], np.ndarray]
) -> tuple[EasyExamples, xr.Dataset]:
    """Return results of easy-examples with independent errors, whatever the data; `rate` is that of each example."""
    experiment = dataclasses.replace(EasyExamples.for_scale("tiny", FACTS), seeds=n_seeds, n_training=600)
    n, sweep = experiment.n_training, experiment.sweep()
    members = sweep.members
    rates = rate(rng, n)
    flags = np.array([rng.random(n) < rates for _ in members], np.int8)
    examples = {
        "index": np.arange(n),
        "label": np.arange(n) % 10,
        "rand_y_label": rng.integers(0, 10, n),
        "rand_x_rank": rng.permutation(n),
        "rand_y_rank": rng.permutation(n),
    }
    results = xr.Dataset(coords=settings_of(sweep.recipe, members, sweep.kinds))
    results = results.assign_coords({name: ("example", values) for name, values in examples.items()})
    return experiment, results.assign(is_misclassified=(("member", "example"), flags))
