"""What an experiment is: a frozen value whose fields are its settings, with claims and figures as functions of stored results."""

import abc
import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

import xarray as xr

from byheart import checks, literals
from byheart.data.dataset import Split
from byheart.data.stratified import stratified_subset
from byheart.drawing.figure import Figure
from byheart.experiments.cautions import diverged
from byheart.experiments.claims import Claim
from byheart.experiments.used_parts import UsedPart, with_all
from byheart.results.table import Table
from byheart.sweeps.protocol import Work

Scale = Literal["tiny", "laptop", "paper"]
"""tiny: seconds, in tests and demos. laptop: minutes on 2 cores. paper: the paper's settings, for a GPU."""

SCALES: tuple[Scale, ...] = ("tiny", "laptop", "paper")


@dataclasses.dataclass(frozen=True)
class DataFacts:
    """What an experiment may know of data when it chooses its settings.

    Attributes:
        name: for example "mnist", or the name of a file.
        image_shape: height, width, channels.
        n_training, n_validation: examples at hand.
        cautions: what may be wrong with the scale of the images, one sentence each.
    """

    name: str
    image_shape: tuple[int, int, int]
    n_training: int
    n_validation: int
    cautions: tuple[str, ...] = ()

    @classmethod
    def of(cls, split: Split) -> Self:
        """The facts of `split`."""
        return cls(split.name, split.image_shape, len(split.training), len(split.validation), split.cautions)


@dataclasses.dataclass(frozen=True)
class Experiment(abc.ABC):
    """An experiment of the paper. Subclasses add their settings as fields.

    Attributes:
        n_training: training examples used, a stratified subset drawn by `subset_seed`.
        seeds: number of seeds; the interval of every claim is over these.
        seed_base: the first seed.
        noise_seed: which draw of the noise, the same for all seeds.
        subset_seed: which subset of the data.
    """

    name: ClassVar[str]
    figure: ClassVar[str]
    shows: ClassVar[str]
    """One line for `byheart list`."""
    story: ClassVar[str]
    """A paragraph for the report: what the paper says, in plain words."""
    reasons: ClassVar[dict[str, str]] = {}
    """Why a field departs from the paper, where that needs a word."""
    limiting: ClassVar[tuple[str, ...]] = ("n_training",)
    """Settings that limit how much of the data is used; they may be `ALL`, which the command line calls all."""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
    """Named groups of settings, for `--preset`."""

    n_training: int
    seeds: int
    seed_base: int
    noise_seed: int
    subset_seed: int

    def __post_init__(self) -> None:
        for name, value in self.settings().items():
            object.__setattr__(self, name, checks.plain(value))  # Settings are written as text, and compared.

    @classmethod
    @abc.abstractmethod
    def at(cls, scale: Scale, facts: DataFacts) -> Self:
        """The declared settings for a scale and data."""

    @abc.abstractmethod
    def check(self, facts: DataFacts) -> None:
        """Raises `BadInput`, with all that is wrong, when the settings cannot run on the data."""

    @abc.abstractmethod
    def sweep(self) -> Work:
        """The networks to train and measure."""

    @abc.abstractmethod
    def claims(self) -> Sequence[Claim]:
        """The statements held against the results."""

    @abc.abstractmethod
    def figures(self, results: xr.Dataset, where: str) -> Sequence[Figure]:
        """The figures of the results; `where` names data and scale for their captions."""

    def tables(self, results: xr.Dataset) -> Sequence[Table]:
        """Tables of the results; none by default."""
        del results
        return ()

    def keepsake(self, results: xr.Dataset, split: Split) -> xr.Dataset | None:
        """What figures show of the data themselves, such as some of the images, to be stored beside finished `results`; None by default."""
        del results, split
        return None

    def note_common(self, problems: checks.Problems, facts: DataFacts, counts: tuple[str, ...]) -> None:
        """Notes which of the settings named in `counts` are no counts, seeds below 0, and more training examples than there are."""
        for names, at_least in ((counts, 1), (("seed_base", "noise_seed", "subset_seed"), 0)):
            for name in names:
                with problems.noted():
                    checks.count(name, getattr(self, name), at_least)
        self.note_available(problems, "n_training", facts.n_training, facts)

    def note_available(self, problems: checks.Problems, name: str, available: int, facts: DataFacts) -> None:
        """Notes a setting that asks for more examples than there are."""
        if getattr(self, name) > available:
            problems.messages.append(
                f"`{name}` must be at most {available}, what {facts.name} has; got {getattr(self, name)}."
            )

    def used(self, split: Split) -> Split:
        """The examples used, as the networks see them before noise."""
        return Split.of_parts(stratified_subset(split.training, self.n_training, self.subset_seed), split.validation)

    def mishaps(self, results: xr.Dataset) -> str:
        """What went wrong in single networks, as a sentence; empty if nothing did."""
        return diverged(results)

    def cautions(self, results: xr.Dataset) -> Sequence[str]:
        """Why numbers of `results` mean less than they seem to, a sentence each: mishaps, and what subclasses add."""
        mishaps = self.mishaps(results)
        return [mishaps] if mishaps else []

    def parts_used(self, facts: DataFacts) -> Sequence[UsedPart]:
        """How much of the data each of the settings in `LIMITING` lets the experiment use."""
        return [UsedPart("n_training", self.n_training, facts.n_training, "training examples are used", self._drawn())]

    def left_out(self, facts: DataFacts) -> Sequence[str]:
        """What of the data is not used, and why, one sentence each."""
        return [part.left_out for part in self.parts_used(facts) if part.left_out]

    def within(self, facts: DataFacts) -> Self:
        """The same with numbers in place of `ALL`."""
        found = self
        for name in self.limiting:
            everything = max(part.available for part in found.parts_used(facts) if part.setting == name)
            changed: dict[str, Any] = {name: with_all(getattr(found, name), everything)}
            found = dataclasses.replace(found, **changed)
        return found

    def _drawn(self) -> str:
        """How a subset of the data is chosen."""
        return f"a subset with the same shares of classes, drawn by subset_seed {self.subset_seed}"

    def with_preset(self, name: str) -> Self:
        """The same with the settings of a named group.

        Raises:
            BadInput: there is none of that name.
        """
        if not self.presets:
            raise checks.BadInput(f"{self.name} has no presets; leave out `--preset`.")
        return dataclasses.replace(self, **self.presets[checks.known(f"preset of {self.name}", name, self.presets)])

    def seed_range(self) -> range:
        """The seeds in use."""
        return range(self.seed_base, self.seed_base + self.seeds)

    def settings(self) -> dict[str, Any]:
        """Field names and values."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def departures(self, facts: DataFacts) -> list[str]:
        """What differs from the paper's settings, one sentence each, with the reason where one is given."""
        paper = type(self).at("paper", facts).settings()
        differing = {name: value for name, value in self.settings().items() if value != paper[name]}
        return [
            f"{name} = {literals.text(value)} in place of {literals.text(paper[name])}"
            + (f": {self.reasons[name]}" if name in self.reasons else "")
            for name, value in differing.items()
        ]
