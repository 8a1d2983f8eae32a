"""Splits of data into training and validation data."""

import hashlib
import warnings
from dataclasses import dataclass

import numpy as np

from byheart.checks import BadInput, Caution, instance
from byheart.data import grey_levels, vector_scale
from byheart.data.dataset import Dataset
from byheart.data.label_checks import check_every_class_has_an_example, quoted_names
from byheart.inputs import InputShape, in_words


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Training and validation data.

    A `Caution` is issued if the parts are scaled differently: the largest values and the means of images both differ by
    a factor of 2 or more; the means of vectors differ by more than a standard deviation in half of the features, or
    their spreads by more than a factor of 3.

    Attributes:
        training, validation: the parts.
        notes: what was done when the data were loaded, such as files that were skipped; one sentence each.
        concerns: what was found in the data when they were loaded and may mislead; one sentence each.

    Raises:
        BadInput: the parts differ in the shape of inputs or in classes, or a class has no training example.
    """

    training: Dataset
    validation: Dataset
    notes: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check()
        if caution := self._difference():
            warnings.warn(f"{self.name}: {caution}", Caution, stacklevel=3)

    def _check(self) -> None:
        training, validation = self.training, self.validation
        for name, part in (("training", training), ("validation", validation)):
            instance(name, part, Dataset, "a Dataset")
        if training.input_shape != validation.input_shape:
            raise BadInput(
                "Training and validation inputs must have the same shape; "
                f"got {in_words(training.input_shape)} and {in_words(validation.input_shape)}."
            )
        if training.class_names != validation.class_names:
            raise BadInput(
                "Training and validation data must have the same classes; "
                f"got {quoted_names(training.class_names)} and {quoted_names(validation.class_names)}."
            )
        check_every_class_has_an_example(training.labels, training.class_names)

    def _difference(self) -> str:
        training, validation = self.training, self.validation
        if training.are_images:
            parts = [(part.largest, float(part.inputs.mean(dtype=np.float64))) for part in (training, validation)]
            return grey_levels.difference(*parts)
        moments = [(np.asarray(part.mean), np.asarray(part.standard_deviation)) for part in (training, validation)]
        return vector_scale.difference(moments[0], moments[1], len(validation))

    @classmethod
    def of_parts(
        cls, training: Dataset, validation: Dataset, notes: tuple[str, ...] = (), concerns: tuple[str, ...] = ()
    ) -> "Split":
        """Return a split of parts whose scale was checked before; no `Caution` is issued."""
        made = object.__new__(cls)
        given = {"training": training, "validation": validation, "notes": notes, "concerns": concerns}
        for name, value in given.items():
            object.__setattr__(made, name, value)
        made._check()
        return made

    @property
    def cautions(self) -> tuple[str, ...]:
        """Warnings about the scale of the inputs, then `concerns`; one sentence each."""
        return (*(one for one in (self.training.caution, self._difference()) if one), *self.concerns)

    def __repr__(self) -> str:
        size = in_words(self.input_shape)
        return (
            f"Split({self.name!r}: {len(self.training):,} training and {len(self.validation):,} validation examples "
            f"of {size}, {self.n_classes} classes)"
        )

    @property
    def name(self) -> str:
        """Name of the data in reports."""
        return self.training.name

    @property
    def input_shape(self) -> InputShape:
        """Height, width and channels of one image, in pixels; or the number of features of one vector."""
        return self.training.input_shape

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return self.training.n_classes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of both parts' fingerprints, in hexadecimal."""
        return hashlib.sha256(f"{self.training.fingerprint} {self.validation.fingerprint}".encode()).hexdigest()
