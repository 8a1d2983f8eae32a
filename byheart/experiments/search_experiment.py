"""The base classes of experiments that search for critical samples."""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Self

from byheart import checks
from byheart.critical.lass import LASS
from byheart.critical.radius import Length, Pixels, StandardDeviations, check_unit
from byheart.experiments.data_summary import DataSummary
from byheart.experiments.training_experiment import ThroughTrainingExperiment, TrainingExperiment
from byheart.experiments.used_parts import ALL, UsedPart
from byheart.inputs import are_images

RADIUS_OF_VECTORS = StandardDeviations(0.1)
"""Default radius of searches around vectors."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class BoxExperiment(TrainingExperiment):
    """Settings of the search in a box around a sample.

    Attributes:
        radius: search radius r, with its unit: "Pixels(3)" on the 0-255 scale for images, "StandardDeviations(0.1)" for
            vectors.
        search: the method that searches for critical samples, for example "LASS(budget=20)".
    """

    radius: Pixels | StandardDeviations = Pixels(3.0)
    search: LASS = LASS(budget=20)

    @classmethod
    def for_data(cls, facts: DataSummary, scale: str | None = None) -> Self:
        """Return the default settings, with a radius in the unit of the inputs."""
        found = super().for_data(facts, scale)
        if isinstance(found.radius, Length) and found.radius.is_for_images != are_images(facts.input_shape):
            return dataclasses.replace(found, radius=RADIUS_OF_VECTORS)
        return found

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect a radius in the unit of other inputs."""
        super().collect_problems(problems, facts)
        with problems.noted():
            checks.instance(
                "radius", self.radius, Length, '"Pixels(3)" for images or "StandardDeviations(0.1)" for vectors'
            )
            check_unit("radius", self.radius, facts.input_shape)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchExperiment(BoxExperiment, ThroughTrainingExperiment):
    """Settings of the search for critical samples through training.

    Attributes:
        n_samples: inputs searched in each set.
    """

    n_samples: int = ALL

    limiting: ClassVar[tuple[str, ...]] = ("n_training", "n_validation", "n_samples")
    searched: ClassVar[Mapping[str, str]] = MappingProxyType({"n_validation": "validation inputs"})
    """The parts of the data that are searched: the setting of the size of each, and its name for readers."""

    def parts_used(self, facts: DataSummary) -> Sequence[UsedPart]:
        """Return how much of both parts is used, and how much of them is searched."""
        sizes = {name: min(getattr(self, name), getattr(facts, name)) for name in self.searched}
        return [
            *super().parts_used(facts),
            *(
                UsedPart(
                    "n_samples",
                    min(self.n_samples, sizes[name]),
                    sizes[name],
                    f"{what} are searched for critical samples",
                    "the first",
                )
                for name, what in self.searched.items()
            ),
        ]

    def collect_problems(self, problems: checks.Problems, facts: DataSummary) -> None:
        """Also collect a number of samples out of range."""
        super().collect_problems(problems, facts)
        self.collect_counts(problems, "n_samples")
