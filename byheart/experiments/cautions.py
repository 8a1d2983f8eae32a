"""Sentences that a reader must know before trusting an experiment's numbers, by the rules of docs/verdicts.md."""

import json
from collections.abc import Iterator

import numpy as np
import xarray as xr
from jaxtyping import Bool

from byheart.data.member_view import noise_titles
from byheart.experiments.data_kinds import TITLES
from byheart.statistics.chance import (
    MANY,
    chance_in_words,
    guessing_accuracy,
    guessing_loss,
    is_near_chance,
    is_near_chance_loss,
)
from byheart.sweeps.results import NEVER

FALLEN = 0.05
"""Validation accuracy that is so far below its peak at the end is far from it."""
STEEP = 0.1
"""Validation accuracy rises steeply to the end where it gained so much since half of the epochs."""


def diverged(results: xr.Dataset) -> str:
    """Which networks diverged, as a sentence; empty if none did."""
    told = _told(results)
    lost = results.isel(member=np.flatnonzero(results.diverged_epoch.values != NEVER))
    named = [
        f"{', '.join(f'{title} {float(one[name]):g}' for name, title in told.items())}: epoch {int(one.diverged_epoch)}"
        for one in (lost.isel(member=index) for index in range(lost.sizes["member"]))
    ]
    verb = "network diverged, and has" if len(named) == 1 else "networks diverged, and have"
    return f"{len(named)} {verb} no numbers from that epoch on ({'; '.join(named)})." if named else ""


def at_chance(results: xr.Dataset, n_training: int) -> str:
    """Which networks of real data end hardly better than guessing, by accuracy or else by loss; empty if hardly any."""
    counts = class_counts(results)
    guessing, found = guessing_accuracy(counts), []
    for setting, networks in _settings_of_real_data(results):
        if "training_accuracy" in networks:
            accuracy = networks.training_accuracy.isel(epoch=-1).values
            n = int(networks.n_training[0]) if "n_training" in networks.coords else n_training
            is_near, seen = is_near_chance(accuracy, n, guessing), f"training accuracy {_mean(accuracy):.2f}"
        else:
            loss = networks.batch_loss.isel(epoch=-1).values
            is_near, seen = is_near_chance_loss(loss, guessing_loss(counts)), f"training loss {_mean(loss):.2f} nats"
        if is_near.mean() >= MANY:
            found.append(f"{setting}{is_near.sum()} of {is_near.size} networks ({seen})")
    return chance_in_words(guessing, found)


def far_from_best(results: xr.Dataset) -> list[str]:
    """Where validation accuracy on real data ends far below its peak, or rises steeply to the end: a sentence each."""
    if results.sizes.get("epoch", 0) < 3 or "validation_accuracy" not in results:
        return []
    fallen, rising = [], []
    for setting, networks in _settings_of_real_data(results):
        curve = networks.validation_accuracy.mean("member")
        if not bool(curve.notnull().all()):
            continue
        end, last = float(curve[-1]), int(curve.epoch[-1])
        peak = int(curve.idxmax())
        halfway = (
            curve.sel(epoch=curve.epoch[curve.epoch <= last / 2][-1]) if int(curve.epoch[0]) <= last / 2 else curve[-1]
        )
        if float(curve.max()) - end > FALLEN:
            fallen.append(f"{setting}{end:.2f}, after {float(curve.max()):.2f} in epoch {peak}")
        elif end - float(halfway) > STEEP:
            rising.append(f"{setting}{end:.2f}, after {float(halfway):.2f} in epoch {int(halfway.epoch)}")
    said = []
    if fallen:
        said.append(
            f"On real data the last epoch is far below the best one in validation accuracy: {'; '.join(fallen)}. "
            "What is shown at the end is of networks past their best."
        )
    if rising:
        said.append(
            f"On real data validation accuracy still rises steeply at the end: {'; '.join(rising)}. "
            "What is shown at the end is of networks that have not finished learning."
        )
    return said


def class_counts(results: xr.Dataset) -> list[int]:
    """Training examples of each class; as many of each where results were stored before they said."""
    return json.loads(results.attrs.get("class_counts", "null")) or [1] * int(results.attrs["n_classes"])


def is_real(results: xr.Dataset) -> Bool[np.ndarray, " member"]:
    """Which networks have no noise in their data."""
    return np.all([results[name].values == 0 for name in noise_titles(results.attrs)], axis=0)


def _settings_of_real_data(results: xr.Dataset) -> Iterator[tuple[str, xr.Dataset]]:
    """Words for each setting of real data, "" where there is only one, and its networks that have not diverged."""
    real = results.isel(member=np.flatnonzero(is_real(results) & (results.diverged_epoch.values == NEVER)))
    told = {name: title for name, title in _told(real).items() if name != "seed"}
    rows = list(zip(*(real[name].values.tolist() for name in told), strict=True)) or [()] * real.sizes["member"]
    for row in sorted(set(rows)):
        words = ", ".join(f"{title} {value:g}" for title, value in zip(told.values(), row, strict=True))
        networks = real.isel(member=[place for place, one in enumerate(rows) if one == row])
        yield (f"{words}: " if words else ""), networks


def _told(results: xr.Dataset) -> dict[str, str]:
    """The settings in which networks differ, and what readers call them."""
    settings = [str(name) for name in results.coords if results[name].dims == ("member",)]
    return {name: TITLES.get(name, name.replace("_", " ")) for name in settings if len(np.unique(results[name])) > 1}


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
