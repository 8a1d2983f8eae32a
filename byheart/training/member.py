"""Members: what may differ between the networks of one compiled program."""

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from byheart import checks
from byheart.training.regularizer import Regularizer


@dataclasses.dataclass(frozen=True, order=True)
class Member:
    """One network of a population.

    Attributes:
        seed: fixes the initialization and the shuffling.
        rand_x: share of the training inputs replaced by Gaussian noise.
        rand_y: share of the training labels replaced by random ones.
        learning_rate: in place of the recipe's, if given.
        strengths: of the recipe's regularizers, in their order, in place of the recipe's; none keeps those.
    """

    seed: int = 0
    rand_x: float = 0.0
    rand_y: float = 0.0
    learning_rate: float | None = None
    strengths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        checks.fields(self, seed=checks.seed, rand_x=checks.fraction, rand_y=checks.fraction)
        checks.fields(self, learning_rate=checks.optional(checks.not_negative), strengths=checks.each(checks.finite))

    def learning_rate_or(self, default: float) -> float:
        """The member's own learning rate, or `default`."""
        return default if self.learning_rate is None else self.learning_rate

    def strengths_of(self, regularizers: Sequence[Regularizer]) -> tuple[float, ...]:
        """The strength of each of the recipe's regularizers.

        Raises:
            BadInput: not as many strengths as regularizers, or one out of range.
        """
        if not self.strengths:
            return tuple(one.strength for one in regularizers)
        if len(self.strengths) != len(regularizers):
            raise checks.BadInput(
                f"`strengths` must be one for each of the {len(regularizers)} regularizers; got {self.strengths}."
            )
        return tuple(one.with_strength(value).strength for one, value in zip(regularizers, self.strengths, strict=True))


def grid(
    *,
    seed: Iterable[int] = (0,),
    rand_x: Iterable[float] = (0.0,),
    rand_y: Iterable[float] = (0.0,),
    learning_rate: Iterable[float | None] = (None,),
    strengths: Iterable[tuple[float, ...]] = ((),),
) -> list[Member]:
    """All combinations, seed after seed.

    Raises:
        BadInput: a setting that is no sequence, or holds a value that a `Member` cannot have.

    >>> [(one.seed, one.rand_y) for one in grid(seed=range(2), rand_y=[0.0, 0.4])]
    [(0, 0.0), (0, 0.4), (1, 0.0), (1, 0.4)]
    """
    number = checks.each(_as_float)
    rates = checks.each(checks.optional(_as_float))("learning_rate", learning_rate)
    return [
        Member(*values)
        for values in itertools.product(
            checks.each(checks.seed)("seed", seed),
            number("rand_x", rand_x),
            number("rand_y", rand_y),
            rates,
            checks.each(number)("strengths", strengths),
        )
    ]


def _as_float(name: str, value: Any) -> float:
    return float(checks.finite(name, value))
