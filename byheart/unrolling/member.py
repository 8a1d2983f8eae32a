"""Members of a sweep of training runs that are differentiated through."""

import dataclasses

from byheart import checks
from byheart.data.inclusion import AllExamples, Inclusion
from byheart.data.noise import Noise, level_of, noises_in_order


@dataclasses.dataclass(frozen=True)
class UnrolledMember:
    """One training run.

    Attributes:
        seed: fixes the initialization and the minibatches.
        noise: of its training data, at most one of each kind, as in `Member`.
        unique_classes: whether each example is a class of its own, so that the network must tell all of them apart.
        inclusion: the training examples that the run is trained on. Sensitivities of the others are NaN.
    """

    seed: int = 0
    noise: tuple[Noise, ...] = ()
    unique_classes: bool = False
    inclusion: Inclusion = AllExamples()

    def __post_init__(self) -> None:
        checks.fields(self, seed=checks.seed, noise=noises_in_order)
        checks.instance("inclusion", self.inclusion, Inclusion, "an inclusion, such as AllExamples() or RandomShare()")

    def level(self, name: str) -> float:
        """Return the level of the noise whose `id` is `name`, such as "rand_x"; 0 where the member has none."""
        return level_of(self.noise, name)
