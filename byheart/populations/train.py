"""Training in this process, chunk by chunk, without storing results."""

import numbers
from collections.abc import Callable, Iterator, Sequence

import jax
import numpy as np
import xarray as xr

from byheart import checks
from byheart.data.split import Split
from byheart.populations.grid import GridSweep
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.populations.trained_population import TrainedPopulation
from byheart.progress_bar import bar_of
from byheart.sweeps.layout import Layout
from byheart.sweeps.results import joined
from byheart.training.member import Member
from byheart.training.probes import AnyProbe
from byheart.training.recipe import Recipe


def results_by_chunk(
    sweep: PopulationSweep | GridSweep,
    split: Split,
    layout: Layout,
    on_progress: Callable[[int, int], None],
    show_progress: bool = True,
) -> Iterator[xr.Dataset]:
    """Train a sweep chunk by chunk and yield the trace of each chunk.

    Args:
        sweep: the sweep to train and measure.
        split: clean data.
        layout: distribution of members over devices.
        on_progress: called after each chunk with the number of finished members and the total.
        show_progress: show a bar in a terminal or a notebook.

    Raises:
        BadInput: the data do not fit the recipe, or there is no member.
    """
    checks.instance("sweep", sweep, (PopulationSweep, GridSweep), "a PopulationSweep or GridSweep")
    checks.instance("split", split, Split, "a Split, as `byheart.load` gives one")
    population, done, n = sweep.program(split, len(sweep.members), layout), 0, len(sweep.members)
    with bar_of("training", n * sweep.length, " epochs", show_progress) as add:
        for chunk in sweep.chunks(sweep.chunk_sizes(split, layout)):
            yield population.results(chunk, _counting(add, len(chunk.members)))
            done += len(chunk.members)
            on_progress(done, n)


def measure_sweep(
    sweep: PopulationSweep | GridSweep,
    split: Split,
    layout: Layout = Layout(),
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    show_progress: bool = True,
) -> xr.Dataset:
    """Train and measure a sweep; return its numbers over (member, ...), with the members' settings as coordinates.

    Args:
        sweep: the sweep to train and measure.
        split: clean data.
        layout: distribution of members over devices.
        on_progress: called after each chunk with the number of finished members and the total.
        show_progress: show a bar in a terminal or a notebook.

    Raises:
        BadInput: the data do not fit a recipe, or there is no member.
    """
    return joined(list(results_by_chunk(sweep, split, layout, on_progress, show_progress)))


def train(
    recipe: Recipe,
    members: Sequence[Member],
    split: Split,
    *,
    measures: Sequence[AnyProbe] = (),
    measured_epochs: Sequence[int] | None = None,
    final_measures: Sequence[AnyProbe] = (),
    noise_seed: int = 0,
    layout: Layout = Layout(),
    show_progress: bool = True,
) -> TrainedPopulation:
    """Train a population; return its trace and its networks.

    To store, resume and plot a sweep, use an experiment instead. A population that is too large for the devices' memory
    is trained in chunks (`chunk_size`). The trained networks are copied to the host.

    Args:
        recipe: the recipe of all members.
        members: the members, which differ in their settings.
        split: clean data; the noise of each member is added to it.
        measures: probes called at the measured epochs.
        measured_epochs: strictly increasing epochs; 0 is the untrained network. None measures after the last epoch.
        final_measures: probes called once, after the last epoch.
        noise_seed: seed of the noise; the same for all members.
        layout: distribution of members over devices.
        show_progress: show a bar in a terminal or a notebook.

    Raises:
        BadInput: the data do not fit the recipe, an epoch is out of range, or there is no member.
    """
    checks.instance("split", split, Split, "a Split, as `byheart.load` gives one")
    epochs = (
        None
        if measured_epochs is None
        else checks.several("measured_epochs", measured_epochs, numbers.Integral, "epochs")
    )
    members = checks.several("members", members, Member, "Member(...), such as `grid` makes")
    sweep = PopulationSweep(recipe, members, tuple(measures), epochs, tuple(final_measures), noise_seed)
    population = Population(sweep, split, layout)
    sizes = sweep.chunk_sizes(split, layout)
    with bar_of("training", len(members) * recipe.epochs, " epochs", show_progress) as add:
        parts = [
            population.train(
                chunk.members, padded_to=min(*sizes, len(members)), on_epoch=_counting(add, len(chunk.members))
            )
            for chunk in sweep.chunks(sizes)
        ]
    networks = [jax.device_get(part.networks) for part in parts]
    return TrainedPopulation(
        joined([part.trace for part in parts]),
        jax.tree.map(lambda *leaves: np.concatenate(leaves), *networks),
        sweep.members,
    )


def _counting(add: Callable[[int], None], n_members: int) -> Callable[[int], None]:
    """Return a function to call after each epoch of `n_members` members, and with 0 before the first."""
    return lambda epoch: add(n_members if epoch > 0 else 0)
