"""Kinds of noise: what replaces a share of the inputs or of the labels of a data set.

A kind gives every example, once, a rank and a replacement. At level p the round(p * n) examples of lowest rank are replaced. So noise is
exact in size and nested over levels, and all levels of a sweep share one draw. Each kind is one file beside this one.
"""

import abc
import dataclasses
import fractions
from collections.abc import Iterable
from typing import Any, ClassVar, Literal, Self

import jax
from jaxtyping import Array, Int, Key, Shaped

from byheart import checks
from byheart.data.dataset import Dataset
from byheart.keys import KeyLike, one_key, subkey

RESERVED = (
    "member",
    "epoch",
    "example",
    "seed",
    "learning_rate",
    "inclusion",
    "width",
    "depth",
    "n_training",
    "removed",
)
"""Names in results that are no noise's."""


@dataclasses.dataclass(frozen=True)
class Noise(abc.ABC):
    """A kind of noise at a level: the base class of the built-in kinds and of your own.

    A kind is a frozen dataclass with three class attributes and the method `draw`. All its fields but `level` are settings of the kind;
    members of one sweep must agree in them. Its `repr` must say all that determines its numbers.

    Attributes:
        level: share of the examples that is replaced, in [0, 1].
        id: the name of its column in results, such as "rand_x".
        title: its name in figures and on pages, such as "randX".
        replaces: what it replaces, "inputs" or "labels".

    Raises:
        BadInput: a level out of range; in the definition of a class, an `id` that cannot be a column.
    """

    level: float
    id: ClassVar[str]
    title: ClassVar[str]
    replaces: ClassVar[Literal["inputs", "labels"]]

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        name = getattr(cls, "id", None)
        if not isinstance(name, str) or not name.isidentifier() or name in RESERVED:
            raise checks.BadInput(
                f"`id` of the noise {cls.__name__} must be a name for its column in results, such as "
                f"{cls.__name__.lower()!r}; got {checks.shown(name)}."
            )
        if getattr(cls, "replaces", None) not in ("inputs", "labels"):
            raise checks.BadInput(
                f"`replaces` of the noise {cls.__name__} must be 'inputs' or 'labels'; "
                f"got {checks.shown(getattr(cls, 'replaces', None))}."
            )

    def __post_init__(self) -> None:
        checks.fields(self, level=checks.fraction)

    @abc.abstractmethod
    def draw(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Shaped[Array, "example *input"]:
        """Return the replacement for every example, whatever the level.

        Args:
            dataset: the clean data.
            key: the kind's own key; no other kind has it.
            like: the data set whose mean and deviation inputs should have: the training data, also where `dataset` is the validation
                data.

        Returns:
            (example, height, width, channel) inputs, which may leave [0, 1], or (example,) labels from 0 to n_classes - 1.
        """

    def check(self, image_shape: tuple[int, int, int], n_classes: int) -> None:
        """Raise `BadInput` where the kind does not fit images of this shape or this number of classes. By default all fit."""
        del image_shape, n_classes

    def own_key(self, key: KeyLike) -> Key[Array, ""]:
        """Return the kind's own key, made from the key that all kinds of a data set share."""
        return subkey(one_key(key), self.id)

    def rank(self, n_examples: int, key: KeyLike) -> Int[Array, " example"]:
        """Return the rank of every example, a permutation of 0 to n_examples - 1.

        Args:
            n_examples: number of examples.
            key: the key that all kinds of a data set share.
        """
        return jax.random.permutation(subkey(self.own_key(key), "rank"), n_examples)

    def at(self, level: float) -> Self:
        """Return the same kind at another level."""
        return dataclasses.replace(self, level=level)


def n_noisy(level: float, n_examples: int) -> int:
    """Return the number of noisy examples at `level`: round(level * n_examples), halves to the even number.

    The level counts as the decimal number that it is written as: 0.7 of 45 is exactly 31.5, which the product of floats misses by a hair.

    >>> n_noisy(0.4, 1000), n_noisy(0.7, 45)
    (400, 32)
    """
    return round(fractions.Fraction(str(float(checks.fraction("level", level)))) * n_examples)


def noises_in_order(name: str, noises: Any) -> tuple[Noise, ...]:
    """Return `noises`, one or several, in the order in which they are applied: that of their `id`.

    Where two replace the same input or label, the later one in this order counts.

    Raises:
        BadInput: something that is no noise, two of one kind, or one that cannot be hashed.
    """
    listed = (noises,) if isinstance(noises, Noise) else noises
    several = checks.several(name, listed, Noise, "noises, such as RandX(0.4), or a single one")
    for noise in several:
        try:
            hash(noise)
        except TypeError:
            raise checks.BadInput(
                f"A noise must be hashable, so that members can be told apart; {type(noise).__name__} is not. "
                "Make it a frozen dataclass whose fields are numbers, strings or tuples of them."
            ) from None
    if len({one.id for one in several}) < len(several):
        raise checks.BadInput(
            f"`{name}` may hold one noise of each kind; got {', '.join(map(repr, several))}. "
            "Keep one level, or give a class of your own another `id`."
        )
    return tuple(sorted(several, key=lambda one: one.id))


def kinds_of(noises: Iterable[Noise]) -> tuple[Noise, ...]:
    """Return the kinds among `noises`, each at level 0, in the order of their `id`.

    Raises:
        BadInput: two noises of one `id` that differ in more than their level: they would share a column of results.
    """
    kinds: dict[str, Noise] = {}
    for noise in noises:
        kind = noise.at(0.0)
        if repr(kinds.setdefault(noise.id, kind)) != repr(kind):
            raise checks.BadInput(
                f"Noises named {noise.id!r} must agree in all but their level; got {kinds[noise.id]!r} and {kind!r}. "
                "Put them in sweeps of their own, or give one class another `id`."
            )
    return tuple(kinds[name] for name in sorted(kinds))


def level_of(noises: Iterable[Noise], name: str) -> float:
    """Return the level of the noise whose `id` is `name`; 0 where there is none."""
    return next((noise.level for noise in noises if noise.id == name), 0.0)
