"""The misclassification rate of each example, over many networks that differ in their seed alone."""

import numbers
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from byheart import checks
from byheart.checks import Caution
from byheart.data.member_view import labels_after_noise
from byheart.data.noise import Noise, noises_in_order
from byheart.data.split import Split
from byheart.measures.misclassified import Misclassified
from byheart.populations.sweep import PopulationSweep
from byheart.populations.train import results_by_chunk
from byheart.statistics.difficulty_cautions import difficulty_cautions
from byheart.statistics.rate_interval import rate_interval
from byheart.statistics.split_half import rank_correlation
from byheart.sweeps.layout import Layout
from byheart.sweeps.results import NEVER
from byheart.training.member import Member, noise_at
from byheart.training.recipe import Recipe


def misclassification_rate(
    recipe: Recipe,
    split: Split,
    seeds: Sequence[int] = range(100),
    *,
    rand_x: float = 0.0,
    rand_y: float = 0.0,
    noise: Noise | tuple[Noise, ...] = (),
    noise_seed: int = 0,
    layout: Layout = Layout(),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    show_progress: bool = True,
) -> xr.Dataset:
    """Return the share of networks that misclassify each training example.

    Networks differ in initialization and shuffling; their data and noise are the same. Networks are trained in chunks,
    of which only counts are kept, so memory does not grow with the number of seeds.

    Args:
        recipe: the recipe of each network. The paper trains for one epoch: `Recipe(architecture, epochs=1)`; use
            `steps` for fewer updates.
        split: data; the training part is trained on and classified.
        seeds: distinct seeds, one network each.
        rand_x: share of the training inputs replaced by Gaussian noise.
        rand_y: share of the training labels replaced by random ones.
        noise: a noise of any kind, or several.
        noise_seed: seed of the noise.
        layout: distribution of networks over devices.
        on_progress: called after each chunk with the number of finished networks and the total.
        show_progress: show a bar in a terminal or a notebook.

    Returns:
        Variables over `example`: `misclassification_rate`, `low` and `high` (its exact 95 % interval), `index` (the
        example's position in the data as loaded), `id` (its name, if it has one), `label` (after noise) and
        `is_noisy`. Attributes: `n_seeds`, the number of networks that did not diverge; `split_half_correlation`, the
        rank correlation between the rates of the networks at even and at odd positions, which shows how reliable the
        ranking is. It is NaN if it is undefined.

    Warns:
        Caution: networks diverged and are dropped; or, without noise, networks are hardly better than guessing or the
            ranking is unreliable (docs/verdicts.md).

    Raises:
        BadInput: the data do not fit the recipe, `seeds` are empty or repeated, or every network diverged.

    Section 3.1 of the paper. Cost: the networks' training.
    """
    noises = (*noise_at(rand_x, rand_y), *noises_in_order("noise", noise))
    members = tuple(
        Member(checks.count("seeds", seed, at_least=0), noises)
        for seed in checks.several("seeds", seeds, numbers.Integral, "whole numbers")
    )
    if not members or len(set(members)) < len(members):
        raise checks.BadInput(
            f"`seeds` must be non-empty and distinct; got {len(members)} seeds, {len(set(members))} of them distinct."
        )
    sweep = PopulationSweep(recipe, members, final_measures=(Misclassified(),), noise_seed=noise_seed)
    halves, accuracy = np.zeros((2, len(split.training)), np.int64), np.zeros(0)
    for found in results_by_chunk(sweep, split, layout, on_progress, show_progress):
        known = found.is_misclassified.values[found.diverged_epoch.values == NEVER]
        for place, of_one in enumerate(known, start=len(accuracy)):
            halves[place % 2] += of_one
        accuracy = np.append(accuracy, 1 - known.mean(axis=1))
    counts, n_known = halves.sum(axis=0), len(accuracy)
    if n_known == 0:
        raise checks.BadInput(f"All {len(members)} networks diverged; choose a smaller learning rate.")
    labels, is_noisy = labels_after_noise(found.coords, {one.id: one.level for one in noises})
    low, high = rate_interval(counts, n_known)
    columns = {
        "misclassification_rate": counts / n_known,
        "low": low,
        "high": high,
        "label": labels,
        "is_noisy": is_noisy,
    }
    measured = {name: ("example", values) for name, values in columns.items()}
    agreement = rank_correlation(*halves)
    if n_known < len(members):
        warnings.warn(
            f"{len(members) - n_known} of {len(members)} networks diverged and are left out.", Caution, stacklevel=2
        )
    if not is_noisy.any():
        for sentence in difficulty_cautions(accuracy, counts, agreement, split.training.class_counts):
            warnings.warn(sentence, Caution, stacklevel=2)
    attributes = {"n_seeds": n_known, "split_half_correlation": agreement}
    names = {name: ("example", found[name].values) for name in ("index", "id") if name in found.coords}
    return xr.Dataset(measured, names, attributes)
