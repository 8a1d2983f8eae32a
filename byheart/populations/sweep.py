"""The sweep over the members of one recipe: settings, measures, and what they cost."""

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from byheart import checks
from byheart.data.inclusion import check_all_or_parts, common_size
from byheart.data.noise import Noise, kinds_of
from byheart.data.split import Split
from byheart.data.subsets import Subset
from byheart.populations.chunk_size import chunk_size
from byheart.populations.plan import planned_population
from byheart.populations.trace import settings_of
from byheart.sweeps.layout import Layout, layout_for
from byheart.sweeps.plan import PlannedPopulation, sizes_of
from byheart.sweeps.protocol import Coordinate, SweepProgram
from byheart.training.cost import CPU_CORE, Cost, training_cost
from byheart.training.measuring_cost import measuring_cost
from byheart.training.member import Member
from byheart.training.probes import AnyProbe, Probe, on_host
from byheart.training.recipe import Recipe


@dataclasses.dataclass(frozen=True)
class PopulationSweep:
    """Members of one recipe, and the measures that are taken of them.

    Attributes:
        recipe: the recipe of all members.
        members: the members, in the order in which they are trained.
        measures: probes called at the measured epochs.
        measured_epochs: strictly increasing epochs; 0 is the untrained network. None measures after the last epoch.
        final_measures: probes called once, after the last epoch.
        noise_seed: seed of the noise; the same for all members.
        stop_when: a probe of a single boolean, called after each epoch. When it is true, the member's training ends; on
            a CPU the member costs nothing from then on. None trains all members to the last epoch.
        check_every: number of updates between calls of `stop_when` within an epoch, for a finer clock; None calls it
            after whole epochs.
        subset: part of the training data that all members see; None uses all of it.
        kinds: kinds of noise, at any level, that have a column in results; those of members are added. Chunks keep the
            kinds of the whole sweep, so that all have the same columns. No other kinds of noise are drawn.

    Raises:
        BadInput: a field has the wrong type or is out of range; noises of one kind differ in more than their level; a
            kind of noise has the name of a regularizer of the recipe; or some members are trained on all examples and
            others on a part.
    """

    recipe: Recipe
    members: tuple[Member, ...]
    measures: tuple[AnyProbe, ...] = ()
    measured_epochs: tuple[int, ...] | None = None
    final_measures: tuple[AnyProbe, ...] = ()
    noise_seed: int = 0
    stop_when: Probe | None = None
    check_every: int | None = None
    subset: Subset | None = None
    kinds: tuple[Noise, ...] = ()

    unit: ClassVar[str] = "epoch"

    def __post_init__(self) -> None:
        checks.instance("recipe", self.recipe, Recipe, "a Recipe, such as Recipe(MLP((256, 256)))")
        kept = {"members": checks.several("members", self.members, Member, "Member(...), such as `grid` makes")}
        for name in ("measures", "final_measures"):
            kept[name] = checks.several(name, getattr(self, name), AnyProbe, "probes, such as Accuracy()")
        for name, values in kept.items():
            object.__setattr__(self, name, values)
        self.recipe.check_rates(member.learning_rate for member in self.members)
        checks.fields(self, measured_epochs=checks.optional(checks.each(checks.whole)))
        checks.fields(self, noise_seed=checks.seed, check_every=checks.optional(checks.count))
        given = checks.several("kinds", self.kinds, Noise, "noises, such as RandX(0.4)")
        kinds = kinds_of([*given, *(noise for member in self.members for noise in member.noise)])
        object.__setattr__(self, "kinds", kinds)
        for regularizer in self.recipe.regularizers:
            if regularizer.name in {kind.id for kind in kinds}:
                raise checks.BadInput(f"A noise and a regularizer must have different names; got {regularizer.name!r}.")
        check_all_or_parts(one.inclusion for one in self.members)

    def only(self, chosen: Sequence[int]) -> "PopulationSweep":
        """Return the sweep with the members at the chosen places alone."""
        return dataclasses.replace(self, members=tuple(self.members[place] for place in chosen))

    def chunks(self, sizes: Sequence[int]) -> list["PopulationSweep"]:
        """Return the sweep split into chunks of at most `sizes[0]` members, in order.

        >>> from byheart.networks.mlp import MLP
        >>> sweep = PopulationSweep(Recipe(MLP((4,))), tuple(Member(seed) for seed in range(5)))
        >>> [len(chunk.members) for chunk in sweep.chunks([2])]
        [2, 2, 1]
        """
        (size,) = sizes
        starts = range(0, len(self.members), size)
        return [dataclasses.replace(self, members=self.members[start : start + size]) for start in starts]

    @property
    def length(self) -> int:
        """Number of epochs, the units of progress."""
        return self.recipe.epochs

    def coordinates(self) -> dict[str, Coordinate]:
        """Return the members' settings along the axis `member` of results."""
        return settings_of(self.recipe, self.members, self.kinds)

    def check(self, split: Split) -> None:
        """Raise `BadInput` if the recipe, a measured epoch, a kind of noise or a probe of the host does not fit."""
        self.recipe.check(split.input_shape, self.n_training(split))
        self.recipe.check_measured_epochs(self.measured_epochs)
        for kind in self.kinds:
            kind.check(split.input_shape, split.n_classes)
        for probe in on_host((*self.measures, *self.final_measures)):
            probe.check(self.recipe.architecture, split.input_shape)

    def chunk_sizes(self, split: Split, layout: Layout | None = None) -> tuple[int, ...]:
        """Return the chunk size, as a tuple of one number. The default layout uses all local devices."""
        layout = layout or layout_for(len(self.members))
        return (chunk_size(self.recipe, len(self.members), split.input_shape, split.n_classes, layout),)

    def n_training(self, split: Split) -> int:
        """Return the number of training examples that each member is trained on.

        Raises:
            BadInput: members are trained on different numbers of examples.
        """
        n_examples = len(split.training) if self.subset is None else self.subset.size
        return common_size((one.inclusion for one in self.members), n_examples)

    def cost(self, split: Split) -> Cost:
        """Return the cost of training and measuring one member for all epochs."""

        def once(measures: tuple[AnyProbe, ...]) -> Cost:
            sizes = (self.n_training(split), len(split.validation))
            return measuring_cost(measures, self.recipe, *sizes, split.input_shape, split.n_classes)

        n_times = len(self.recipe.check_measured_epochs(self.measured_epochs))
        return self._training_cost(split) + once(self.measures) * n_times + once(self.final_measures)

    def weight(self, split: Split) -> float:
        """Return the estimated seconds of training on one core, without measures."""
        return len(self.members) * self._training_cost(split).seconds(CPU_CORE)

    def plan(self, split: Split, sizes: Sequence[int]) -> tuple[PlannedPopulation, ...]:
        """Return the estimated memory and time of training and measuring in chunks of `sizes[0]` members."""
        return (self.planned(split, sizes, layout_for(max(sizes))),)

    def planned(self, split: Split, sizes: Sequence[int], layout: Layout) -> PlannedPopulation:
        """Return the estimated memory and time of chunks of `sizes[0]` members on `layout`."""
        data, shape = self.n_training(split), (split.input_shape, split.n_classes)
        return planned_population(self.recipe, data, shape, self.cost(split), sizes_of(self.chunks(sizes)), layout)

    def program(self, split: Split, n_members: int, layout: Layout | None = None) -> SweepProgram:
        """Return the program that trains and measures members. The default layout uses all local devices."""
        from byheart.populations.population import Population  # It needs this class.

        return Population(self, split, layout or layout_for(n_members))

    def _training_cost(self, split: Split) -> Cost:
        n_training = self.n_training(split)
        updates = max(n_training // self.recipe.batch_size, 1)
        n_checks = -(-updates // (self.check_every or updates)) if self.stop_when is not None else 0
        return training_cost(self.recipe, n_training, split.input_shape, split.n_classes, n_checks * n_training)
