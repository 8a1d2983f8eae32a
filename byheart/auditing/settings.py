"""The settings of an audit, checked before anything is trained."""

import dataclasses

from byheart import checks, literals
from byheart.auditing.learners import Learner, checked_learner
from byheart.networks.network import Architecture
from byheart.training.optimizers import Adam, Optimizer, as_optimizer

FEWEST_NETWORKS = 12
"""With fewer networks no verdict is sure, even if all votes agree (auditing/verdicts.py)."""
LARGEST_BATCH = 64
"""Number of examples in a minibatch, unless the data are small."""
FEWEST_UPDATES = 8
"""Smallest number of updates in an epoch, if there are enough examples: batches are smaller for small data."""


@dataclasses.dataclass(frozen=True)
class AuditSettings:
    """The settings of an audit.

    Attributes:
        networks: number of networks, even; each pair is trained on two complementary halves of the examples.
        architecture: of all networks; None chooses among sizes by held-out accuracy (auditing/choice.py).
        optimizer: of all networks.
        epochs: of all networks; None chooses by held-out accuracy.
        plant: share of labels to make wrong for a check of the stated power; None plants none.
        seed_base: the first seed.
        learner: trains classifiers in place of networks; None trains networks.

    Raises:
        BadInput: a value is out of range, or belongs to networks where a learner is given.
    """

    networks: int = 40
    architecture: Architecture | None = None
    optimizer: Optimizer = Adam()
    epochs: int | None = None
    plant: float | None = None
    seed_base: int = 0
    learner: Learner | None = None

    def __post_init__(self) -> None:
        problems = checks.Problems("The audit cannot start")
        with problems.noted():
            checks.fields(self, networks=_number_of_networks)
        with problems.noted():
            if self.architecture is not None:
                literals.check_is_a("architecture", self.architecture, Architecture)
        with problems.noted():
            object.__setattr__(self, "optimizer", as_optimizer(self.optimizer))
        with problems.noted():
            checks.fields(self, epochs=checks.optional(checks.count))
        with problems.noted():
            checks.fields(self, plant=checks.optional(_share_to_plant))
        with problems.noted():
            checks.fields(self, seed_base=checks.seed)
        with problems.noted():
            checks.fields(self, learner=checks.optional(checked_learner))
        for name in ("architecture", "epochs"):
            if self.learner is not None and getattr(self, name) is not None:
                problems.messages.append(f"`{name}` is of networks; a `learner` trains by its own settings.")
        problems.raise_if_any()


def batch_size(n_examples: int) -> int:
    """Return the number of examples in a minibatch, for networks that are trained on half of `n_examples`.

    >>> batch_size(10_000), batch_size(400), batch_size(20)
    (64, 25, 1)
    """
    return max(1, min(LARGEST_BATCH, n_examples // 2 // FEWEST_UPDATES))


def _number_of_networks(name: str, value: object) -> int:
    number = checks.count(name, value, at_least=FEWEST_NETWORKS)
    if number % 2:
        raise checks.BadInput(f"`{name}` must be even, since networks come in pairs; got {number}.")
    return number


def _share_to_plant(name: str, value: object) -> float:
    share = checks.fraction(name, value)
    if not 0 < share <= 0.5:
        raise checks.BadInput(f"`{name}` must be above 0 and at most 0.5; got {share:g}.")
    return share
