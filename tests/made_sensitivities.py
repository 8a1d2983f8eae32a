"""Sensitivities computed by a formula, without training, for which the verdicts of all claims are known."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from byheart.experiments.data_summary import DataSummary
from byheart.experiments.sensitivity_experiment import SensitivityExperiment
from byheart.paper.class_sensitivity.experiment import ClassSensitivity
from byheart.paper.sensitivity_inequality.experiment import SensitivityInequality
from byheart.sweeps.results import NEVER
from byheart.unrolling.loss_sensitivity import NORMS
from byheart.unrolling.member import UnrolledMember

FACTS = DataSummary("digits", (8, 8, 1), 1437, 360)
N_EXAMPLES, N_CLASSES = 30, 10
HORIZONS = (200, 500, 1000, 2000)

Inequality = Callable[[UnrolledMember, int, float], float]
"""Takes a member, T and a norm, and returns p: example k has the sensitivity k ** p; 0 makes all equal."""
Matrix = Callable[[UnrolledMember, str], tuple[float, float]]
"""Takes a member and a variable, and returns the value on the diagonal and the value off it."""
World = Any


def inequality(seeds: int = 4, horizons: tuple[int, ...] = HORIZONS) -> SensitivityInequality:
    declared = SensitivityInequality.for_scale("tiny", FACTS)
    return dataclasses.replace(declared, seeds=seeds, horizons=horizons, n_training=N_EXAMPLES)


def classes(seeds: int = 4) -> ClassSensitivity:
    return dataclasses.replace(ClassSensitivity.for_scale("tiny", FACTS), seeds=seeds, n_training=N_EXAMPLES)


def made(experiment: SensitivityExperiment, world: World) -> xr.Dataset:
    """Return results of all members of `experiment` in `world`."""
    sweep = experiment.sweep()
    numbers = (_of_examples if isinstance(experiment, SensitivityInequality) else _of_classes)(experiment, world)
    results = xr.Dataset(coords=sweep.coordinates())
    for name, variable in sweep.measures[0].variables(N_EXAMPLES, N_CLASSES).items():
        axes = dict(variable.axes)
        results = results.assign_coords({axis: list(at) for axis, at in axes.items()})
        if name.endswith("lost_at"):
            values = np.full([len(sweep.members), *map(len, axes.values())], NEVER)
        else:
            values = np.array([numbers(member, name) for member in sweep.members])
        results[name] = (("member", *axes), values, {"long_name": variable.long_name})
    return results.assign_attrs(byheart="0.0", jax="0.0", devices="1 x made up", n_classes=N_CLASSES, seconds=1.0)


def _of_examples(experiment: Any, world: Inequality) -> Callable[[UnrolledMember, str], Float[np.ndarray, "..."]]:
    ranks = np.random.default_rng(0).permutation(np.arange(1.0, N_EXAMPLES + 1))
    return lambda member, name: np.array(
        [[ranks ** world(member, horizon, norm) for norm in NORMS] for horizon in experiment.horizons]
    )


def _of_classes(experiment: Any, world: Matrix) -> Callable[[UnrolledMember, str], Float[np.ndarray, "..."]]:
    del experiment
    is_diagonal = np.eye(N_CLASSES, dtype=bool)
    return lambda member, name: np.where(is_diagonal, *world(member, name))


def jitter(member: UnrolledMember) -> float:
    """Return a small number that differs between seeds."""
    return 0.05 * float(np.sin(1 + 3 * member.seed))


def few_matter(member: UnrolledMember, horizon: int, norm: float) -> float:
    """Return the power as in Figure 3 of the paper."""
    del horizon, norm
    return 3 - 2 * member.level("rand_x") - member.level("rand_y") + jitter(member)


def noise_is_unequal(member: UnrolledMember, horizon: int, norm: float) -> float:
    """Return the opposite: the more noise, the fewer examples matter."""
    del horizon, norm
    return 1 + 2 * member.level("rand_x") + member.level("rand_y") + jitter(member)


def shared(member: UnrolledMember, name: str) -> tuple[float, float]:
    """Return values as in Figure 4: a bright diagonal, more off it for real data; the direct path adds to it."""
    more = 5.0 if "direct" in name else 0.0
    return 5 + more + jitter(member), 0.2 if member.level("rand_x") else 1.0


def apart(member: UnrolledMember, name: str) -> tuple[float, float]:
    """Return the opposite: a dark diagonal, and more off it for random inputs."""
    del name
    return 0.2 + 0.1 * jitter(member), 5.0 if member.level("rand_x") else 1.0


def lost(results: xr.Dataset, index: int, update: int, horizon: int | None = None) -> xr.Dataset:
    """Return `results` in which the member at `index` lost an adjoint: at one T or, for classes, entirely."""
    changed = results.copy(deep=True)
    place = {"member": index} if horizon is None else {"member": index, "horizon": list(HORIZONS).index(horizon)}
    for name, variable in changed.data_vars.items():
        variable[place] = update if str(name).endswith("lost_at") else np.nan
    return changed
