"""Label flips by a class-to-class matrix, like labels of people, who confuse some classes more than others."""

import dataclasses
import math
from typing import Any, ClassVar, Literal, Self

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Key

from byheart import checks, literals
from byheart.data.dataset import Dataset
from byheart.data.noise import Noise
from byheart.inputs import InputShape

ROW_SUM_TOLERANCE = 1e-6
"""Largest deviation of the sum of a row's probabilities from 1."""


@literals.register
@dataclasses.dataclass(frozen=True)
class ClassFlips(Noise):
    """Label flips: a share `level` in [0, 1] of the labels is redrawn from the row of the example's own class.

    Attributes:
        matrix: probabilities as nested lists or an array, kept as a tuple of tuples. The row is the example's own
            class, the column the new one. Rows sum to 1. With a diagonal above 0, some redrawn labels stay the same.

    Raises:
        BadInput: the matrix is not square, holds numbers outside [0, 1], or has a row that does not sum to 1; before
            training, the number of rows differs from that of classes.

    >>> ClassFlips(0.4, ((0.0, 1.0), (0.5, 0.5)))
    ClassFlips(level=0.4, matrix=((0.0, 1.0), (0.5, 0.5)))
    """

    matrix: tuple[tuple[float, ...], ...]
    id: ClassVar[str] = "class_flips"
    title: ClassVar[str] = "label flips"
    replaces: ClassVar[Literal["inputs", "labels"]] = "labels"

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.fields(self, matrix=_checked_matrix)

    @classmethod
    def to_any_other(cls, level: float, n_classes: int) -> Self:
        """Return flips to a class drawn uniformly from all other classes.

        >>> ClassFlips.to_any_other(0.2, 3).matrix
        ((0.0, 0.5, 0.5), (0.5, 0.0, 0.5), (0.5, 0.5, 0.0))
        """
        n_classes = checks.count("n_classes", n_classes, at_least=2)
        return cls(level, _checked_matrix("matrix", (1 - np.eye(n_classes)) / (n_classes - 1)))

    @classmethod
    def to_next(cls, level: float, n_classes: int) -> Self:
        """Return flips to the next class, and from the last class to the first.

        >>> ClassFlips.to_next(0.2, 3).matrix
        ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
        """
        n_classes = checks.count("n_classes", n_classes, at_least=2)
        return cls(level, _checked_matrix("matrix", np.roll(np.eye(n_classes), 1, axis=1)))

    def check(self, input_shape: InputShape, n_classes: int) -> None:
        """Raise `BadInput` unless the matrix has a row for each class."""
        del input_shape
        if len(self.matrix) != n_classes:
            raise checks.BadInput(
                f"`matrix` must have a row and a column for each of the {n_classes} classes; "
                f"got {len(self.matrix)} x {len(self.matrix)}."
            )

    def draw(self, dataset: Dataset, key: Key[Array, ""], like: Dataset) -> Int[Array, " example"]:
        """Return a label for every example, drawn from the row of its own class; `like` is not needed."""
        del like
        rows = jnp.log(jnp.asarray(self.matrix, jnp.float32))[dataset.labels]
        return jax.random.categorical(key, rows).astype(jnp.int32)


def _checked_matrix(name: str, value: Any) -> tuple[tuple[float, ...], ...]:
    rows = checks.each(checks.each(lambda name, number: float(checks.fraction(name, number))))(name, value)
    for index, row in enumerate(rows):
        if len(row) != len(rows):
            raise checks.BadInput(
                f"`{name}` must have as many columns as rows, one for each class; "
                f"got {len(rows)} rows, and {len(row)} numbers in row {index}."
            )
        if not math.isclose(math.fsum(row), 1, abs_tol=ROW_SUM_TOLERANCE):
            raise checks.BadInput(f"Each row of `{name}` must sum to 1; row {index} sums to {math.fsum(row):g}.")
    return rows
