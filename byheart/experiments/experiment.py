"""The base of all experiments: a frozen value of settings; claims and figures are functions of stored results."""

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Self

import xarray as xr

from byheart import checks
from byheart.data.dataset import Split
from byheart.data.stratified import stratified_subset
from byheart.drawing.figure import Figure
from byheart.experiments.cautions import diverged
from byheart.experiments.claims import Claim
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.reference import reference_of
from byheart.experiments.used_parts import ALL, UsedPart, with_all, with_at_most
from byheart.results.table import Table
from byheart.sweeps.protocol import Sweep


@dataclasses.dataclass(frozen=True)
class Remarks:
    """A list that the report shows below an experiment's settings.

    Attributes:
        title: of the list.
        lines: its entries.
        if_none: the sentence that stands there where the list is empty.
    """

    title: str
    lines: tuple[str, ...]
    if_none: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment(abc.ABC):
    """Settings, a sweep, and functions of its results. Subclasses add their settings as fields.

    A subclass must be a frozen dataclass with a `name` and a `sweep`; all else has a default.

    Attributes:
        n_training: training examples used, a stratified subset drawn by `subset_seed`.
        seeds: number of seeds; the interval of every claim is over these.
        seed_base: the first seed.
        noise_seed: which draw of the noise, the same for all seeds.
        subset_seed: which subset of the data.
    """

    name: ClassVar[str]
    """Letters, digits and hyphens; it stands in file names and on the command line."""
    summary: ClassVar[str] = ""
    """One line for lists."""
    description: ClassVar[str] = ""
    """A paragraph for the report, in plain words."""
    source: ClassVar[str] = ""
    """The publication whose claims are tested, as the report cites it; empty where there is none."""
    scales: ClassVar[tuple[str, ...]] = ()
    """Names of groups of default settings; the first is taken where none is given. None: one group, without a name."""
    limiting: ClassVar[tuple[str, ...]] = ("n_training",)
    """Settings that limit how much of the data is used; they may be `ALL`, which the command line calls all."""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
    """Named groups of settings, for `--preset`."""

    n_training: int = ALL
    seeds: int = 5
    seed_base: int = 0
    noise_seed: int = 0
    subset_seed: int = 0

    def __post_init__(self) -> None:
        for name, value in self.settings().items():
            object.__setattr__(self, name, checks.plain(value))  # Settings are written as text, and compared.

    @classmethod
    def title(cls) -> str:
        """Return the heading of the experiment in reports and plans."""
        return cls.name

    @classmethod
    def reference(cls) -> str:
        """Return where the class is found, as `module:Name`; records of runs hold it."""
        return reference_of(cls)

    @classmethod
    def check_scale(cls, scale: str | None) -> str | None:
        """Return `scale`, or the first of `scales` where none is given; None for an experiment without scales.

        Raises:
            BadInput: `scale` is none of the experiment's.
        """
        if not cls.scales:
            if scale is not None:
                raise checks.BadInput(
                    f"{cls.name} has one group of default settings and no scales; got {scale!r}. Leave out `--scale`."
                )
            return None
        return cls.scales[0] if scale is None else checks.known(f"scale of {cls.name}", scale, cls.scales)

    @classmethod
    def for_data(cls, facts: DataSummary, scale: str | None = None) -> Self:
        """Return the default settings for data: here the defaults of the fields, limited to the examples at hand.

        An experiment with `scales`, or with other settings for other data, overrides this.

        Raises:
            BadInput: `scale` is none of the experiment's, or a setting has no default.
        """
        cls.check_scale(scale)
        missing = [
            one.name
            for one in dataclasses.fields(cls)
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        ]
        if missing:
            raise checks.BadInput(
                f"{cls.name} has settings without a default: {', '.join(missing)}. Give each field a default, "
                "or override `for_data`."
            )
        found = cls()
        return dataclasses.replace(
            found,
            **{name: with_at_most(getattr(found, name), most) for name, most in found._available(facts).items()},
        )

    def check(self, facts: DataSummary) -> None:
        """Check all settings against the data.

        Raises:
            BadInput: with all that is wrong.
        """
        problems = checks.Problems(f"{self.name} cannot start")
        self.collect_problems(problems, facts)
        problems.raise_if_any()

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect what is wrong with the settings. Subclasses call this first, then add what is wrong with theirs."""
        self.collect_counts(problems, "n_training", "seeds")
        self.collect_counts(problems, "seed_base", "noise_seed", "subset_seed", at_least=0)
        self.collect_shortage(problems, facts, "n_training", facts.n_training)

    def collect_counts(self, problems: checks.Problems, *names: str, at_least: int = 1) -> None:
        """Collect those of the named settings that are no whole numbers of at least `at_least`."""
        for name in names:
            with problems.noted():
                checks.count(name, getattr(self, name), at_least)

    def collect_shortage(self, problems: checks.Problems, facts: DataSummary, name: str, available: int) -> None:
        """Collect the named setting where it asks for more examples than are available."""
        if getattr(self, name) > available:
            problems.messages.append(
                f"`{name}` must be at most {available}, what {facts.name} has; got {getattr(self, name)}."
            )

    @abc.abstractmethod
    def sweep(self) -> Sweep:
        """Return the networks to train and what is measured of them."""

    def claims(self) -> Sequence[Claim]:
        """Return the statements that are held against the results; none by default."""
        return ()

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figures of the results; none by default.

        Args:
            results: over (member, ...).
            data_label: names the data, and the scale if there is one, for captions.
        """
        del results, data_label
        return ()

    def tables(self, results: xr.Dataset) -> Sequence[Table]:
        """Return tables of the results; none by default."""
        del results
        return ()

    def stored_pictures(self, results: xr.Dataset, split: Split) -> xr.Dataset | None:
        """Return what figures show of the data themselves, to be stored beside finished `results`; None by default."""
        del results, split
        return None

    def remarks(self, facts: DataSummary) -> Sequence[Remarks]:
        """Return lists for the report; none by default."""
        del facts
        return ()

    def select(self, split: Split) -> Split:
        """Return the examples used, as the networks see them before noise."""
        return Split.of_parts(stratified_subset(split.training, self.n_training, self.subset_seed), split.validation)

    def failures(self, results: xr.Dataset) -> str:
        """Return what went wrong in single networks, as a sentence; empty if nothing did."""
        return diverged(results)

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return why numbers of `results` mean less than they seem to, a sentence each: by default the failures."""
        failures = self.failures(results)
        return [failures] if failures else []

    def parts_used(self, facts: DataSummary) -> Sequence[UsedPart]:
        """Return how much of the data each of the settings in `limiting` lets the experiment use."""
        return [UsedPart("n_training", self.n_training, facts.n_training, "training examples are used", self._drawn())]

    def left_out(self, facts: DataSummary) -> Sequence[str]:
        """Return what of the data is not used, and why, one sentence each."""
        return [part.left_out for part in self.parts_used(facts) if part.left_out]

    def limited_to_data(self, facts: DataSummary) -> Self:
        """Return the same experiment with numbers in place of `ALL`."""
        found = self
        for name in self.limiting:
            changed: dict[str, Any] = {name: with_all(getattr(found, name), found._available(facts)[name])}
            found = dataclasses.replace(found, **changed)
        return found

    def _available(self, facts: DataSummary) -> dict[str, int]:
        """How many examples there are for each of the settings in `limiting`."""
        parts = self.parts_used(facts)
        return {name: max(part.available for part in parts if part.setting == name) for name in self.limiting}

    def _drawn(self) -> str:
        """How a subset of the data is chosen."""
        return f"a subset with the same shares of classes, drawn by subset_seed {self.subset_seed}"

    def with_preset(self, name: str) -> Self:
        """Return the same experiment with the settings of a named group.

        Raises:
            BadInput: there is none of that name.
        """
        if not self.presets:
            raise checks.BadInput(f"{self.name} has no presets; leave out `--preset`.")
        return dataclasses.replace(self, **self.presets[checks.known(f"preset of {self.name}", name, self.presets)])

    def seed_range(self) -> range:
        """Return the seeds in use."""
        return range(self.seed_base, self.seed_base + self.seeds)

    def settings(self) -> dict[str, Any]:
        """Return field names and values."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
