"""Names of folders, and values of a column, that say which part of the data an example belongs to."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Shaped

from byheart.checks import BadInput

TRAINING = ("train", "training")
VALIDATION = ("validation", "valid", "val", "dev")
TEST = ("test", "testing")


def part_named(name: str) -> str:
    """Return "training", "validation" or "test" for a name that says so; otherwise "".

    >>> [part_named(name) for name in ("Train", "val", "test", "cats")]
    ['training', 'validation', 'test', '']
    """
    parts = {"training": TRAINING, "validation": VALIDATION, "test": TEST}
    return next((part for part, names in parts.items() if name.strip().lower() in names), "")


def parts_of(values: Sequence[str], column: str) -> tuple[Shaped[np.ndarray, " example"], str]:
    """Return the part of each example, and a note about those that are to be left out, or "".

    Test examples are the validation part if no value names one. Otherwise they are to be left out: their part is
    "test".

    Args:
        values: for each example a name such as "train" or "test".
        column: name of the column, for messages.

    Raises:
        BadInput: a value names no part.

    >>> parts_of(["train", "test"], "split")
    (array(['training', 'validation'], dtype='<U10'), '')
    """
    named = {value: part_named(value) for value in dict.fromkeys(values)}
    unknown = [value for value, part in named.items() if not part]
    if unknown:
        raise BadInput(
            f"The column {column!r} must say train, validation or test for each example; got {unknown[0]!r}. "
            "To draw the validation part, pass a share such as 0.2."
        )
    has_validation = "validation" in named.values()
    part = np.array([named[value] for value in values])
    is_test = part == "test"
    if not has_validation:
        return np.where(is_test, "validation", part), ""
    note = f"{is_test.sum():,} test examples are left out, since there are validation examples." * bool(is_test.any())
    return part, note
