"""Members: the settings that may differ between the networks of one compiled program."""

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from byheart import checks
from byheart.data.inclusion import AllExamples, Inclusion
from byheart.data.noise import Noise, level_of, noises_in_order
from byheart.data.rand_x import GaussianInputs, RandomInputs, RandX
from byheart.data.rand_y import RandY
from byheart.training.regularizer import Regularizer


@dataclasses.dataclass(frozen=True)
class Member:
    """One network of a population.

    Attributes:
        seed: fixes the initialization and the shuffling.
        noise: noise of the training data, at most one of each kind: `RandY(0.4)`, or several as a tuple. They are kept
            in the order of their `id`.
        learning_rate: replaces the recipe's learning rate; None uses the recipe's.
        strengths: one for each of the recipe's regularizers, in order; empty uses the recipe's own.
        inclusion: the training examples that the member is trained on.

    Raises:
        BadInput: a value out of range, two noises of one kind, or a noise that cannot be hashed.

    >>> Member(3, (RandY(0.4), RandX(0.2))).noise
    (RandX(level=0.2, inputs=GaussianInputs()), RandY(level=0.4))
    """

    seed: int = 0
    noise: tuple[Noise, ...] = ()
    learning_rate: float | None = None
    strengths: tuple[float, ...] = ()
    inclusion: Inclusion = AllExamples()

    def __post_init__(self) -> None:
        checks.fields(self, seed=checks.seed, noise=noises_in_order)
        checks.fields(self, learning_rate=checks.optional(checks.not_negative), strengths=checks.each(checks.finite))
        checks.instance("inclusion", self.inclusion, Inclusion, "an inclusion, such as AllExamples() or RandomShare()")

    def level(self, name: str) -> float:
        """Return the level of the noise whose `id` is `name`, such as "rand_x"; 0 where the member has none."""
        return level_of(self.noise, name)

    def learning_rate_or(self, default: float) -> float:
        """Return the member's own learning rate, or `default` if it has none."""
        return default if self.learning_rate is None else self.learning_rate

    def strengths_of(self, regularizers: Sequence[Regularizer]) -> tuple[float, ...]:
        """Return the member's strength of each of the recipe's regularizers.

        Raises:
            BadInput: the number of strengths differs from that of regularizers, or a strength is out of range.
        """
        if not self.strengths:
            return tuple(one.strength for one in regularizers)
        if len(self.strengths) != len(regularizers):
            raise checks.BadInput(
                f"`strengths` must be one for each of the {len(regularizers)} regularizers; got {self.strengths}."
            )
        return tuple(one.with_strength(value).strength for one, value in zip(regularizers, self.strengths, strict=True))


def noise_at(rand_x: float = 0.0, rand_y: float = 0.0, inputs: RandomInputs = GaussianInputs()) -> tuple[Noise, ...]:
    """Return randX and randY at these levels; noise at level 0 is left out.

    >>> noise_at(rand_y=0.4)
    (RandY(level=0.4),)
    """
    return tuple(noise for noise in (RandX(rand_x, inputs), RandY(rand_y)) if noise.level > 0)


def grid(
    *,
    seed: Iterable[int] = (0,),
    rand_x: Iterable[float] = (0.0,),
    rand_y: Iterable[float] = (0.0,),
    noise: Iterable[Noise | tuple[Noise, ...]] = ((),),
    learning_rate: Iterable[float | None] = (None,),
    strengths: Iterable[tuple[float, ...]] = ((),),
    inclusion: Iterable[Inclusion] = (AllExamples(),),
) -> list[Member]:
    """Return the members of all combinations of settings, seed by seed.

    Args:
        seed: seeds of initialization and shuffling.
        rand_x: levels of randX; `rand_x=[0.0, 0.4]` is short for `noise=[(), RandX(0.4)]`.
        rand_y: levels of randY.
        noise: noise of any kind: each item is a noise, or a tuple of noises of several kinds; `()` is no noise.
        learning_rate: learning rates; None uses the recipe's.
        strengths: tuples with one strength for each of the recipe's regularizers; `()` uses the recipe's own.
        inclusion: the training examples that members are trained on.

    Raises:
        BadInput: a setting is not a sequence, or holds a value that a `Member` cannot have.

    >>> [(one.seed, one.noise) for one in grid(seed=range(2), rand_y=[0.0, 0.4])]
    [(0, ()), (0, (RandY(level=0.4),)), (1, ()), (1, (RandY(level=0.4),))]
    """
    number = checks.each(_as_float)
    rates = checks.each(checks.optional(_as_float))("learning_rate", learning_rate)
    return [
        Member(one_seed, (*noise_at(x, y), *others), rate, strength, included)
        for one_seed, x, y, others, rate, strength, included in itertools.product(
            checks.each(checks.seed)("seed", seed),
            number("rand_x", rand_x),
            number("rand_y", rand_y),
            checks.each(noises_in_order)("noise", noise),
            rates,
            checks.each(number)("strengths", strengths),
            checks.several("inclusion", inclusion, Inclusion, "inclusions, such as RandomShare(0)"),
        )
    ]


def _as_float(name: str, value: Any) -> float:
    return float(checks.finite(name, value))
