"""Plans of sweeps: their populations and chunks, with estimated memory and time."""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

SHARE_TO_LOAD = 0.2
"""Time to trace and load a kept program, as a share of the time to compile it."""


@runtime_checkable
class HasMembers(Protocol):
    """A value with members, such as a chunk."""

    @property
    def members(self) -> Sequence[object]:
        """Return the members in order."""


@dataclasses.dataclass(frozen=True)
class PlannedPopulation:
    """Networks that share a compiled program.

    Attributes:
        recipe: description of the shared recipe, in parts that can be read alone.
        chunks: number of networks in each chunk.
        chunk_bytes: estimated memory of the largest chunk on all devices together, without the data.
        seconds: estimated time to train and measure the networks on this machine, without compilation.
        seconds_on_h100: the same estimate for one NVIDIA H100.
        compiling: estimated time to compile its programs on this machine, if they are not kept from an earlier run.
        operations: floating-point operations to train and measure the networks, as counted by `Cost`; 0 if nobody
            counts them.
    """

    recipe: tuple[str, ...]
    chunks: tuple[int, ...]
    chunk_bytes: int
    seconds: float
    seconds_on_h100: float
    compiling: float = 0.0
    operations: float = 0.0

    @property
    def networks(self) -> int:
        """Return the number of networks."""
        return sum(self.chunks)


@dataclasses.dataclass(frozen=True)
class Totals:
    """Sums over several populations.

    Attributes:
        networks, chunks: numbers of networks and chunks.
        chunk_bytes: memory of the largest chunk.
        seconds, seconds_on_h100, compiling: sums over populations.
    """

    networks: int
    chunks: int
    chunk_bytes: int
    seconds: float
    seconds_on_h100: float
    compiling: float

    @classmethod
    def of(cls, populations: Iterable[PlannedPopulation]) -> "Totals":
        """Return the totals of `populations`."""
        listed = list(populations)
        return cls(
            networks=sum(one.networks for one in listed),
            chunks=sum(len(one.chunks) for one in listed),
            chunk_bytes=max((one.chunk_bytes for one in listed), default=0),
            seconds=math.fsum(one.seconds for one in listed),
            seconds_on_h100=math.fsum(one.seconds_on_h100 for one in listed),
            compiling=math.fsum(one.compiling for one in listed),
        )

    def expected(self, pace: float, compiles: bool) -> float:
        """Return the expected seconds on this machine, with compiling.

        Args:
            pace: seconds that one planned second takes (`cli.pace.measured_pace`).
            compiles: whether programs are compiled; otherwise most are kept from an earlier run, and are only loaded.
        """
        return pace * (self.seconds + self.compiling * (1.0 if compiles else SHARE_TO_LOAD))


def sizes_of(chunks: Iterable[HasMembers]) -> tuple[int, ...]:
    """Return the number of members of each chunk."""
    return tuple(len(chunk.members) for chunk in chunks)


def short_repr(value: Any) -> str:
    """Return the `repr` of a dataclass without the fields that have their default value.

    The first field is always included.

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
