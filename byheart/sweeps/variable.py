"""Description of a measured quantity in stored results."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Variable:
    """A number, or an array of numbers, measured for one network.

    Attributes:
        long_name: description, with its unit.
        axes: name and coordinate values of each axis; empty for a single number. An axis whose values are None has no
            coordinates.
    """

    long_name: str
    axes: tuple[tuple[str, tuple[float, ...] | None], ...] = ()
