"""Inclusions: the training examples that a member is trained on (all, a random share, or all but one fold).

An inclusion is a frozen value. The number of included examples depends on the size of the data alone, so that one
compiled program serves members that are trained on different examples.
"""

import abc
import dataclasses
from collections.abc import Iterable

import jax
import numpy as np
from jaxtyping import Int

from byheart import checks, literals
from byheart.data.noise import n_noisy
from byheart.keys import key_for


@dataclasses.dataclass(frozen=True)
class Inclusion(abc.ABC):
    """The training examples that a member is trained on."""

    @abc.abstractmethod
    def size(self, n_examples: int) -> int:
        """Return the number of included examples, out of `n_examples`.

        Raises:
            BadInput: an inclusion of a part includes none or all of the examples.
        """

    @abc.abstractmethod
    def indices(self, n_examples: int) -> Int[np.ndarray, " included"]:
        """Return the positions of the included examples, ascending."""


@literals.register
@dataclasses.dataclass(frozen=True)
class AllExamples(Inclusion):
    """Train a member on all training examples."""

    def size(self, n_examples: int) -> int:
        """Return `n_examples`."""
        return n_examples

    def indices(self, n_examples: int) -> Int[np.ndarray, " included"]:
        """Return all positions."""
        return np.arange(n_examples)


@literals.register
@dataclasses.dataclass(frozen=True)
class RandomShare(Inclusion):
    """A random share of the training examples; a half by default.

    Attributes:
        seed: seed of the draw.
        share: share of the examples, between 0 and 1; round(share * n) are included.

    >>> RandomShare(seed=3).size(100), RandomShare(seed=3, share=0.8).size(100)
    (50, 80)
    """

    seed: int = 0
    share: float = 0.5

    def __post_init__(self) -> None:
        checks.fields(self, seed=checks.seed, share=checks.fraction)

    def size(self, n_examples: int) -> int:
        """Return round(share * n_examples)."""
        size = n_noisy(self.share, n_examples)
        if not 0 < size < n_examples:
            raise checks.BadInput(
                f"`share` must include some of the {n_examples} training examples, and not all; "
                f"{self.share:g} includes {size}. Use AllExamples() for all."
            )
        return size

    def indices(self, n_examples: int) -> Int[np.ndarray, " included"]:
        """Return the positions of the drawn examples, ascending."""
        order = np.asarray(jax.random.permutation(key_for("inclusion of examples", self.seed), n_examples))
        return np.sort(order[: self.size(n_examples)])


@literals.register
@dataclasses.dataclass(frozen=True)
class AllButFold(Inclusion):
    """Train a member on all examples outside one of several random folds, as in cross-validation.

    Each fold contains ceil(n / n_folds) examples, and every example is in a fold. If `n_folds` does not divide n, the
    last folds repeat examples of the first ones, so that all folds have the same size.

    Attributes:
        n_folds: number of folds, at least 2.
        fold: index of the excluded fold, from 0.
        seed: seed of the draw of folds.

    >>> [AllButFold(4, fold).size(10) for fold in range(4)]
    [7, 7, 7, 7]
    """

    n_folds: int
    fold: int
    seed: int = 0

    def __post_init__(self) -> None:
        checks.fields(self, n_folds=lambda name, value: checks.count(name, value, at_least=2))
        checks.fields(self, fold=checks.count_from_0, seed=checks.seed)
        if self.fold >= self.n_folds:
            raise checks.BadInput(f"`fold` must be one of 0 to {self.n_folds - 1}; got {self.fold}.")

    def size(self, n_examples: int) -> int:
        """Return the number of examples outside a fold."""
        if self.n_folds > n_examples:
            raise checks.BadInput(
                f"`n_folds` must be at most the number of training examples, {n_examples}; got {self.n_folds}."
            )
        return n_examples - -(-n_examples // self.n_folds)

    def indices(self, n_examples: int) -> Int[np.ndarray, " included"]:
        """Return the positions of the examples outside the fold, ascending."""
        n_left_out = n_examples - self.size(n_examples)
        order = np.asarray(jax.random.permutation(key_for("folds of examples", self.seed), n_examples))
        places = (self.fold * n_left_out + np.arange(n_left_out)) % n_examples
        is_included = np.ones(n_examples, bool)
        is_included[order[places]] = False
        return np.flatnonzero(is_included)


def common_size(inclusions: Iterable[Inclusion], n_examples: int) -> int:
    """Return the number of examples that each of `inclusions` includes; `n_examples` if there are none.

    Raises:
        BadInput: they include different numbers of examples.
    """
    by_size = {one.size(n_examples): one for one in dict.fromkeys(inclusions)}
    if len(by_size) > 1:
        got = ", ".join(f"{size} by {one!r}" for size, one in list(by_size.items())[:2])
        raise checks.BadInput(
            f"All members of a sweep must be trained on the same number of examples; got {got}. "
            "Put them in sweeps of their own."
        )
    return next(iter(by_size), n_examples)


def check_all_or_parts(inclusions: Iterable[Inclusion]) -> None:
    """Raise `BadInput` if some inclusions are `AllExamples` and others are not, for any number of examples."""
    if len({isinstance(one, AllExamples) for one in inclusions}) > 1:
        raise checks.BadInput(
            "All members of a sweep must be trained on the same number of examples; got some with "
            "`inclusion=AllExamples()` and some with a part. Put them in sweeps of their own."
        )
