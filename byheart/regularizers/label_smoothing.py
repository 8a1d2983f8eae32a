"""Label smoothing (Szegedy et al., 2016)."""

import dataclasses
from typing import ClassVar

from jaxtyping import Array, Float

from byheart import checks, literals
from byheart.training.regularizer import Regularizer, Strength


@literals.register
@dataclasses.dataclass(frozen=True)
class LabelSmoothing(Regularizer):
    """Makes the targets (1 - share) of the label's distribution plus `share` of the uniform one. Not in the paper.

    Attributes:
        share: share of the uniform distribution, from 0 to 1.
    """

    share: float = 0.1

    name: ClassVar[str] = "label_smoothing"

    def __post_init__(self) -> None:
        checks.fields(self, share=checks.fraction)

    def targets(self, targets: Float[Array, "batch class"], strength: Strength) -> Float[Array, "batch class"]:
        """Return the targets mixed with the uniform distribution."""
        return (1 - strength) * targets + strength / targets.shape[1]
