"""Parts of the training data: fewer examples, or those that noise would leave clean."""

import dataclasses

import numpy as np

from byheart import checks
from byheart.data.noise import Noise, n_noisy
from byheart.data.noisy_dataset import PURPOSE
from byheart.data.split import Split
from byheart.data.stratified import stratified_subset
from byheart.keys import key_for


@dataclasses.dataclass(frozen=True)
class Subset:
    """Some of the training examples; validation data stay the same.

    Attributes:
        n_examples: number of examples, drawn within each class. Smaller subsets are part of larger ones, up to rounding
            within classes.
        without: drop the examples that this noise, of any kind, would replace among the `n_examples`. This is the
            control "noise removed": a network that never sees the noisy examples.

    >>> from byheart.data.rand_x import RandX
    >>> Subset(1000, without=RandX(0.4)).size
    600
    """

    n_examples: int
    without: Noise | None = None

    def __post_init__(self) -> None:
        checks.fields(self, n_examples=checks.count)
        checks.instance("without", self.without, (Noise, type(None)), "a noise, such as RandX(0.4), or None")

    @property
    def size(self) -> int:
        """Number of remaining examples."""
        return self.n_examples - n_noisy(self.removed, self.n_examples)

    @property
    def removed(self) -> float:
        """Share of the `n_examples` that are dropped."""
        return 0.0 if self.without is None else self.without.level

    def of(self, split: Split, noise_seed: int = 0) -> Split:
        """Return the split with this subset as training data.

        Args:
            split: all of the data.
            noise_seed: seed of the noise whose examples are dropped.

        Raises:
            BadInput: there are fewer examples than `n_examples`, or none remain of a class.
        """
        training = stratified_subset(split.training, self.n_examples, seed=0)
        if self.without is not None:
            rank = np.asarray(self.without.rank(len(training), key_for(PURPOSE, noise_seed)))
            training = training.take(np.flatnonzero(rank >= n_noisy(self.removed, len(training))))
        return Split.of_parts(training, split.validation)
