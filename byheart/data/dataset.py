"""Data sets of labelled images, checked when made, and splits into training and validation data.

>>> images = np.zeros((4, 2, 3), np.uint8)
>>> Dataset(images, np.array([0, 1, 0, 1]), name="blank")
Dataset('blank': 4 examples of 2 x 3 x 1, 2 classes)
"""

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from jaxtyping import Float32, Int, Int32

from byheart.array_checks import array
from byheart.checks import BadInput, Caution, Problems, instance
from byheart.data.grey_levels import difference, dimness
from byheart.data.image_checks import (
    check_every_class_has_an_example,
    checked_class_names,
    checked_images,
    checked_labels,
    quoted_names,
)

_CHUNK = 1000
"""Number of images summed at once, so that float64 copies stay small."""


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Dataset:
    """Images in [0, 1] with a class label each. All arrays are read-only.

    A `Caution` is issued if the largest value is below 128 of 255: the grey levels may end at 16, for example.

    Args:
        images: (example, height, width, channel) or (example, height, width): floats in [0, 1]; uint8, which is
            divided by 255; or booleans.
        labels: (example,) integers from 0 to n_classes - 1.
        class_names: one name per class; by default "0", "1", ...
        name: name of the data in reports.
        may_lack_classes: accept classes without an example, as in a validation part. `class_names` must then be given,
            since the labels do not determine the number of classes.
        index: (example,) position of each example in the data that it was taken from, shown in reports; by default
            0, 1, ...

    Raises:
        BadInput: invalid shapes, types, ranges or sizes; the message lists all problems.

    >>> data = Dataset(np.array([[[0.0, 1.0]], [[0.5, 0.5]]]), np.array([0, 1]), ("stripe", "flat"))
    >>> data.image_shape, data.n_classes, data.mean
    ((1, 2, 1), 2, 0.5)
    >>> Dataset(np.zeros((2, 1, 1)), np.array([1, 2]))
    Traceback (most recent call last):
        ...
    byheart.checks.BadInput: `labels` must run from 0 to 1; got 1 to 2. Pass `labels - 1`.
    """

    images: Float32[np.ndarray, "example height width channel"]
    labels: Int32[np.ndarray, " example"]
    class_names: tuple[str, ...]
    name: str
    may_lack_classes: bool
    index: Int32[np.ndarray, " example"]

    def __init__(
        self,
        images: npt.ArrayLike,
        labels: npt.ArrayLike,
        class_names: Sequence[str] = (),
        name: str = "data",
        may_lack_classes: bool = False,
        index: npt.ArrayLike | None = None,
    ) -> None:
        self._fill(images, labels, class_names, name, may_lack_classes, index)
        if doubt := dimness(self.largest):
            warnings.warn(f"{name}: {doubt}", Caution, stacklevel=2)

    def _fill(
        self,
        images: npt.ArrayLike,
        labels: npt.ArrayLike,
        class_names: Sequence[str],
        name: str,
        may_lack_classes: bool,
        index: npt.ArrayLike | None,
    ) -> None:
        """Check and set all fields."""
        checked: dict[str, object] = {"name": name, "may_lack_classes": may_lack_classes}
        problems = Problems("The data cannot be used")
        with problems.noted():
            checked["images"] = pixels = checked_images(images)
        with problems.noted():
            names = checked_class_names(class_names)
            numbers, checked["class_names"] = checked_labels(labels, names, may_lack_classes)
            checked["labels"] = numbers
        problems.raise_if_any()
        n = len(numbers)
        if len(pixels) != n:
            raise BadInput(f"`images` and `labels` must have the same length; got {len(pixels)} images and {n} labels.")
        given = np.arange(n) if index is None else index
        positions = np.array(array("index", given, "example", "whole numbers"), np.int32)
        if len(positions) != n:
            raise BadInput(f"`index` must have one entry for each of {n} examples; got {len(positions)}.")
        positions.flags.writeable = False
        checked["index"] = positions
        for field, value in checked.items():
            object.__setattr__(self, field, value)  # The dataclass is frozen.

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.image_shape))
        return f"Dataset({self.name!r}: {len(self):,} examples of {size}, {self.n_classes} classes)"

    @property
    def n_examples(self) -> int:
        """Number of examples."""
        return len(self)

    @property
    def n_classes(self) -> int:
        """Number of classes, including those without an example."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image, in pixels."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @cached_property
    def class_counts(self) -> Int[np.ndarray, " class"]:
        """Number of examples of each class."""
        counts = np.bincount(self.labels, minlength=self.n_classes)
        counts.flags.writeable = False
        return counts

    @cached_property
    def largest(self) -> float:
        """Largest value of all pixels, in [0, 1]."""
        return float(self.images.max())

    @cached_property
    def mean(self) -> float:
        """Mean over all pixels of all images and channels, summed in float64."""
        total = sum(float(chunk.sum(dtype=np.float64)) for chunk in self._chunks())
        return total / self.images.size

    @cached_property
    def standard_deviation(self) -> float:
        """Standard deviation over all pixels of all images and channels, summed in float64."""
        total = sum(float(np.square(chunk - np.float64(self.mean)).sum()) for chunk in self._chunks())
        return float(np.sqrt(total / self.images.size))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of shape, pixels, labels and class names, in hexadecimal; `name` and `index` are not included."""
        digest = hashlib.sha256(repr((self.images.shape, self.class_names)).encode())
        digest.update(self.images.astype("<f4", copy=False).data)
        digest.update(self.labels.astype("<i4", copy=False).data)
        return digest.hexdigest()

    def take(self, indices: npt.ArrayLike, *, may_lack_classes: bool = False) -> "Dataset":
        """Return the examples at `indices`, in that order, with the same classes and name.

        Args:
            indices: (chosen,) integers from 0.
            may_lack_classes: accept classes without a chosen example.

        Raises:
            BadInput: no integers, an index out of range, no index, or no example of a class that needs one.

        >>> data = Dataset(np.zeros((4, 1, 1)), np.array([0, 1, 0, 1]))
        >>> data.take(np.array([3, 0])).labels
        array([1, 0], dtype=int32)
        """
        chosen = array("indices", indices, "chosen", "whole numbers")
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < len(self):
            raise BadInput(
                f"`indices` must lie in 0 to {len(self) - 1}, the examples of {self.name!r}; "
                f"got {chosen.min()} to {chosen.max()}."
            )
        images = self.images[chosen]
        images.flags.writeable = False
        return self.alike(images, self.labels[chosen], may_lack_classes, self.index[chosen])

    def with_images(self, images: Float32[np.ndarray, "example height width channel"]) -> "Dataset":
        """Return the same labels, classes and name with other images."""
        return self.alike(images, self.labels, self.may_lack_classes, self.index)

    def alike(
        self,
        images: npt.ArrayLike,
        labels: npt.ArrayLike,
        may_lack_classes: bool = False,
        index: npt.ArrayLike | None = None,
    ) -> "Dataset":
        """Return other images and labels with the same classes and name; arguments are those of the constructor.

        No `Caution` is issued: a part of bright images may be dark, and a `Split` compares its parts.
        """
        made = object.__new__(Dataset)
        made._fill(images, labels, self.class_names, self.name, may_lack_classes, index)
        return made

    def _chunks(self) -> list[Float32[np.ndarray, "chunk height width channel"]]:
        return [self.images[start : start + _CHUNK] for start in range(0, len(self), _CHUNK)]


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Training and validation data.

    A `Caution` is issued if the parts are scaled differently: their largest values and their means both differ by a
    factor of 2 or more.

    Raises:
        BadInput: the parts differ in image shape or classes, or a class has no training example.
    """

    training: Dataset
    validation: Dataset

    def __post_init__(self) -> None:
        self._check()
        if doubt := self._difference():
            warnings.warn(f"{self.name}: {doubt}", Caution, stacklevel=3)

    def _check(self) -> None:
        training, validation = self.training, self.validation
        for name, part in (("training", training), ("validation", validation)):
            instance(name, part, Dataset, "a Dataset")
        if training.image_shape != validation.image_shape:
            raise BadInput(
                "Training and validation images must have the same shape; "
                f"got {training.image_shape} and {validation.image_shape}."
            )
        if training.class_names != validation.class_names:
            raise BadInput(
                "Training and validation data must have the same classes; "
                f"got {quoted_names(training.class_names)} and {quoted_names(validation.class_names)}."
            )
        check_every_class_has_an_example(training.labels, training.class_names)

    def _difference(self) -> str:
        parts = [(part.largest, float(part.images.mean(dtype=np.float64))) for part in (self.training, self.validation)]
        return difference(*parts)

    @classmethod
    def of_parts(cls, training: Dataset, validation: Dataset) -> "Split":
        """Return a split of parts whose scale was checked before; no `Caution` is issued."""
        made = object.__new__(cls)
        for name, part in (("training", training), ("validation", validation)):
            object.__setattr__(made, name, part)
        made._check()
        return made

    @property
    def cautions(self) -> tuple[str, ...]:
        """Warnings about the scale of the images, one sentence each."""
        return tuple(doubt for doubt in (dimness(self.training.largest), self._difference()) if doubt)

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.image_shape))
        return (
            f"Split({self.name!r}: {len(self.training):,} training and {len(self.validation):,} validation examples "
            f"of {size}, {self.n_classes} classes)"
        )

    @property
    def name(self) -> str:
        """Name of the data in reports."""
        return self.training.name

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image, in pixels."""
        return self.training.image_shape

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return self.training.n_classes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of both parts' fingerprints, in hexadecimal."""
        return hashlib.sha256(f"{self.training.fingerprint} {self.validation.fingerprint}".encode()).hexdigest()
