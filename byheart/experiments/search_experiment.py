"""What experiments share that train networks on noisy data and search critical samples on the way."""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from byheart import checks
from byheart.critical.lass import LASS, Pixels
from byheart.experiments.experiment import DataFacts, Scale
from byheart.experiments.training_experiment import ThroughTrainingExperiment, common_settings, is_for_cnn
from byheart.experiments.used_parts import UsedPart


@dataclasses.dataclass(frozen=True)
class NoiseExperiment(ThroughTrainingExperiment):
    """Settings of the search for critical samples.

    Attributes:
        radius_in_pixels: r of the critical samples, on the 0-255 scale.
        search: how critical samples are searched, for example "LASS(budget=20)".
        n_samples: inputs searched in each set.
    """

    radius_in_pixels: float
    search: LASS
    n_samples: int

    limiting: ClassVar[tuple[str, ...]] = ("n_training", "n_validation", "n_samples")
    searched: ClassVar[Mapping[str, str]] = MappingProxyType({"n_validation": "validation inputs"})
    """The parts of the data in which critical samples are searched."""

    @property
    def radius(self) -> float:
        """R in input units."""
        return Pixels(self.radius_in_pixels)

    def parts_used(self, facts: DataFacts) -> Sequence[UsedPart]:
        """Of both parts, and of those that are searched."""
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

    def check_more(self, problems: checks.Problems, facts: DataFacts) -> None:
        """Notes a radius or a number of samples out of range as well."""
        super().check_more(problems, facts)
        with problems.noted():
            checks.count("n_samples", self.n_samples)
        with problems.noted():
            checks.positive("radius_in_pixels", self.radius_in_pixels)


def settings_with_search(scale: Scale, facts: DataFacts) -> dict[str, Any]:
    """Settings by scale."""
    search = (_SEARCH_FOR_CNN if is_for_cnn(facts) else _SEARCH_FOR_MLP)[scale]
    return common_settings(scale, facts) | search | {"n_samples": min(search["n_samples"], facts.n_validation)}


_SEARCH_FOR_MLP: dict[Scale, dict[str, Any]] = {
    "tiny": {"radius_in_pixels": 10.0, "search": LASS(budget=20), "n_samples": 300},
    "laptop": {"radius_in_pixels": 3.0, "search": LASS(budget=20), "n_samples": 1000},
    "paper": {"radius_in_pixels": 0.3, "search": LASS(), "n_samples": 10_000},
}
_SEARCH_FOR_CNN: dict[Scale, dict[str, Any]] = {
    "tiny": {"radius_in_pixels": 1.0, "search": LASS(budget=10), "n_samples": 200},
    "laptop": {"radius_in_pixels": 0.3, "search": LASS(budget=10), "n_samples": 200},
    "paper": {"radius_in_pixels": 0.3, "search": LASS(), "n_samples": 10_000},
}
