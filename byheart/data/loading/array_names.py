"""Names of arrays in a file: which are inputs, which are labels, and to which part they belong."""

import dataclasses
from collections.abc import Collection, Iterable

from byheart.checks import BadInput
from byheart.data.loading.columns import LABEL_NAMES
from byheart.data.loading.part_names import part_named

INPUT_NAMES = ("images", "vectors", "x", "data", "features", "inputs", "embeddings")
"""Names of inputs, in any case and beside the name of a part, as in `X_train` and `validation_images`."""
TARGET_NAMES = (*LABEL_NAMES, "targets")
"""Names of labels, likewise."""


@dataclasses.dataclass(frozen=True)
class Named:
    """The names of the arrays of one part.

    Attributes:
        part: "training", "validation" or "test"; "": the name says no part.
        inputs, labels: names of arrays.
    """

    part: str
    inputs: str
    labels: str


def split_name(name: str) -> tuple[str, str]:
    """Return the name of an array without its part, in lower case, and the part: "" if it says none.

    >>> split_name("X_train"), split_name("validation_images"), split_name("my_labels")
    (('x', 'training'), ('images', 'validation'), ('my_labels', ''))
    """
    words = name.lower().split("_")
    for place in (0, -1):
        if len(words) > 1 and (part := part_named(words[place])):
            return "_".join(words[1:] if place == 0 else words[:-1]), part
    return name.lower(), ""


def of_part(names: Iterable[str], base: str, part: str) -> str | None:
    """Return the array that is named `base` and belongs to `part`; None if there is none."""
    return next((name for name in names if split_name(name) == (base.lower(), part)), None)


def named_parts(names: Collection[str], label: str | None, where: str) -> list[Named]:
    """Return the inputs and labels of each part, by their names.

    Args:
        names: of all arrays.
        label: the name of labels, without a part, if the user gives it.
        where: the file, for messages.

    Raises:
        BadInput: there are no inputs, several, or a part has no labels, or several.

    >>> named_parts(["X_train", "y_train", "X_test", "y_test"], None, "a.npz")[1]
    Named(part='test', inputs='X_test', labels='y_test')
    """
    bases = list(dict.fromkeys(base for base, _ in map(split_name, names) if base in INPUT_NAMES))
    if label is not None and label.lower() in bases:
        bases.remove(label.lower())
    if len(bases) != 1:
        came = f"got {', '.join(f'`{base}`' for base in bases)}" if bases else f"it holds {quoted(names)}"
        raise BadInput(f"{where} must hold inputs under one of the names {quoted(INPUT_NAMES)}; {came}. Rename them.")
    parts = dict.fromkeys(part for base, part in map(split_name, names) if base == bases[0])
    return [Named(part, str(of_part(names, bases[0], part)), _labels_of(names, part, label, where)) for part in parts]


def _labels_of(names: Collection[str], part: str, label: str | None, where: str) -> str:
    wanted = (label.lower(),) if label is not None else TARGET_NAMES
    found = [name for name in names if split_name(name)[1] == part and split_name(name)[0] in wanted]
    if len(found) == 1:
        return found[0]
    kind = f"{part} labels" if part else "labels"
    if found:
        raise BadInput(f"{where} must hold {kind} under one name; got {quoted(found)}. Choose one: `label` (--label).")
    raise BadInput(
        f"{where} must hold {kind}, under one of the names {quoted(wanted)}{f' and {part}' * bool(part)}; it holds "
        f"{quoted(names)}. Name them: `label` (--label)."
    )


def quoted(names: Iterable[str]) -> str:
    """Return names for a message.

    >>> quoted(["x", "y"])
    '`x`, `y`'
    """
    return ", ".join(f"`{name}`" for name in names)
