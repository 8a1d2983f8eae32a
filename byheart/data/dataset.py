"""Labelled images as a frozen record, checked when made.

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
    checked_class_names,
    checked_images,
    checked_labels,
    check_every_class_has_an_example,
    quoted_names,
)

_CHUNK = 1000
"""Examples summed at once, so that float64 copies of the images stay small."""


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Dataset:
    """Images in [0, 1] with the class of each. All arrays are read-only.

    Images whose largest value is below 128 of 255 are taken, with a `Caution`: their levels may end at 16, say.

    Args:
        images: (example, height, width, channel) or (example, height, width): floats in [0, 1]; uint8, which is
            divided by 255; or truth values.
        labels: (example,) integers from 0 to n_classes - 1.
        class_names: one name a class; by default "0", "1", ...
        name: what reports call the data.
        may_lack_classes: accept classes without an example, as a validation part may have; `class_names` must then be
            given, since the labels do not tell how many classes there are.
        index: (example,) where each example stands in the data it was taken from, which reports name it by; by default 0, 1, ...

    Raises:
        BadInput: shapes, types, ranges or sizes that cannot be right; all that is wrong is told at once.

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
        """Checks and sets all fields."""
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
            raise BadInput(
                f"`images` and `labels` must have as many examples; got {len(pixels)} images and {n} labels."
            )
        places = np.array(
            array("index", np.arange(n) if index is None else index, "example", "whole numbers"), np.int32
        )
        if len(places) != n:
            raise BadInput(f"`index` must be one for each of {n} examples; got {len(places)}.")
        places.flags.writeable = False
        checked["index"] = places
        for field, value in checked.items():
            object.__setattr__(self, field, value)  # How a frozen dataclass sets its own fields.

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.image_shape))
        return f"Dataset({self.name!r}: {len(self):,} examples of {size}, {self.n_classes} classes)"

    @property
    def n_examples(self) -> int:
        """How many images there are."""
        return len(self)

    @property
    def n_classes(self) -> int:
        """How many classes there are, counting those without an example."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image, in pixels."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @cached_property
    def class_counts(self) -> Int[np.ndarray, " class"]:
        """Examples of each class."""
        counts = np.bincount(self.labels, minlength=self.n_classes)
        counts.flags.writeable = False
        return counts

    @cached_property
    def largest(self) -> float:
        """The largest value of all pixels, in units of [0, 1]."""
        return float(self.images.max())

    @cached_property
    def mean(self) -> float:
        """Mean over all pixels of all images and channels, in units of [0, 1], summed in float64."""
        total = sum(float(chunk.sum(dtype=np.float64)) for chunk in self._chunks())
        return total / self.images.size

    @cached_property
    def standard_deviation(self) -> float:
        """Root mean squared deviation of all pixels from `mean`, in units of [0, 1], summed in float64."""
        total = sum(float(np.square(chunk - np.float64(self.mean)).sum()) for chunk in self._chunks())
        return float(np.sqrt(total / self.images.size))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of shape, pixels, labels and class names, in hexadecimal; `name` and `index` do not count."""
        digest = hashlib.sha256(repr((self.images.shape, self.class_names)).encode())
        digest.update(self.images.astype("<f4", copy=False).data)
        digest.update(self.labels.astype("<i4", copy=False).data)
        return digest.hexdigest()

    def take(self, indices: npt.ArrayLike, *, may_lack_classes: bool = False) -> "Dataset":
        """The examples at `indices`, in that order, with the same classes and name.

        Args:
            indices: (chosen,), from 0.
            may_lack_classes: as in the constructor.

        Raises:
            BadInput: no whole numbers, an example that is not there, none at all, or none of a class that needs one.

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
        """The same labels, classes and name with other images."""
        return self.alike(images, self.labels, self.may_lack_classes, self.index)

    def alike(
        self,
        images: npt.ArrayLike,
        labels: npt.ArrayLike,
        may_lack_classes: bool = False,
        index: npt.ArrayLike | None = None,
    ) -> "Dataset":
        """Other images and labels with the same classes and name; arguments are the constructor's.

        Their scale is not looked at: a part of bright images may be dark, and a `Split` compares its parts.
        """
        made = object.__new__(Dataset)
        made._fill(images, labels, self.class_names, self.name, may_lack_classes, index)
        return made

    def _chunks(self) -> list[Float32[np.ndarray, "chunk height width channel"]]:
        return [self.images[start : start + _CHUNK] for start in range(0, len(self), _CHUNK)]


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """What is trained on, and what is kept aside to validate on.

    Parts that are not scaled alike are taken, with a `Caution`: their largest values and their means both differ by a
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
                "Training and validation images must have one shape; "
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
        """A split of parts of data whose scale has been looked at: nothing is said of it again."""
        made = object.__new__(cls)
        for name, part in (("training", training), ("validation", validation)):
            object.__setattr__(made, name, part)
        made._check()
        return made

    @property
    def cautions(self) -> tuple[str, ...]:
        """What may be wrong with the scale of the images, one sentence each; none where they use their range."""
        return tuple(doubt for doubt in (dimness(self.training.largest), self._difference()) if doubt)

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.image_shape))
        return (
            f"Split({self.name!r}: {len(self.training):,} training and {len(self.validation):,} validation examples "
            f"of {size}, {self.n_classes} classes)"
        )

    @property
    def name(self) -> str:
        """What reports call the data."""
        return self.training.name

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one image, in pixels."""
        return self.training.image_shape

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return self.training.n_classes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of both parts' fingerprints, in hexadecimal."""
        return hashlib.sha256(f"{self.training.fingerprint} {self.validation.fingerprint}".encode()).hexdigest()
