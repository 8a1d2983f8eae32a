"""Halves of the examples in which every class keeps its share, in complementary pairs."""

import dataclasses

import jax
import numpy as np
from jaxtyping import Int

from byheart import checks, literals
from byheart.data.inclusion import Inclusion
from byheart.keys import key_for


@literals.register
@dataclasses.dataclass(frozen=True)
class BalancedHalf(Inclusion):
    """A random half of training examples that are ordered by class; every class keeps its share.

    The halves of one seed, with `is_second` False and True, have no example in common. Together they contain all
    examples, except for one, drawn at random, if their number is odd. Of a class with an odd number of examples, one
    half contains one more.

    Attributes:
        class_counts: number of examples of each class: the first class comes first.
        seed: seed of the draw.
        is_second: take the other half.

    >>> first, second = (BalancedHalf((4, 2), seed=3, is_second=one).indices(6) for one in (False, True))
    >>> len(first), (first < 4).sum().item(), sorted([*first.tolist(), *second.tolist()])
    (3, 2, [0, 1, 2, 3, 4, 5])
    """

    class_counts: tuple[int, ...]
    seed: int = 0
    is_second: bool = False

    def __post_init__(self) -> None:
        checks.fields(self, class_counts=checks.each(checks.count_from_0), seed=checks.seed)
        checks.instance("is_second", self.is_second, bool, "True or False")

    def size(self, n_examples: int) -> int:
        """Return half of `n_examples`, rounded down."""
        if n_examples != sum(self.class_counts) or n_examples < 2:
            raise checks.BadInput(
                f"`class_counts` must sum to the number of training examples, {n_examples}, which must be at least 2; "
                f"they sum to {sum(self.class_counts)}."
            )
        return n_examples // 2

    def indices(self, n_examples: int) -> Int[np.ndarray, " included"]:
        """Return the positions of the examples of this half, ascending."""
        size = self.size(n_examples)
        order = np.asarray(jax.random.permutation(key_for("halves of examples", self.seed), n_examples))
        classes = np.repeat(np.arange(len(self.class_counts)), self.class_counts)
        by_class = order[np.argsort(classes[order], kind="stable")]  # At random within each class.
        if n_examples % 2:
            by_class = by_class[by_class != order[0]]
        # Neighbors in this order go to different halves, so each class is divided evenly.
        return np.sort(by_class[int(self.is_second) : 2 * size : 2])
