"""Grids over several recipes: one compiled population for each recipe, one sweep to everything above."""

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import xarray as xr

from byheart import checks
from byheart.data.dataset import Split
from byheart.data.inclusion import AllExamples, Inclusion, check_all_or_parts
from byheart.data.noise import Noise, kinds_of
from byheart.data.subsets import Subset
from byheart.populations.population import Population, PopulationSweep
from byheart.sweeps.jax_description import described_program
from byheart.sweeps.layout import Layout, layout_for
from byheart.sweeps.plan import PlannedPopulation
from byheart.sweeps.protocol import Checkpoint, Coordinate, NoCheckpoint, ProgramDescription
from byheart.training.member import Member, grid
from byheart.training.recipe import Recipe

SHARED_FIELDS = ("measures", "measured_epochs", "final_measures", "noise_seed", "stop_when", "check_every")
"""Fields in which all parts must agree, besides the number of epochs: their results stand in one table."""


@dataclasses.dataclass(frozen=True)
class GridPoint:
    """One network of a grid: what it shares with its population, and what is its own."""

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
    """All combinations; grids that are no full product are lists joined by `+`.

    Args:
        recipe: what holds where nothing else is said.
        width: units of each hidden layer, or channels of each convolution; None leaves those of the recipe.
        depth: number of hidden layers, or of convolutions; None leaves that of the recipe.
        subset: parts of the training data; None takes all of it.
        rand_x: levels of randX.
        rand_y: levels of randY.
        noise: of any kind: each a noise, or a tuple of noises of several kinds; `()` is none.
        learning_rate: in place of the recipe's; None leaves that.
        strengths: of the recipe's regularizers, in place of its own; none leaves those.
        inclusion: which examples of the training data, or of its subset, are trained on.
        seed: of initialization and shuffling.

    Raises:
        BadInput: a setting that is no sequence, or holds a value that it cannot have.

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
        parts: no two of the same recipe and subset of the data; results stand in their order. Each takes up the kinds of noise of all, so
            that all have the same columns.

    Raises:
        BadInput: no part, or parts whose results cannot stand in one table.
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
        """The sweep over cells, each once, grouped into populations in the order in which these first come.

        Args:
            wanted: what to train, such as `grid_points(...) + grid_points(...)`.
            what: fields of `PopulationSweep` that all share, such as `measures` and `stop_when`.
        """
        populations: dict[tuple[Recipe, Subset | None], dict[Member, None]] = {}
        for cell in wanted:
            populations.setdefault((cell.recipe, cell.subset), {})[cell.member] = None
        return cls(
            tuple(
                PopulationSweep(recipe, tuple(members), subset=subset, **what)
                for (recipe, subset), members in populations.items()
            )
        )

    @property
    def members(self) -> tuple[GridPoint, ...]:
        """What is trained, in the order of results."""
        return tuple(GridPoint(part.recipe, member, part.subset) for part in self.parts for member in part.members)

    @property
    def length(self) -> int:
        """Epochs, which progress counts."""
        return self.parts[0].length

    def coordinates(self) -> dict[str, Coordinate]:
        """Settings of members and of their recipes, along the axis `member` of results."""
        found = [self.coordinates_of(part) for part in self.parts]
        return {name: ("member", np.concatenate([one[name][1] for one in found])) for name in found[0]}

    def coordinates_of(self, part: PopulationSweep) -> dict[str, Coordinate]:
        """Those of a part, or of a chunk: a regularizer that other parts have is of strength 0 there."""
        absent = {one.name: 0.0 for other in self.parts for one in other.recipe.regularizers}
        n = len(part.members)
        return {name: ("member", np.full(n, value)) for name, value in absent.items()} | coordinates_with_recipe(part)

    def chunk_sizes(self, split: Split, layout: Layout | None = None) -> tuple[int, ...]:
        """Return how many members of each part train together; on all local devices where no layout is given."""
        layout = layout or layout_for(len(self.members))
        return tuple(itertools.chain.from_iterable(part.chunk_sizes(split, layout) for part in self.parts))

    def chunks(self, sizes: Sequence[int]) -> list[PopulationSweep]:
        """The parts in pieces of at most so many members each."""
        return [chunk for part, size in zip(self.parts, sizes, strict=True) for chunk in part.chunks([size])]

    def weight(self, split: Split) -> float:
        """Estimated seconds of training on one core."""
        return math.fsum(part.weight(split) for part in self.parts)

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        """Return what each part takes in chunks of its size."""
        layout = layout_for(max(sizes))
        return tuple(part.planned(split, [size], layout) for part, size in zip(self.parts, sizes, strict=True))

    def program(self, split: Split, n_members: int, layout: Layout | None = None) -> "GridProgram":
        """Return the program that trains and measures chunks; on all local devices where no layout is given."""
        return GridProgram(self, split, layout or layout_for(n_members))


class GridProgram:
    """The compiled programs of a sweep's parts, each made when a chunk needs it, and let go when a chunk needs another.

    Args:
        sweep: what will be trained.
        split: clean data.
        layout: how members are laid over devices.

    Raises:
        BadInput: the data does not fit a recipe.
    """

    def __init__(self, sweep: GridSweep, split: Split, layout: Layout) -> None:
        for part in sweep.parts:
            part.recipe.check(split.image_shape, part.n_training(split))
        self.sweep, self.split, self.layout = sweep, split, layout
        self._program: tuple[PopulationSweep, Population] | None = None

    def results(
        self, chunk: PopulationSweep, on_progress: Callable[[int], None], checkpoint: Checkpoint = NoCheckpoint()
    ) -> xr.Dataset:
        """The trace of a chunk's trained members, with the settings of its recipe."""
        wanted = population_of(chunk)
        if self._program is None or self._program[0] != wanted:
            self._program = None  # The memory of the one before is free when the next is made.
            self._program = wanted, Population(wanted, self.split, self.layout)
        trace = self._program[1].results(chunk, on_progress, checkpoint)
        return trace.assign_coords(self.sweep.coordinates_of(chunk))

    def describe(self) -> ProgramDescription:
        """Return what is stored with results."""
        return described_program(self.split, self.layout)


def population_of(sweep: PopulationSweep) -> PopulationSweep:
    """What sweeps of one compiled program have in common: all but the members."""
    return dataclasses.replace(sweep, members=())


def coordinates_with_recipe(part: PopulationSweep) -> dict[str, Coordinate]:
    """Settings of members, and of the recipe: `width`, `depth` and, where there is a subset, `n_training` and the share `removed` from it."""
    of_recipe: dict[str, float] = {"width": part.recipe.architecture.width, "depth": part.recipe.architecture.depth}
    if part.subset is not None:
        of_recipe |= {"n_training": part.subset.size, "removed": part.subset.removed}
    n = len(part.members)
    return part.coordinates() | {name: ("member", np.full(n, value)) for name, value in of_recipe.items()}
