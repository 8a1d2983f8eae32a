"""Data sets of labelled images or vectors, checked when made.

>>> images = np.zeros((4, 2, 3), np.uint8)
>>> Dataset(images, np.array([0, 1, 0, 1]), name="blank")
Dataset('blank': 4 examples of 2 x 3 x 1, 2 classes)
"""

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Float32, Float64, Int, Int32, Shaped

from byheart.array_checks import array
from byheart.checks import BadInput, Caution, Problems
from byheart.data import grey_levels, vector_scale
from byheart.data.input_checks import checked_inputs
from byheart.data.label_checks import checked_class_names, checked_ids, checked_labels
from byheart.data.legend import Legend
from byheart.data.shared_memory import shared_array
from byheart.inputs import InputShape, Standardizer, are_images, in_words

_CHUNK = 1000
"""Number of inputs summed at once, so that float64 copies stay small."""


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Dataset:
    """Images in [0, 1], or vectors of any real numbers, with a class label each. All arrays are read-only.

    A `Caution` is issued if the largest value of images is below 128 of 255: the grey levels may end at 16, for
    example; or if float32 rounds away the differences of large numbers in vectors.

    Args:
        inputs: images, (example, height, width, channel) or (example, height, width): floats in [0, 1]; uint8, which is
            divided by 255; or booleans. Or vectors, (example, feature): any finite numbers, kept as they are.
        labels: (example,) integers from 0 to n_classes - 1.
        class_names: one name per class; by default "0", "1", ...
        name: name of the data in reports.
        may_lack_classes: accept classes without an example, as in a validation part. `class_names` must then be given,
            since the labels do not determine the number of classes.
        index: (example,) position of each example in the data that it was taken from, shown in reports; by default
            0, 1, ...
        ids: (example,) strings that name the examples, such as file names, shown in reports beside `index`; None: they
            have no names.
        legend: names of features and texts of the source, shown in reports; None: there are none.

    Raises:
        BadInput: invalid shapes, types, ranges or sizes; the message lists all problems.

    >>> data = Dataset(np.array([[[0.0, 1.0]], [[0.5, 0.5]]]), np.array([0, 1]), ("stripe", "flat"))
    >>> data.input_shape, data.n_classes, data.mean
    ((1, 2, 1), 2, 0.5)
    >>> Dataset([[1.0, -200.0], [2.0, 350.0], [1.5, 0.0]], [0, 1, 1])
    Dataset('data': 3 examples of 2 features, 2 classes)
    >>> Dataset(np.zeros((2, 1, 1)), np.array([1, 2]))
    Traceback (most recent call last):
        ...
    byheart.checks.BadInput: `labels` must run from 0 to 1; got 1 to 2. Pass `labels - 1`.
    """

    inputs: Float32[np.ndarray, "example *input"]
    labels: Int32[np.ndarray, " example"]
    class_names: tuple[str, ...]
    name: str
    may_lack_classes: bool
    index: Int32[np.ndarray, " example"]
    ids: Shaped[np.ndarray, " example"] | None
    legend: Legend | None

    def __init__(
        self,
        inputs: npt.ArrayLike,
        labels: npt.ArrayLike,
        class_names: Sequence[str] = (),
        name: str = "data",
        may_lack_classes: bool = False,
        index: npt.ArrayLike | None = None,
        ids: npt.ArrayLike | None = None,
        legend: Legend | None = None,
    ) -> None:
        self._fill(inputs, labels, class_names, name, may_lack_classes, index, ids, legend)
        if caution := self.caution:
            warnings.warn(f"{name}: {caution}", Caution, stacklevel=2)

    def _fill(
        self,
        inputs: npt.ArrayLike,
        labels: npt.ArrayLike,
        class_names: Sequence[str],
        name: str,
        may_lack_classes: bool,
        index: npt.ArrayLike | None,
        ids: npt.ArrayLike | None,
        legend: Legend | None,
    ) -> None:
        """Check and set all fields."""
        checked: dict[str, object] = {"name": name, "may_lack_classes": may_lack_classes, "legend": legend}
        problems = Problems("The data cannot be used")
        with problems.noted():
            checked["inputs"] = values = checked_inputs(inputs)
        with problems.noted():
            names = checked_class_names(class_names)
            numbers, checked["class_names"] = checked_labels(labels, names, may_lack_classes)
            checked["labels"] = numbers
        problems.raise_if_any()
        n = len(numbers)
        if len(values) != n:
            raise BadInput(f"`inputs` and `labels` must have the same length; got {len(values)} inputs and {n} labels.")
        given = np.arange(n) if index is None else index
        positions = np.array(array("index", given, "example", "whole numbers"), np.int32)
        if len(positions) != n:
            raise BadInput(f"`index` must have one entry for each of {n} examples; got {len(positions)}.")
        positions.flags.writeable = False
        checked["index"] = positions
        checked["ids"] = None if ids is None else checked_ids(ids, n)
        for field, value in checked.items():
            object.__setattr__(self, field, value)  # The dataclass is frozen.

    def __len__(self) -> int:
        return len(self.labels)

    def __getstate__(self) -> dict[str, object]:
        """Return the fields alone: a process that reads them may not have started JAX, and computes what it needs."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __repr__(self) -> str:
        size = in_words(self.input_shape)
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
    def input_shape(self) -> InputShape:
        """Height, width and channels of one image, in pixels; or the number of features of one vector."""
        return self.inputs.shape[1:]

    @property
    def are_images(self) -> bool:
        """Return whether inputs are images; otherwise they are vectors."""
        return are_images(self.input_shape)

    @cached_property
    def class_counts(self) -> Int[np.ndarray, " class"]:
        """Number of examples of each class."""
        counts = np.bincount(self.labels, minlength=self.n_classes)
        counts.flags.writeable = False
        return counts

    @cached_property
    def largest(self) -> float:
        """Largest value of all inputs; of images it is in [0, 1]."""
        return float(self.inputs.max())

    @cached_property
    def mean(self) -> float | Float64[np.ndarray, " feature"]:
        """Mean of images over all pixels and channels, one number; or of each feature of vectors. Summed in float64."""
        if self.are_images:
            return sum(float(chunk.sum(dtype=np.float64)) for chunk in self._chunks()) / self.inputs.size
        return self.inputs.mean(axis=0, dtype=np.float64)

    @cached_property
    def standard_deviation(self) -> float | Float64[np.ndarray, " feature"]:
        """Standard deviation, over what `mean` is taken; exactly 0 for a feature that is constant."""
        squares = (np.square(chunk - np.float64(self.mean)) for chunk in self._chunks())
        if self.are_images:
            return float(np.sqrt(sum(float(chunk.sum()) for chunk in squares) / self.inputs.size))
        total = sum((chunk.sum(axis=0) for chunk in squares), np.zeros(self.input_shape))
        return np.where(np.ptp(self.inputs, axis=0) > 0, np.sqrt(total / len(self)), 0.0)

    @cached_property
    def standardizer(self) -> Standardizer | None:
        """The mean and standard deviation of each feature of vectors; None for images, which need none."""
        if self.are_images:
            return None
        with jax.ensure_compile_time_eval():  # The first call may be made inside a traced function.
            return Standardizer(*(jnp.asarray(values, jnp.float32) for values in (self.mean, self.standard_deviation)))

    @property
    def caution(self) -> str:
        """Warning about numbers that may not be what they are meant to be; "" if there is none."""
        return grey_levels.dimness(self.largest) if self.are_images else vector_scale.coarseness(self.inputs)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of shape, inputs, labels and class names, in hexadecimal, without `name`, `index` and `ids`."""
        digest = hashlib.sha256(repr((self.inputs.shape, self.class_names)).encode())
        digest.update(self.inputs.astype("<f4", copy=False).data)
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
        shape = (len(chosen), *self.input_shape)
        inputs = shared_array(shape, lambda empty: np.take(self.inputs, chosen, axis=0, out=empty, mode="clip"))
        ids = None if self.ids is None else self.ids[chosen]
        return self.alike(inputs, self.labels[chosen], may_lack_classes, self.index[chosen], ids)

    def with_inputs(self, inputs: Float32[np.ndarray, "example *input"]) -> "Dataset":
        """Return the same labels, classes and name with other inputs."""
        return self.alike(inputs, self.labels, self.may_lack_classes, self.index, self.ids)

    def alike(
        self,
        inputs: npt.ArrayLike,
        labels: npt.ArrayLike,
        may_lack_classes: bool = False,
        index: npt.ArrayLike | None = None,
        ids: npt.ArrayLike | None = None,
    ) -> "Dataset":
        """Return other inputs and labels with the same classes and name; arguments are those of the constructor.

        No `Caution` is issued: a part of bright images may be dark, and a `Split` compares its parts.
        """
        made = object.__new__(Dataset)
        made._fill(inputs, labels, self.class_names, self.name, may_lack_classes, index, ids, self.legend)
        return made

    def _chunks(self) -> list[Float32[np.ndarray, "chunk *input"]]:
        return [self.inputs[start : start + _CHUNK] for start in range(0, len(self), _CHUNK)]
