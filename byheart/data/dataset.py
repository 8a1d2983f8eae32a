"""Labelled images as a frozen record, checked when made.

>>> images = np.zeros((4, 2, 3), np.uint8)
>>> Dataset(images, np.array([0, 1, 0, 1]), name="blank")
Dataset('blank': 4 examples of 2 x 3 x 1, 2 classes)
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Int, Int32, Shaped

from byheart.checks import BadInput, Problems

_CHUNK = 1000
"""Examples summed at once, so that float64 copies of the images stay small."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images in [0, 1] with the class of each. All arrays are read-only.

    Args:
        images: (example, height, width, channel) or (example, height, width): floats in [0, 1], or uint8, which is
            divided by 255.
        labels: (example,) integers from 0 to n_classes - 1.
        class_names: one name a class; by default "0", "1", ...
        name: what reports call the data.
        may_lack_classes: accept classes without an example, as a validation part may have; `class_names` must then be
            given, since the labels do not tell how many classes there are.

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
    class_names: tuple[str, ...] = ()
    name: str = "data"
    may_lack_classes: bool = False

    def __post_init__(self) -> None:
        problems = Problems("The data cannot be used")
        with problems.noted():
            object.__setattr__(self, "images", _pixels(np.asarray(self.images)))
        with problems.noted():
            object.__setattr__(self, "class_names", _names(self.class_names))
            labels, names = _classes(np.asarray(self.labels), self.class_names, self.may_lack_classes)
            object.__setattr__(self, "labels", labels)
            object.__setattr__(self, "class_names", names)
        problems.raise_if_any()
        if len(self.images) != len(self.labels):
            raise BadInput(
                f"`images` and `labels` must have as many examples; "
                f"got {len(self.images)} images and {len(self.labels)} labels."
            )

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
        """SHA-256 of shape, pixels, labels and class names, in hexadecimal; `name` does not count."""
        digest = hashlib.sha256(repr((self.images.shape, self.class_names)).encode())
        digest.update(self.images.astype("<f4", copy=False).data)
        digest.update(self.labels.astype("<i4", copy=False).data)
        return digest.hexdigest()

    def take(self, indices: Int[np.ndarray, " chosen"], *, may_lack_classes: bool = False) -> "Dataset":
        """The examples at `indices`, in that order, with the same classes and name.

        >>> data = Dataset(np.zeros((4, 1, 1)), np.array([0, 1, 0, 1]))
        >>> data.take(np.array([3, 0])).labels
        array([1, 0], dtype=int32)
        """
        images = self.images[indices]
        images.flags.writeable = False
        return Dataset(images, self.labels[indices], self.class_names, self.name, may_lack_classes)

    def _chunks(self) -> list[Float32[np.ndarray, "chunk height width channel"]]:
        return [self.images[start : start + _CHUNK] for start in range(0, len(self), _CHUNK)]


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """What is trained on, and what is kept aside to validate on.

    Raises:
        BadInput: the parts differ in image shape or classes, or a class has no training example.
    """

    training: Dataset
    validation: Dataset

    def __post_init__(self) -> None:
        training, validation = self.training, self.validation
        if training.image_shape != validation.image_shape:
            raise BadInput(
                "Training and validation images must have one shape; "
                f"got {training.image_shape} and {validation.image_shape}."
            )
        if training.class_names != validation.class_names:
            raise BadInput(
                "Training and validation data must have the same classes; "
                f"got {_listed(training.class_names)} and {_listed(validation.class_names)}."
            )
        _check_every_class_has_an_example(training.labels, training.class_names)

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


def _pixels(images: Shaped[np.ndarray, "..."]) -> Float32[np.ndarray, "example height width channel"]:
    """`images` as read-only float32 in [0, 1] with a channel axis, or an error that says what to do."""
    if images.ndim not in (3, 4):
        flat = " Are they flattened? Pass `images.reshape(-1, height, width, channels)`." if images.ndim == 2 else ""
        raise BadInput(
            "`images` must have the axes (example, height, width) or (example, height, width, channel); "
            f"got the shape {images.shape}.{flat}"
        )
    if images.size == 0:
        raise BadInput(f"`images` must hold at least one example of at least one pixel; got the shape {images.shape}.")
    if images.ndim == 4 and images.shape[1] in (1, 3, 4) and images.shape[3] > 4:
        raise BadInput(
            f"`images` must have their channels last; got the shape {images.shape}. Pass `np.moveaxis(images, 1, -1)`."
        )
    if images.dtype != np.uint8 and not np.issubdtype(images.dtype, np.floating):
        raise BadInput(
            f"`images` must be uint8 (0 to 255) or floats in [0, 1]; got {images.dtype}. "
            "Where they are whole numbers from 0 to 255, pass `images.astype(np.uint8)`."
        )
    if images.dtype == np.uint8:
        pixels = images.astype(np.float32, order="C")
        pixels /= 255
    else:
        _check_range(images)
        immutable = images.flags.owndata and not images.flags.writeable
        pixels = np.array(images, np.float32, order="C", copy=None if immutable else True)
    pixels = pixels if pixels.ndim == 4 else pixels[..., None]
    pixels.flags.writeable = False
    return pixels


def _check_range(images: Shaped[np.ndarray, "..."]) -> None:
    low, high = float(images.min()), float(images.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        broken = int((~np.isfinite(images)).reshape(len(images), -1).any(axis=1).sum())
        raise BadInput(
            f"`images` must be finite; {broken} of {len(images)} have NaN or infinite pixels. Repair or drop those."
        )
    if low >= 0 and high <= 1:
        return
    if low < 0:
        what_to_do = "Are they standardized? Undo that: networks here may standardize inside, pixels stay in [0, 1]."
    elif 1.01 < high <= 255:
        what_to_do = "Do they run from 0 to 255? Pass `images / 255`."
    else:
        what_to_do = (
            f"Divide by their largest possible value, or pass `np.clip(images, 0, 1)` where {high:g} is rounding."
        )
    raise BadInput(f"`images` must lie in [0, 1]; got values from {low:g} to {high:g}. {what_to_do}")


def _names(class_names: Sequence[str]) -> tuple[str, ...]:
    names = tuple(class_names)
    if isinstance(class_names, str) or not all(isinstance(name, str) for name in names):
        raise BadInput(f"`class_names` must be strings, one a class; got {class_names!r}.")
    if len(set(names)) < len(names):
        raise BadInput(f"`class_names` must differ from each other; got {_listed(names)}.")
    return tuple(str(name) for name in names)


def _classes(
    labels: Shaped[np.ndarray, "..."], class_names: tuple[str, ...], may_lack_classes: bool
) -> tuple[Int32[np.ndarray, " example"], tuple[str, ...]]:
    """`labels` as read-only int32 with the names of their classes, or an error that says what to do."""
    if labels.ndim != 1:
        one_hot = " Are they one-hot? Pass `labels.argmax(axis=1)`." if labels.ndim == 2 and labels.shape[1] > 1 else ""
        column = " Pass `labels.ravel()`." if labels.ndim == 2 and labels.shape[1] == 1 else ""
        raise BadInput(f"`labels` must have one axis, (example); got the shape {labels.shape}.{one_hot}{column}")
    if labels.size == 0:
        raise BadInput("`labels` must hold at least one example; got none.")
    if not np.issubdtype(labels.dtype, np.integer):
        what_to_do = "`np.unique(labels, return_inverse=True)` gives names and numbers."
        if np.issubdtype(labels.dtype, np.floating):
            what_to_do = "Where they are class numbers, pass `labels.astype(int)`."
        raise BadInput(
            f"`labels` must be integers from 0 to the number of classes - 1; got {labels.dtype}. {what_to_do}"
        )
    if may_lack_classes and not class_names:
        raise BadInput("`class_names` must be given where a class may have no example; got none.")
    low, high, n_present = int(labels.min()), int(labels.max()), len(np.unique(labels))
    n_classes = len(class_names) or n_present
    if low < 0 or (class_names and high >= n_classes) or (low == 1 and high == n_classes):
        what_to_do = "Pass `labels - 1`." if low == 1 and high == n_classes else "Renumber them, or name every class."
        raise BadInput(f"`labels` must run from 0 to {n_classes - 1}; got {low} to {high}. {what_to_do}")
    if not class_names and high >= n_classes:
        missing = int(np.setdiff1d(np.arange(n_classes), labels)[0])
        raise BadInput(
            f"Every class must have an example; `labels` run from {low} to {high}, but class {missing} has none. "
            "Renumber them: `np.unique(labels, return_inverse=True)[1]`."
        )
    names = class_names or tuple(map(str, range(n_classes)))
    if len(names) < 2:
        raise BadInput(f"There must be at least 2 classes; got {_listed(names)}.")
    if not may_lack_classes:
        _check_every_class_has_an_example(labels, names)
    frozen = labels.astype(np.int32)
    frozen.flags.writeable = False
    return frozen, names


def _check_every_class_has_an_example(labels: Shaped[np.ndarray, "..."], class_names: tuple[str, ...]) -> None:
    counts = np.bincount(labels, minlength=len(class_names))
    if not counts.all():
        missing = tuple(name for name, count in zip(class_names, counts, strict=True) if not count)
        raise BadInput(
            f"Every class must have an example to train on; {_listed(missing)} of {len(class_names)} classes has none. "
            "Add examples, or leave the class out and renumber the labels."
        )


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(repr(name) for name in names[:10])
    return f"{shown}, ... ({len(names)} in all)" if len(names) > 10 else shown
