"""Grids over several recipes: one compiled population for each recipe, one sweep to everything above."""

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import xarray as xr

from byheart import checks
from byheart.data.inclusion import AllExamples, Inclusion, check_all_or_parts
from byheart.data.noise import Noise, kinds_of
from byheart.data.split import Split
from byheart.data.subsets import Subset
from byheart.populations.population import Population
from byheart.populations.sweep import PopulationSweep
from byheart.sweeps.jax_description import described_program
from byheart.sweeps.layout import Layout, layout_for
from byheart.sweeps.plan import PlannedPopulation
from byheart.sweeps.protocol import Checkpoint, Coordinate, NoCheckpoint, ProgramDescription
from byheart.training.member import Member, grid
from byheart.training.recipe import Recipe

SHARED_FIELDS = ("measures", "measured_epochs", "final_measures", "noise_seed", "stop_when", "check_every")
"""Fields that must be equal in all parts, like the number of epochs, since results form one table."""


@dataclasses.dataclass(frozen=True)
class GridPoint:
    """One network of a grid: its member, and the recipe and subset that it shares with its population."""

    recipe: Recipe
    member: Member = Member()
    subset: Subset | None = None


def grid_points(
    recipe: Recipe,
    *,
    width: Iterable[int | None] = (None,),
    depth: Iterable[int | None] = (None,),
    subset: Iterable[Subset | None] = (None,),
    rand_x: Iterable[float] = (0.0,),
    rand_y: Iterable[float] = (0.0,),
    noise: Iterable[Noise | tuple[Noise, ...]] = ((),),
    learning_rate: Iterable[float | None] = (None,),
    strengths: Iterable[tuple[float, ...]] = ((),),
    inclusion: Iterable[Inclusion] = (AllExamples(),),
    seed: Iterable[int] = (0,),
) -> list[GridPoint]:
    """Return the grid points of all combinations of settings.

    A grid that is not a full product is a sum of such lists.

    Args:
        recipe: the recipe with all settings that the grid does not vary.
        width: units of each hidden layer, or channels of each convolution; None keeps those of the recipe.
        depth: number of hidden layers, or of convolutions; None keeps that of the recipe.
        subset: parts of the training data; None uses all of it.
        rand_x: levels of randX.
        rand_y: levels of randY.
        noise: noise of any kind: each item is a noise, or a tuple of noises of several kinds; `()` is no noise.
        learning_rate: learning rates; None uses the recipe's.
        strengths: tuples with one strength for each of the recipe's regularizers; `()` uses the recipe's own.
        inclusion: the examples of the training data, or of its subset, that members are trained on.
        seed: seeds of initialization and shuffling.

    Raises:
        BadInput: a setting is not a sequence, or holds a value that is out of range.

    >>> from byheart.networks.mlp import MLP
    >>> wanted = grid_points(Recipe(MLP((4, 4))), width=[16, 32], rand_x=[0.0, 0.4], seed=range(3))
    >>> len(wanted), wanted[-1].recipe.architecture
    (12, MLP(widths=(32, 32)))
    """
    checks.instance("recipe", recipe, Recipe, "a Recipe, such as Recipe(MLP((256, 256)))")
    layers_and_parts = (
        checks.several("width", width, (int, type(None)), "whole numbers or None"),
        checks.several("depth", depth, (int, type(None)), "whole numbers or None"),
        checks.several("subset", subset, (Subset, type(None)), "Subset(...) or None"),
    )
    members = grid(
        seed=seed,
        rand_x=rand_x,
        rand_y=rand_y,
        noise=noise,
        learning_rate=learning_rate,
        strengths=strengths,
        inclusion=inclusion,
    )
    return [
        GridPoint(dataclasses.replace(recipe, architecture=recipe.architecture.resized(units, layers)), member, part)
        for units, layers, part in itertools.product(*layers_and_parts)
        for member in members
    ]


@dataclasses.dataclass(frozen=True)
class GridSweep:
    """Sweeps of several recipes, trained, stored and shown as one.

    Attributes:
        parts: sweeps that differ in recipe or subset, in the order of results. Each is given the noise kinds of all
            parts, so that all results have the same columns.

    Raises:
        BadInput: there is no part, or the results of the parts cannot form one table.
    """

    parts: tuple[PopulationSweep, ...]

    unit: ClassVar[str] = PopulationSweep.unit

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", checks.several("parts", self.parts, PopulationSweep, "PopulationSweep(...)"))
        if not self.parts:
            raise checks.BadInput("A sweep needs at least one part; got none.")
        kinds = kinds_of([kind for part in self.parts for kind in part.kinds])
        object.__setattr__(self, "parts", tuple(dataclasses.replace(part, kinds=kinds) for part in self.parts))
        for name in SHARED_FIELDS:
            if len({repr(getattr(part, name)) for part in self.parts}) > 1:
                raise checks.BadInput(f"All parts of a sweep must have the same `{name}`.")
        if len({part.recipe.epochs for part in self.parts}) > 1:
            raise checks.BadInput("All parts of a sweep must have the same number of `epochs`.")
        check_all_or_parts(one.inclusion for part in self.parts for one in part.members)
        if len({part.subset is None for part in self.parts}) > 1:
            raise checks.BadInput("Either all parts of a sweep or none must have a `subset` of the data.")
        if len({population_of(part) for part in self.parts}) < len(self.parts):
            raise checks.BadInput("Parts of a sweep must differ in recipe or subset; join those that do not.")

    @classmethod
    def over(cls, wanted: Iterable[GridPoint], **what: Any) -> Self:
        """Return the sweep over grid points, without duplicates, grouped into populations in order of first appearance.

        Args:
            wanted: the grid points, such as `grid_points(...) + grid_points(...)`.
            what: fields of `PopulationSweep` that all parts share, such as `measures` and `stop_when`.
        """
        populations: dict[tuple[Recipe, Subset | None], dict[Member, None]] = {}
        for point in wanted:
            populations.setdefault((point.recipe, point.subset), {})[point.member] = None
        return cls(
            tuple(
                PopulationSweep(recipe, tuple(members), subset=subset, **what)
                for (recipe, subset), members in populations.items()
            )
        )

    @property
    def members(self) -> tuple[GridPoint, ...]:
        """The grid points in the order of results."""
        return tuple(GridPoint(part.recipe, member, part.subset) for part in self.parts for member in part.members)

    @property
    def length(self) -> int:
        """Number of epochs, the units of progress."""
        return self.parts[0].length

    def coordinates(self) -> dict[str, Coordinate]:
        """Return the settings of members and their recipes along the axis `member` of results."""
        found = [self.coordinates_of(part) for part in self.parts]
        return {name: ("member", np.concatenate([one[name][1] for one in found])) for name in found[0]}

    def coordinates_of(self, part: PopulationSweep) -> dict[str, Coordinate]:
        """Return the settings of a part or chunk; a regularizer that only other parts have gets strength 0."""
        absent = {one.name: 0.0 for other in self.parts for one in other.recipe.regularizers}
        n = len(part.members)
        return {name: ("member", np.full(n, value)) for name, value in absent.items()} | coordinates_with_recipe(part)

    def check(self, split: Split) -> None:
        """Raise `BadInput` if a part cannot run on the data."""
        for part in self.parts:
            part.check(split)

    def chunk_sizes(self, split: Split, layout: Layout | None = None) -> tuple[int, ...]:
        """Return the chunk size of each part. The default layout uses all local devices."""
        layout = layout or layout_for(len(self.members))
        return tuple(itertools.chain.from_iterable(part.chunk_sizes(split, layout) for part in self.parts))

    def only(self, chosen: Sequence[int]) -> "GridSweep":
        """Return the sweep with the grid points at the chosen places alone, and without empty parts."""
        wanted, first, parts = set(chosen), 0, []
        for part in self.parts:
            own = [place for place in range(len(part.members)) if first + place in wanted]
            parts += [part.only(own)] if own else []
            first += len(part.members)
        return GridSweep(tuple(parts))

    def chunks(self, sizes: Sequence[int]) -> list[PopulationSweep]:
        """Return the parts split into chunks of at most the given sizes, one size for each part."""
        return [chunk for part, size in zip(self.parts, sizes, strict=True) for chunk in part.chunks([size])]

    def weight(self, split: Split) -> float:
        """Return the estimated seconds of training on one core."""
        return math.fsum(part.weight(split) for part in self.parts)

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        """Return the estimated memory and time of each part, in chunks of the given sizes."""
        layout = layout_for(max(sizes))
        return tuple(part.planned(split, [size], layout) for part, size in zip(self.parts, sizes, strict=True))

    def program(self, split: Split, n_members: int, layout: Layout | None = None) -> "GridProgram":
        """Return the program that trains and measures chunks. The default layout uses all local devices."""
        return GridProgram(self, split, layout or layout_for(n_members))


class GridProgram:
    """Compiled programs of a sweep's parts. Only that of the latest chunk, and those compiled ahead, are kept.

    Args:
        sweep: the sweep that chunks come from.
        split: clean data.
        layout: distribution of members over devices.

    Raises:
        BadInput: the sweep cannot run on the data.
    """

    def __init__(self, sweep: GridSweep, split: Split, layout: Layout) -> None:
        sweep.check(split)
        self.sweep, self.split, self.layout = sweep, split, layout
        self._programs: dict[PopulationSweep, Population] = {}
        self._latest: PopulationSweep | None = None

    def program_of(self, chunk: PopulationSweep) -> PopulationSweep:
        """Return the part of the sweep that a chunk comes from."""
        return population_of(chunk)

    def compile(self, chunk: PopulationSweep) -> None:
        """Compile the programs of a chunk without training."""
        self._population(chunk).compile(chunk)

    def results(
        self, chunk: PopulationSweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """Train a chunk; return its trace with the settings of its recipe."""
        wanted = population_of(chunk)
        if self._latest is not None and self._latest != wanted:
            self._programs.pop(self._latest, None)  # Free the memory of the previous program first.
        self._latest = wanted
        trace = self._population(chunk).results(chunk, on_progress, checkpoint)
        return trace.assign_coords(self.sweep.coordinates_of(chunk))

    def _population(self, chunk: PopulationSweep) -> Population:
        wanted = population_of(chunk)
        if wanted not in self._programs:
            self._programs[wanted] = Population(chunk, self.split, self.layout)
        return self._programs[wanted]

    def describe(self) -> ProgramDescription:
        """Return the facts that are stored with results."""
        return described_program(self.split, self.layout)


def population_of(sweep: PopulationSweep) -> PopulationSweep:
    """Return `sweep` without its members; equal values share one compiled program."""
    return dataclasses.replace(sweep, members=())


def coordinates_with_recipe(part: PopulationSweep) -> dict[str, Coordinate]:
    """Return the settings of members and of their recipe: `width` and `depth`.

    With a subset also `n_training` and `removed`, the share of examples that the subset drops.
    """
    of_recipe: dict[str, float] = {"width": part.recipe.architecture.width, "depth": part.recipe.architecture.depth}
    if part.subset is not None:
        of_recipe |= {"n_training": part.subset.size, "removed": part.subset.removed}
    n = len(part.members)
    return part.coordinates() | {name: ("member", np.full(n, value)) for name, value in of_recipe.items()}
