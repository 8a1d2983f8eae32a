"""Name and sizes of data, from which an experiment chooses its default settings."""

import dataclasses
from typing import Self

from byheart.data.split import Split
from byheart.inputs import InputShape


@dataclasses.dataclass(frozen=True)
class DataSummary:
    """Name and sizes of data.

    Attributes:
        name: for example "mnist", or the name of a file.
        input_shape: height, width and channels of images, or the number of features of vectors.
        n_training, n_validation: numbers of available examples.
        cautions: possible errors in the scale of the inputs, one sentence each.
    """

    name: str
    input_shape: InputShape
    n_training: int
    n_validation: int
    cautions: tuple[str, ...] = ()

    @classmethod
    def of(cls, split: Split) -> Self:
        """Return the summary of `split`."""
        return cls(split.name, split.input_shape, len(split.training), len(split.validation), split.cautions)
