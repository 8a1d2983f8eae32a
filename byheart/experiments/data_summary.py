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
        cautions: possible errors in the inputs or labels, one sentence each.
        notes: what was skipped or left out when the data were loaded, one sentence each.
        folder: absolute path of the folder below which ids of examples name files; empty: they name no files.
    """

    name: str
    input_shape: InputShape
    n_training: int
    n_validation: int
    cautions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    folder: str = ""

    @classmethod
    def of(cls, split: Split) -> Self:
        """Return the summary of `split`."""
        sizes = len(split.training), len(split.validation)
        folder = "" if split.training.legend is None else split.training.legend.folder
        return cls(split.name, split.input_shape, *sizes, split.cautions, split.notes, folder)
