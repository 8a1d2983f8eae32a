"""The number of epochs that networks take to fit their training data."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from byheart import checks
from byheart.data.member_view import noise_titles
from byheart.data.split import Split
from byheart.measures.fitted import Fitted
from byheart.populations.sweep import PopulationSweep
from byheart.populations.train import measure_sweep
from byheart.statistics.censored_times import watched_epochs
from byheart.statistics.chance import MANY, chance_in_words, guessing_accuracy, guessing_loss, is_near_chance_loss
from byheart.sweeps.layout import Layout
from byheart.training.member import Member
from byheart.training.recipe import Recipe


def epochs_to_fit(
    recipe: Recipe,
    members: Sequence[Member],
    split: Split,
    *,
    noise_seed: int = 0,
    check_every: int | None = None,
    layout: Layout = Layout(),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    show_progress: bool = True,
) -> xr.Dataset:
    """Return the epochs after which each network first predicts the labels of all its training examples.

    Labels and inputs are those after noise. The whole training set is classified after each epoch. A network that has
    fitted it is not trained any further and, on a CPU, costs nothing from then on.

    Args:
        recipe: the recipe of each network; its `epochs` are the budget.
        members: members with their seeds, noise levels and learning rates.
        split: data; the training part is fitted.
        noise_seed: seed of the noise; the same for all members.
        check_every: number of updates between classifications of the training set within an epoch, for a finer clock;
            times are then fractions of epochs. None classifies after whole epochs.
        layout: distribution of networks over devices.
        on_progress: called after each chunk with the number of finished networks and the total.
        show_progress: show a bar in a terminal or a notebook.

    Returns:
        Variables over `member`, with its settings as coordinates: `epochs_to_fit`, the budget if the network did not
        fit; `is_censored`, whether it did not fit; `diverged_epoch`. `median_time` computes medians of the first two.

    Raises:
        BadInput: the data do not fit the recipe, or there is no member.

    Warns:
        Caution: without noise, networks end hardly better than guessing, by their loss (docs/verdicts.md).

    Section 3.3.2 of the paper. Cost: training, plus a third of it for classification.
    """
    sweep = PopulationSweep(
        recipe,
        checks.several("members", members, Member, "Member(...), such as `grid` makes"),
        noise_seed=noise_seed,
        stop_when=Fitted(),
        check_every=check_every,
    )
    found = measure_sweep(sweep, split, layout, on_progress, show_progress)
    _warn_of_chance(found, split)
    times, is_censored = watched_epochs(found.ended_epoch.values, recipe.epochs)
    numbers = {
        "epochs_to_fit": ("member", times),
        "is_censored": ("member", is_censored),
        "diverged_epoch": found.diverged_epoch,
    }
    return xr.Dataset(numbers, {name: found.coords[name] for name in sweep.coordinates()})


def _warn_of_chance(found: xr.Dataset, split: Split) -> None:
    counts = split.training.class_counts
    is_real = np.all([found[name].values == 0 for name in noise_titles(found.attrs)], axis=0)
    loss = found.batch_loss.isel(epoch=-1).values[is_real]
    is_near = is_near_chance_loss(loss, guessing_loss(counts))
    if is_near.size and is_near.mean() >= MANY:
        words = f"{is_near.sum()} of {is_near.size} networks (training loss {np.nanmean(loss):.2f} nats)"
        warnings.warn(chance_in_words(guessing_accuracy(counts), [words]), checks.Caution, stacklevel=3)
