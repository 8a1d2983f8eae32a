"""Results of easy-examples and filters, made without training, with known difficulty and known structure."""

import dataclasses
import json
from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from made_results import FACTS, kind_of

from byheart.data.member_view import noise_attributes
from byheart.experiments.training_experiment import TrainingExperiment
from byheart.paper.easy_examples.experiment import EasyExamples
from byheart.paper.filters.experiment import Filters
from byheart.populations.trace import NEVER, settings_of

N_EXAMPLES, N_CLASSES = 600, 4
EPOCHS = (0, 1, 5)
World = Callable[[np.random.Generator], Mapping[str, np.ndarray]]
"""Returns the misclassification rate of each example, for each kind of data."""


def easy_examples(seeds: int = 40, noise_level: float = 1.0) -> EasyExamples:
    return dataclasses.replace(
        EasyExamples.for_scale("tiny", FACTS), seeds=seeds, n_training=N_EXAMPLES, noise_level=noise_level
    )


def filters(seeds: int = 4) -> Filters:
    return dataclasses.replace(Filters.for_scale("tiny", FACTS), seeds=seeds, epochs=5, measured_epochs=EPOCHS)


def _described(experiment: TrainingExperiment, results: xr.Dataset) -> xr.Dataset:
    results["diverged_epoch"] = ("member", np.full(results.sizes["member"], NEVER))
    names = json.dumps([f"class {number}" for number in range(N_CLASSES)])
    return results.assign_attrs(
        byheart="0.0", jax="0.0", devices="1 x made up", n_classes=N_CLASSES, class_names=names, seconds=1.0
    )


def made_errors(experiment: EasyExamples, world: World) -> xr.Dataset:
    """Return results of all members, whose errors are independent with the rates of `world`."""
    sweep, generator = experiment.sweep(), np.random.default_rng(0)
    rates = world(generator)
    flags = np.array([generator.random(N_EXAMPLES) < rates[kind_of(member)] for member in sweep.members], np.int8)
    examples = {
        "index": 5 * np.arange(N_EXAMPLES),
        "label": np.arange(N_EXAMPLES) % N_CLASSES,
    }
    for kind in sweep.kinds:
        examples[f"{kind.id}_rank"] = generator.permutation(N_EXAMPLES)
        if kind.replaces == "labels":
            examples[f"{kind.id}_label"] = generator.integers(0, N_CLASSES, N_EXAMPLES)
    coordinates = settings_of(sweep.recipe, sweep.members, sweep.kinds) | {
        name: ("example", v) for name, v in examples.items()
    }
    results = xr.Dataset(
        {"is_misclassified": (("member", "example"), flags)}, coordinates, noise_attributes(sweep.kinds)
    )
    return _described(experiment, results)


def patterns(generator: np.random.Generator) -> Mapping[str, np.ndarray]:
    """Return rates as in Figure 1 of the paper."""
    return {
        "real": np.where(generator.random(N_EXAMPLES) < 0.9, 0.01, 0.97),
        "rand_x": np.full(N_EXAMPLES, 0.7),
        "rand_y": generator.beta(20, 5, N_EXAMPLES),
    }


def noise_only(generator: np.random.Generator) -> Mapping[str, np.ndarray]:
    """Return the opposite: real examples are alike, random inputs differ most, random labels less than by chance."""
    return {
        "real": np.full(N_EXAMPLES, 0.5),
        "rand_x": generator.beta(0.5, 0.5, N_EXAMPLES),
        "rand_y": generator.beta(5, 5, N_EXAMPLES),
    }


def made_filters(experiment: Filters, gains: Mapping[str, float]) -> xr.Dataset:
    """Return results in which the low-frequency share grows by the given amount for each kind."""
    sweep = experiment.sweep()
    results = xr.Dataset(coords=settings_of(sweep.recipe, sweep.members, sweep.kinds)).assign_coords(
        epoch=np.array(EPOCHS)
    )
    grown = np.array([0, 0.5, 1])
    share = np.array(
        [
            0.3
            + (gains[kind_of(one)] + 0.01 * np.sin(one.seed + 2 * one.level("rand_x") + 3 * one.level("rand_y")))
            * grown
            for one in sweep.members
        ]
    )
    weights = np.random.default_rng(0).normal(size=(len(sweep.members), len(EPOCHS), 9, 8, 8, 1))
    results["low_frequency_share"] = (("member", "epoch"), share)
    results["training_accuracy"] = (("member", "epoch"), share)
    results["filter_weight"] = (("member", "epoch", "filter", "row", "column", "channel"), weights)
    return _described(experiment, results)


def without(results: xr.Dataset, index: int) -> xr.Dataset:
    """Return `results` in which the member at `index` diverged in the first epoch."""
    changed = results.copy(deep=True)
    changed.diverged_epoch.values[index] = 1
    for variable in changed.data_vars.values():
        if variable.dtype == np.int8:
            variable.values[index] = NEVER
        elif variable.dtype.kind == "f":
            variable.values[index] = np.nan
    return changed
