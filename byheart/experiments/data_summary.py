"""Name and sizes of data, from which an experiment chooses its default settings."""

import dataclasses
from typing import Self

from byheart.data.dataset import Split


@dataclasses.dataclass(frozen=True)
class DataSummary:
    """Name and sizes of data.

    Attributes:
        name: for example "mnist", or the name of a file.
        image_shape: height, width, channels.
        n_training, n_validation: numbers of available examples.
        cautions: possible errors in the scale of the images, one sentence each.
    """

    name: str
    image_shape: tuple[int, int, int]
    n_training: int
    n_validation: int
    cautions: tuple[str, ...] = ()

    @classmethod
    def of(cls, split: Split) -> Self:
        """Return the summary of `split`."""
        return cls(split.name, split.image_shape, len(split.training), len(split.validation), split.cautions)
