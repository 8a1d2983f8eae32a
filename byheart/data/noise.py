"""The base class of noise, which replaces a share of the inputs or labels of a data set.

A kind of noise draws a rank and a replacement for every example. At level p the round(p * n) examples of lowest rank
are replaced. The number of noisy examples is therefore exact, noisy examples are nested over levels, and all levels of
a sweep share one draw. Each kind is in a file of its own in this folder.
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
from byheart.inputs import InputShape
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
"""Names in results that no noise may have."""


@dataclasses.dataclass(frozen=True)
class Noise(abc.ABC):
    """A kind of noise at a level: the base class of the built-in kinds and of your own.

    A kind is a frozen dataclass with three class attributes and the method `draw`. All fields except `level` are
    settings of the kind, which must be equal for all members of a sweep. The `repr` must contain everything that
    determines the numbers.

    Attributes:
        level: share of the examples that are replaced, in [0, 1].
        id: name of the column in results, such as "rand_x".
        title: name in figures and reports, such as "randX".
        replaces: "inputs" or "labels".

    Raises:
        BadInput: the level is out of range; when a class is defined, its `id` cannot be the name of a column.
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
        """Return the replacement for every example, independent of the level.

        Args:
            dataset: the clean data.
            key: the key of this kind; other kinds have other keys.
            like: the data set whose mean and standard deviation random inputs should have. It is the training data,
                even if `dataset` is the validation data.

        Returns:
            (example, *input) inputs, which may lie outside [0, 1] of images, or (example,) labels from 0 to
            n_classes - 1.
        """

    def check(self, input_shape: InputShape, n_classes: int) -> None:
        """Raise `BadInput` if the kind does not fit inputs of this shape, or this number of classes.

        `input_shape` is (height, width, channel) of images, or (feature,) of vectors.

        By default all data fit.
        """
        del input_shape, n_classes

    def own_key(self, key: KeyLike) -> Key[Array, ""]:
        """Return the key of this kind, derived from the key that all kinds of a data set share."""
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
    """Return the number of noisy examples at `level`: round(level * n_examples), with halves rounded to even.

    The level is used as the decimal number that it is written as: 0.7 of 45 is exactly 31.5, unlike the product of
    floats.

    >>> n_noisy(0.4, 1000), n_noisy(0.7, 45)
    (400, 32)
    """
    return round(fractions.Fraction(str(float(checks.fraction("level", level)))) * n_examples)


def noises_in_order(name: str, noises: Any) -> tuple[Noise, ...]:
    """Return one or several noises in the order in which they are applied, sorted by `id`.

    If two noises replace the same input or label, the later one counts.

    Raises:
        BadInput: a value is not a noise, two are of one kind, or one cannot be hashed.
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
    """Return the kinds among `noises`, each at level 0, sorted by `id`.

    Raises:
        BadInput: two noises of one `id` differ in more than their level, but would share a column of results.
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
    """Return the level of the noise whose `id` is `name`; 0 if there is none."""
    return next((noise.level for noise in noises if noise.id == name), 0.0)
