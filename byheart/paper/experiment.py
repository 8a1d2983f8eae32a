"""The base class of the paper's experiments: a figure, settings at three scales, and departures from the paper."""

import abc
import dataclasses
from collections.abc import Sequence
from typing import ClassVar, Self, cast

from byheart import literals
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.experiment import Experiment, Remarks
from byheart.paper.scales import SCALES, Scale


@dataclasses.dataclass(frozen=True, kw_only=True)
class PaperExperiment(Experiment):
    """An experiment of the paper. Name other base classes first: `Filters(TrainingExperiment, PaperExperiment)`."""

    figure: ClassVar[str]
    """Numbers of the paper's figures, such as "7 and 8"."""
    departure_reasons: ClassVar[dict[str, str]] = {}
    """Reasons why settings depart from the paper, by name; a setting may have none."""
    source: ClassVar[str] = "Arpit et al., “A Closer Look at Memorization in Deep Networks” (2017)"
    scales: ClassVar[tuple[str, ...]] = SCALES

    @classmethod
    @abc.abstractmethod
    def for_scale(cls, scale: Scale, facts: DataSummary) -> Self:
        """Return the declared settings for a scale and data."""

    @classmethod
    def for_data(cls, facts: DataSummary, scale: str | None = None) -> Self:
        """Return the declared settings for data and a scale; tiny is the default."""
        return cls.for_scale(cast(Scale, cls.check_scale(scale)), facts)

    @classmethod
    def title(cls) -> str:
        """Return the name with the figure."""
        return f"{cls.name} · Figure {cls.figure}"

    @classmethod
    def reference(cls) -> str:
        """Return the reference to the class in the catalog, which stays when its module moves."""
        return f"byheart.paper.catalog:{cls.__name__}"

    def remarks(self, facts: DataSummary) -> Sequence[Remarks]:
        """Return the departures from the paper."""
        none = "None: these are the paper's settings, with the defaults of docs/choices.md where the paper states none."
        return [Remarks("Departures from the paper", tuple(self.departures(facts)), none)]

    def departures(self, facts: DataSummary) -> list[str]:
        """Return the differences from the paper's settings, one sentence each, with the reason if one is given."""
        paper = type(self).for_scale("paper", facts).settings()
        differing = {name: value for name, value in self.settings().items() if value != paper[name]}
        return [
            f"{name} = {literals.text(value)} in place of {literals.text(paper[name])}"
            + (f": {self.departure_reasons[name]}" if name in self.departure_reasons else "")
            for name, value in differing.items()
        ]
