"""Results computed by a formula, without training, for which the verdicts of all claims are known."""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from byheart.experiments.data_summary import DataSummary
from byheart.experiments.search_experiment import SearchExperiment
from byheart.paper.critical_samples.experiment import CriticalSampleRatios
from byheart.paper.patterns_first.experiment import PatternsFirst
from byheart.populations.trace import NEVER, settings_of
from byheart.training.member import Member

FACTS = DataSummary("digits", (8, 8, 1), 1437, 360)
EPOCHS = (0, 1, 2, 3, 5, 10, 20, 30)
CHANCE = 0.1
Numbers = Mapping[str, float]
World = Callable[[Member, int], Numbers]
"""Returns the numbers of one member after the given number of epochs."""


def patterns_first(seeds: int = 4) -> PatternsFirst:
    return dataclasses.replace(
        PatternsFirst.for_scale("tiny", FACTS),
        seeds=seeds,
        epochs=EPOCHS[-1],
        measured_epochs=EPOCHS,
        noise_levels=(0.0, 0.2, 0.4, 0.8, 1.0),
    )


def critical_samples(seeds: int = 4) -> CriticalSampleRatios:
    return dataclasses.replace(
        CriticalSampleRatios.for_scale("tiny", FACTS), seeds=seeds, epochs=EPOCHS[-1], measured_epochs=EPOCHS
    )


def made(experiment: SearchExperiment, world: World) -> xr.Dataset:
    """Return results of all members of `experiment` in `world`."""
    sweep = experiment.sweep()
    results = xr.Dataset(coords=settings_of(sweep.recipe, sweep.members, sweep.kinds)).assign_coords(
        epoch=np.array(EPOCHS)
    )
    numbers = [[world(member, epoch) for epoch in EPOCHS] for member in sweep.members]
    for name in numbers[0][0]:
        values = [[at_epoch[name] for at_epoch in of_member] for of_member in numbers]
        results[name] = (("member", "epoch"), np.array(values, np.float32))
    if isinstance(experiment, PatternsFirst):
        radii = np.array(experiment.radii) / 255
        results = results.assign_coords(radius=radii)
        results["csr_by_radius"] = results.csr_validation.isel(epoch=-1, drop=True) * xr.DataArray(
            np.linspace(0.2, 1, len(radii)), dims="radius"
        )
    results["diverged_epoch"] = ("member", np.full(len(sweep.members), NEVER))
    return results.assign_attrs(byheart="0.0", jax="0.0", devices="1 x made up", n_classes=10, seconds=1.0)


def jitter(member: Member) -> float:
    """Return a small number that differs between seeds."""
    return 0.01 * float(np.sin(1 + 3 * member.seed))


def share(epoch: int, start: int = 0, end: int = EPOCHS[-1]) -> float:
    """Return the position of `epoch` between two others, from 0 to 1."""
    return float(np.clip((epoch - start) / (end - start), 0, 1))


def patterns_then_noise(member: Member, epoch: int) -> Numbers:
    """Return numbers as in Figures 7 and 8: validation accuracy peaks in epoch 3, then noise is fitted."""
    level, late = (member.level("rand_x") + member.level("rand_y")) * (1 + jitter(member)), share(epoch, 3)
    validation = 0.9 * share(epoch, 0, 3) - 0.3 * level - 0.4 * level * late + jitter(member)
    noisy = CHANCE + 0.85 * late + jitter(member) * share(epoch, 0, 3)
    return {
        "training_accuracy": (1 - level) * share(epoch, 0, 3) + level * noisy,
        "training_accuracy_noisy": noisy if level else np.nan,
        "validation_accuracy": validation,
        "csr_validation": 0.1 + 0.6 * level * late + jitter(member) * epoch / 30,
    }


def noise_first(member: Member, epoch: int) -> Numbers:
    """Return the opposite: noise is fitted at once and improves validation, and critical samples get fewer."""
    level = (member.level("rand_x") + member.level("rand_y")) * (1 + jitter(member))
    return {
        "training_accuracy": 1.0,
        "training_accuracy_noisy": 0.95 * share(epoch, 0, 1) + jitter(member) * (1 - share(epoch)),
        "validation_accuracy": 0.2 + 0.5 * level + 0.1 * share(epoch) * (1 + jitter(member)) + jitter(member),
        "csr_validation": 0.9 - 0.6 * level * share(epoch) + jitter(member) * share(epoch),
    }


def kind_of(member: Member) -> str:
    return member.noise[0].id if member.noise else "real"


def memorizing(member: Member, epoch: int) -> Numbers:
    """Return numbers as in Figure 9 of the paper."""
    final = {"real": 0.1, "rand_x": 0.7, "rand_y": 0.6}[kind_of(member)] * (1 + jitter(member))
    rise = 0.2 + 0.8 * share(epoch, 1, 10) + jitter(member) * share(epoch, 20)
    return {
        "training_accuracy": share(epoch),
        "csr_validation": (final - 0.1 * (kind_of(member) == "rand_x")) * rise + jitter(member) * share(epoch, 1),
        "csr_validation_alike": final * rise + jitter(member) * share(epoch, 1, 10),
        "csr_training": final * (rise - 0.5 * share(epoch, 10)) + jitter(member) * share(epoch, 1),
    }


def not_memorizing(member: Member, epoch: int) -> Numbers:
    """Return the opposite: most critical samples in real data, and ratios that fall to the end."""
    first = {"real": 0.9, "rand_x": 0.5, "rand_y": 0.4}[kind_of(member)]
    falling = first * (1 - 0.5 * share(epoch)) + jitter(member) * share(epoch)
    return {
        "training_accuracy": share(epoch),
        "csr_validation": falling,
        "csr_validation_alike": falling,
        "csr_training": falling if kind_of(member) == "real" else 1 - falling,
    }


def diverged(results: xr.Dataset, index: int, epoch: int) -> xr.Dataset:
    """Return `results` in which the member at `index` has no numbers from `epoch` on."""
    changed = results.copy(deep=True)
    changed.diverged_epoch.values[index] = epoch
    for variable in changed.data_vars.values():
        if "epoch" in variable.dims:
            variable.values[index, np.array(EPOCHS) >= epoch] = np.nan
        elif variable.dtype.kind == "f":
            variable.values[index] = np.nan
    return changed


def bracketed(results: xr.Dataset, gap: float) -> xr.Dataset:
    """Return results in which a gap lies between each share found and the share not certified."""
    upper = {
        str(name).replace("csr", "not_certified"): (one + gap).clip(max=1)
        for name, one in results.items()
        if str(name).startswith("csr")
    }
    return results.assign(upper)
