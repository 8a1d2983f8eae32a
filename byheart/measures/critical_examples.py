"""Critical training examples, one by one (section 4.1 of the paper)."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from jaxtyping import Array, Bool, Key

from byheart import checks
from byheart.critical.critical_samples import critical_samples
from byheart.critical.lass import LASS
from byheart.critical.radius import Length, Pixels, checked_length
from byheart.data.member_view import MemberData
from byheart.measures.critical_sample_ratio import steps_of
from byheart.networks.network import Predict
from byheart.sweeps.variable import Variable


@dataclasses.dataclass(frozen=True)
class CriticalExamples:
    """A probe: whether each training example, noise included, is critical.

    Attributes:
        radius: radius r of the search: `Pixels(3)`, `StandardDeviations(0.1)`, or a number, in input units for images
            and standard deviations for vectors.
        search: the search.
    """

    radius: float | Length = Pixels(3)
    search: LASS = LASS()

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType(
        {
            "is_critical": Variable(
                "whether a search found a critical point of each training example", (("example", None),)
            )
        }
    )

    def __post_init__(self) -> None:
        checks.fields(self, radius=checked_length)

    def __call__(self, network: Predict, data: MemberData, key: Key[Array, ""]) -> dict[str, Bool[Array, " example"]]:
        """Return one boolean per example, False where logits are not finite."""
        examples = data.every_example
        found = critical_samples(
            network,
            examples.inputs,
            radius=self.radius,
            search=self.search,
            key=key,
            standardizer=examples.standardizer,
        )
        return {"is_critical": found.is_critical}

    def search_steps(self, n_training: int, n_validation: int) -> int:
        """Return the most gradient steps of all searches in one call."""
        del n_validation
        return steps_of(self.search, n_training)
