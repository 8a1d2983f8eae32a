"""The base class of experiments: settings, a sweep, and claims and figures as functions of stored results."""

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Self

import xarray as xr

from byheart import checks
from byheart.data.split import Split
from byheart.data.stratified import stratified_subset
from byheart.drawing.figure import Figure
from byheart.experiments.cautions import diverged
from byheart.experiments.claims import Claim, Judgment
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.finding import Finding, conclusion_of
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
        if_none: the sentence shown if the list is empty.
    """

    title: str
    lines: tuple[str, ...]
    if_none: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Experiment(abc.ABC):
    """Settings, a sweep, and functions of its results. Subclasses add their settings as fields.

    A subclass must be a frozen dataclass with a `name` and a `sweep`; everything else has a default.

    Attributes:
        n_training: training examples used, a stratified subset drawn by `subset_seed`.
        seeds: number of seeds; intervals of claims are over seeds.
        seed_base: the first seed.
        noise_seed: seed of the noise, which networks of all seeds share.
        subset_seed: seed of the subset of the data.
    """

    name: ClassVar[str]
    """Letters, digits and hyphens; used in file names and on the command line."""
    summary: ClassVar[str] = ""
    """One line for lists of experiments."""
    description: ClassVar[str] = ""
    """A paragraph for the report, in plain words."""
    source: ClassVar[str] = ""
    """The publication whose claims are tested, as the report cites it; empty where there is none."""
    finding: ClassVar[Finding | None] = None
    """Words for the result of the main claim, which head the chapter; None: the verdicts in numbers."""
    opening_panel: ClassVar[int | None] = None
    """The panel of the first figure that opens a page of several experiments. None: another experiment's panel does."""
    scales: ClassVar[tuple[str, ...]] = ()
    """Names of groups of default settings; the first is the default. Empty: one group, without a name."""
    limiting: ClassVar[tuple[str, ...]] = ("n_training",)
    """Settings that limit how much of the data is used. They may be `ALL`, which is `all` on the command line."""
    later_settings: ClassVar[tuple[str, ...]] = ()
    """Settings that earlier versions did not have; records leave them out while they have their default."""
    needs_images: ClassVar[bool] = False
    """Whether vectors are refused; several experiments on vectors are then run without this one."""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
    """Named groups of settings, for `--preset`."""

    n_training: int = ALL
    seeds: int = 5
    seed_base: int = 0
    noise_seed: int = 0
    subset_seed: int = 0

    def __post_init__(self) -> None:
        for name, value in self.settings().items():
            object.__setattr__(self, name, checks.plain(value))  # Settings are written as text and compared.

    @classmethod
    def title(cls) -> str:
        """Return the heading of the experiment in reports and plans."""
        return cls.name

    @classmethod
    def reference(cls) -> str:
        """Return `module:Name` of the class, which records of runs store."""
        return reference_of(cls)

    @classmethod
    def check_scale(cls, scale: str | None) -> str | None:
        """Return `scale`, or the first of `scales` if it is None; None for an experiment without scales.

        Raises:
            BadInput: the experiment has no such scale.
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
        """Return the default settings for data: the defaults of the fields, limited to the available examples.

        An experiment with `scales`, or with defaults that depend on the data, overrides this.

        Raises:
            BadInput: the experiment has no such scale, or a setting has no default.
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
            BadInput: some settings are invalid; the message lists all of them.
        """
        problems = checks.Problems(f"{self.name} cannot start")
        self.collect_problems(problems, facts)
        problems.raise_if_any()

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Collect invalid settings. Subclasses call this first, then check their own settings."""
        self.collect_counts(problems, "n_training", "seeds")
        self.collect_counts(problems, "seed_base", "noise_seed", "subset_seed", at_least=0)
        self.collect_shortage(problems, facts, "n_training", facts.n_training)

    def collect_counts(self, problems: checks.Problems, *names: str, at_least: int = 1) -> None:
        """Collect the named settings that are not integers of at least `at_least`."""
        for name in names:
            with problems.noted():
                checks.count(name, getattr(self, name), at_least)

    def collect_shortage(self, problems: checks.Problems, facts: DataSummary, name: str, available: int) -> None:
        """Collect the named setting if it exceeds the number of available examples."""
        if getattr(self, name) > available:
            problems.messages.append(
                f"`{name}` must be at most {available}, the number available in {facts.name}; "
                f"got {getattr(self, name)}."
            )

    @abc.abstractmethod
    def sweep(self) -> Sweep:
        """Return the sweep: the networks to train and the measures of them."""

    def claims(self) -> Sequence[Claim]:
        """Return the claims that are tested on the results; none by default."""
        return ()

    def figures(self, results: xr.Dataset, data_label: str) -> Sequence[Figure]:
        """Return the figures of the results; none by default.

        Args:
            results: over (member, ...).
            data_label: name of the data, with the scale if there is one, for captions.
        """
        del results, data_label
        return ()

    def tables(self, results: xr.Dataset) -> Sequence[Table]:
        """Return tables of the results; none by default."""
        del results
        return ()

    def stored_pictures(self, results: xr.Dataset, split: Split) -> xr.Dataset | None:
        """Return images of the data for figures, which are stored with finished `results`; None by default."""
        del results, split
        return None

    def remarks(self, facts: DataSummary) -> Sequence[Remarks]:
        """Return lists for the report; none by default."""
        del facts
        return ()

    def select(self, split: Split) -> Split:
        """Return the examples used, before noise."""
        return Split.of_parts(stratified_subset(split.training, self.n_training, self.subset_seed), split.validation)

    def conclusion(self, judgments: Sequence[Judgment]) -> str:
        """Return the heading of the chapter: what its claims say, in one sentence without a period."""
        return conclusion_of(judgments, self.finding)

    def failures(self, results: xr.Dataset) -> str:
        """Return a sentence about networks that failed; empty if none did."""
        return diverged(results)

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Return reasons to distrust numbers of `results`, one sentence each: the failures by default."""
        failures = self.failures(results)
        return [failures] if failures else []

    def parts_used(self, facts: DataSummary) -> Sequence[UsedPart]:
        """Return how much of the data the experiment uses, for each of the settings in `limiting`."""
        return [UsedPart("n_training", self.n_training, facts.n_training, "training examples are used", self._drawn())]

    def left_out(self, facts: DataSummary) -> Sequence[str]:
        """Return sentences about the data that are not used: how many, and how the others are chosen."""
        return [part.left_out for part in self.parts_used(facts) if part.left_out]

    def limited_to_data(self, facts: DataSummary) -> Self:
        """Return the same experiment with numbers in place of `ALL`."""
        found = self
        for name in self.limiting:
            changed: dict[str, Any] = {name: with_all(getattr(found, name), found._available(facts)[name])}
            found = dataclasses.replace(found, **changed)
        return found

    def _available(self, facts: DataSummary) -> dict[str, int]:
        """Return the number of available examples for each of the settings in `limiting`."""
        parts = self.parts_used(facts)
        return {name: max(part.available for part in parts if part.setting == name) for name in self.limiting}

    def _drawn(self) -> str:
        """Return a phrase for how a subset of the data is chosen."""
        return f"a subset with the same shares of classes, drawn by subset_seed {self.subset_seed}"

    def with_preset(self, name: str) -> Self:
        """Return the same experiment with the settings of a named group.

        Raises:
            BadInput: there is no preset of that name.
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
