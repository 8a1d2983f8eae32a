"""What a measured number is: the sentence and the axes it has in stored results."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Variable:
    """A number, or an array of numbers, measured of one network.

    Attributes:
        long_name: what it is, with its unit.
        axes: name and coordinate values of each axis; none for a single number. Values that are None are not known before: places are
            counted.
    """

    long_name: str
    axes: tuple[tuple[str, tuple[float, ...] | None], ...] = ()
