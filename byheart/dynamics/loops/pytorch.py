"""A data set of PyTorch whose examples bring their position along."""

from collections.abc import Mapping
from typing import Any

from byheart import checks


class WithIndex:
    """A map-style data set whose items begin with their position, as `Dynamics.batch` needs it.

    A tuple (x, y) becomes (index, x, y); a dictionary gets the key "index"; anything else becomes (index, item).
    `torch.utils.data.DataLoader` takes it with its default collation, any sampler and any number of workers: the index
    is that of the data set, whatever the order. Of a `Subset`, wrap the whole for positions in the whole, and the
    subset for positions in the subset: `Dynamics` needs as many labels as there are positions.

    Args:
        dataset: has `__len__` and `__getitem__`.

    Raises:
        BadInput: an iterable-style data set, whose examples have no position.

    >>> list(WithIndex([("a cat", 0), ("a dog", 1)]))
    [(0, 'a cat', 0), (1, 'a dog', 1)]
    >>> WithIndex([{"text": "a cat", "label": 0}])[0]
    {'text': 'a cat', 'label': 0, 'index': 0}
    """

    def __init__(self, dataset: Any) -> None:
        if not (hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")):
            raise checks.BadInput(
                f"`dataset` must have positions (`__getitem__` and `__len__`); {type(dataset).__name__} has none. Let "
                "an iterable data set yield the position of each example itself."
            )
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: Any) -> Any:
        position = int(index)
        if not 0 <= position < len(self):
            raise IndexError(f"The position must lie in 0 to {len(self) - 1}; got {position}.")
        item = self.dataset[position]
        if isinstance(item, Mapping):
            return {**item, "index": position}
        return (position, *item) if isinstance(item, tuple | list) else (position, item)
