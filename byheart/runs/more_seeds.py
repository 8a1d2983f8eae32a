"""More seeds of some cells of an experiment, which a run adds where its claims are undecided."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import xarray as xr

from byheart.data.split import Split
from byheart.execution.chunks import Job, stored_results, with_seconds
from byheart.experiments.experiment import Experiment
from byheart.results.store import Store
from byheart.sweeps.cells import Cells, restricted
from byheart.sweeps.protocol import Sweep
from byheart.sweeps.results import with_gaps


@dataclasses.dataclass(frozen=True)
class MoreSeeds:
    """Seeds that are added to some cells.

    Attributes:
        first: the first of the seeds.
        seeds: number of seeds.
        cells: numbers of the cells, as `Cells` counts them.
        chunk_sizes: members in a chunk, for each recipe of the restricted sweep.
    """

    first: int
    seeds: int
    cells: tuple[int, ...]
    chunk_sizes: tuple[int, ...] = ()

    def sweep(self, experiment: Experiment) -> Sweep:
        """Return the sweep of these members."""
        return restricted(_of_seeds(experiment, self.first, self.seeds), cells_of(experiment), self.cells)

    def with_chunk_sizes(self, experiment: Experiment, split: Split) -> "MoreSeeds":
        """Return the same seeds in chunks of the default sizes."""
        return dataclasses.replace(self, chunk_sizes=self.sweep(experiment).chunk_sizes(split))

    def job(self, experiment: Experiment, split: Split) -> Job:
        """Return the job that computes these members."""
        return Job(experiment.name, self.sweep(experiment), split, self.chunk_sizes)

    def as_json(self) -> dict[str, Any]:
        """Return the entry in experiment.json."""
        return dataclasses.asdict(self)


def cells_of(experiment: Experiment) -> Cells:
    """Return the cells of an experiment; they do not depend on its seeds."""
    return Cells.of(_of_seeds(experiment, experiment.seed_base, 1))


def seeds_of_cells(experiment: Experiment, added: Sequence[MoreSeeds]) -> list[int]:
    """Return the number of seeds of each cell."""
    found = [experiment.seeds] * len(cells_of(experiment).settings)
    for more in added:
        for cell in more.cells:
            found[cell] += more.seeds
    return found


def stored_more_seeds(
    experiment: Experiment, added: Sequence[MoreSeeds], fingerprint: str, store: Store
) -> list[tuple[MoreSeeds, xr.Dataset]]:
    """Return the added seeds whose results are stored completely."""
    found = []
    for more in added:
        results, missing = stored_results(experiment.name, more.sweep(experiment), fingerprint, store, more.chunk_sizes)
        if results is not None and missing == 0:
            found.append((more, results))
    return found


def with_more_seeds(
    results: xr.Dataset, experiment: Experiment, added: Sequence[tuple[MoreSeeds, xr.Dataset]]
) -> tuple[xr.Dataset, int]:
    """Return results with those of added seeds, and the number of members that some of these seeds lack.

    Cells without these seeds have members without numbers.

    Args:
        results: of the seeds of the experiment, maybe with pictures, which are kept.
        experiment: with these seeds.
        added: the added seeds, with their results.
    """
    if not added:
        return results, 0
    aligned = [_with_all_columns(one, experiment, more) for more, one in added]
    last = max(more.first + more.seeds for more, _ in added)
    whole = _of_seeds(experiment, experiment.seed_base, last - experiment.seed_base)
    pictures = [name for name, values in results.data_vars.items() if "member" not in values.dims]
    joined, n_gaps = with_gaps(with_seconds([results.drop_vars(pictures), *aligned]), whole)
    return joined.merge(results[pictures]), n_gaps


def _of_seeds(experiment: Experiment, first: int, seeds: int) -> Sweep:
    return dataclasses.replace(experiment, seed_base=first, seeds=seeds).sweep()


def _with_all_columns(results: xr.Dataset, experiment: Experiment, more: MoreSeeds) -> xr.Dataset:
    """Return the results of added seeds with the columns that only other cells need."""
    whole, wanted = _of_seeds(experiment, more.first, more.seeds).coordinates(), set(more.cells)
    chosen = [place for place, cell in enumerate(cells_of(experiment).numbers_of(whole)) if cell in wanted]
    lacking = {name: (axis, values[chosen]) for name, (axis, values) in whole.items() if name not in results.coords}
    return results.assign_coords(lacking)
