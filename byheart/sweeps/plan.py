"""What a sweep would take, by estimate: its populations, their chunks, memory and time."""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class HasMembers(Protocol):
    """Anything with members, such as a chunk."""

    @property
    def members(self) -> Sequence[object]:
        """Return what is computed, in order."""


@dataclasses.dataclass(frozen=True)
class PlannedPopulation:
    """Networks that share a compiled program.

    Attributes:
        recipe: what they share: parts that can be read alone.
        chunks: networks in each chunk.
        chunk_bytes: memory of the largest chunk, by estimate, without the data, on all devices together.
        seconds: to train and measure them on this machine, by estimate; compiling comes on top, and of a search, whose length
            is unknown, all steps but one.
        seconds_on_h100: the same on one NVIDIA H100.
    """

    recipe: tuple[str, ...]
    chunks: tuple[int, ...]
    chunk_bytes: int
    seconds: float
    seconds_on_h100: float

    @property
    def networks(self) -> int:
        """Return how many there are."""
        return sum(self.chunks)


@dataclasses.dataclass(frozen=True)
class Totals:
    """Sums over several populations.

    Attributes:
        networks, chunks: how many there are.
        chunk_bytes: memory of the largest chunk.
        seconds, seconds_on_h100: added up.
    """

    networks: int
    chunks: int
    chunk_bytes: int
    seconds: float
    seconds_on_h100: float

    @classmethod
    def of(cls, populations: Iterable[PlannedPopulation]) -> "Totals":
        """Return those of `populations`."""
        listed = list(populations)
        return cls(
            networks=sum(one.networks for one in listed),
            chunks=sum(len(one.chunks) for one in listed),
            chunk_bytes=max((one.chunk_bytes for one in listed), default=0),
            seconds=math.fsum(one.seconds for one in listed),
            seconds_on_h100=math.fsum(one.seconds_on_h100 for one in listed),
        )


def sizes_of(chunks: Iterable[HasMembers]) -> tuple[int, ...]:
    """Return the number of members of each chunk."""
    return tuple(len(chunk.members) for chunk in chunks)


def short_repr(value: Any) -> str:
    """Return the `repr` of a setting, a dataclass, without the fields that are as they are by default.

    >>> @dataclasses.dataclass
    ... class Rate:
    ...     start: float
    ...     momentum: float = 0.0
    ...     halve_every: int | None = None
    >>> short_repr(Rate(0.01, momentum=0.9))
    'Rate(0.01, momentum=0.9)'
    """
    if not dataclasses.is_dataclass(value):
        return repr(value)
    first, *others = dataclasses.fields(value)
    changed = [one.name for one in others if getattr(value, one.name) != one.default]
    words = [repr(getattr(value, first.name)), *(f"{name}={getattr(value, name)!r}" for name in changed)]
    return f"{type(value).__name__}({', '.join(words)})"
