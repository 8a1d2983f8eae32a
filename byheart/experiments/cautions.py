"""Cautions about the results of an experiment, by the rules of docs/verdicts.md."""

import json
from collections.abc import Iterator

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from byheart.critical.radius import Length
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
"""A caution is given where validation accuracy drops by more than this from its peak to the end."""
HARDLY = 0.05
"""A caution is given where fewer samples than this share are certified in every network."""
STEEP = 0.1
"""A caution is given where validation accuracy gains more than this over the second half of the epochs."""


def diverged(results: xr.Dataset) -> str:
    """Return a sentence that names the networks that diverged; empty if none did."""
    titles = _varied_settings(results)
    lost = results.isel(member=np.flatnonzero(results.diverged_epoch.values != NEVER))
    named = []
    for index in range(lost.sizes["member"]):
        one = lost.isel(member=index)
        settings = ", ".join(f"{title} {float(one[name]):g}" for name, title in titles.items())
        named.append(f"{settings}: epoch {int(one.diverged_epoch)}")
    verb = "network diverged, and has" if len(named) == 1 else "networks diverged, and have"
    return f"{len(named)} {verb} no numbers from that epoch on ({'; '.join(named)})." if named else ""


def at_chance(results: xr.Dataset, n_training: int) -> str:
    """Return a sentence about networks of real data that end hardly better than guessing; empty if few do.

    They are judged by training accuracy, or by training loss if results have no accuracy.
    """
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
    """Return sentences about validation accuracy on real data that ends far below its peak or still rises steeply."""
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
    sentences = []
    if fallen:
        sentences.append(
            f"On real data, validation accuracy ends far below its peak: {'; '.join(fallen)}. "
            "Results at the end are those of networks past their best."
        )
    if rising:
        sentences.append(
            f"On real data, validation accuracy still rises steeply at the end: {'; '.join(rising)}. "
            "Results at the end are those of networks that have not finished learning."
        )
    return sentences


def hardly_certified(results: xr.Dataset, radius: Length) -> list[str]:
    """Return a sentence if in every network hardly any sample is certified at the end, and one about such radii."""
    bounds = [one for name, one in results.items() if str(name).startswith("not_certified_") and "epoch" in one.dims]
    sentences = []
    if bounds and all(_is_empty(one.isel(epoch=-1).values) for one in bounds):
        sentences.append(
            f"At a radius of {radius.in_words}, fewer than {100 * HARDLY:g} % of the samples can be certified, in "
            "every network. The upper bounds say nothing; choose a smaller `radius`."
        )
    if "not_certified_by_radius" in results:
        by_radius = results.not_certified_by_radius
        empty = [float(at) for at in by_radius.radius.values if _is_empty(by_radius.sel(radius=at).values)]
        if empty:
            named = ", ".join(f"{at * radius.per_search_unit:.3g}" for at in empty)
            sentences.append(
                f"After training, at radii of {named} {radius.name}, fewer than {100 * HARDLY:g} % of the samples can "
                "be certified, in every network. The upper bounds there say nothing."
            )
    return sentences


def _is_empty(not_certified: Float[np.ndarray, "*shape"]) -> bool:
    known = not_certified[~np.isnan(not_certified)]
    return bool(known.size) and bool((known > 1 - HARDLY).all())


def class_counts(results: xr.Dataset) -> list[int]:
    """Return the number of training examples of each class; equal numbers if old results do not state them."""
    return json.loads(results.attrs.get("class_counts", "null")) or [1] * int(results.attrs["n_classes"])


def is_real(results: xr.Dataset) -> Bool[np.ndarray, " member"]:
    """Return which networks are trained on data without noise."""
    return np.all([results[name].values == 0 for name in noise_titles(results.attrs)], axis=0)


def _settings_of_real_data(results: xr.Dataset) -> Iterator[tuple[str, xr.Dataset]]:
    """Yield each setting of real data: its label ("" if it is the only one) and its networks that did not diverge."""
    real = results.isel(member=np.flatnonzero(is_real(results) & (results.diverged_epoch.values == NEVER)))
    varied = {name: title for name, title in _varied_settings(real).items() if name != "seed"}
    rows = list(zip(*(real[name].values.tolist() for name in varied), strict=True)) or [()] * real.sizes["member"]
    for row in sorted(set(rows)):
        words = ", ".join(f"{title} {value:g}" for title, value in zip(varied.values(), row, strict=True))
        networks = real.isel(member=[place for place, one in enumerate(rows) if one == row])
        yield (f"{words}: " if words else ""), networks


def _varied_settings(results: xr.Dataset) -> dict[str, str]:
    """Return the settings in which networks differ, each with its title."""
    settings = [str(name) for name in results.coords if results[name].dims == ("member",)]
    return {name: TITLES.get(name, name.replace("_", " ")) for name in settings if len(np.unique(results[name])) > 1}


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
