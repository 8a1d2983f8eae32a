"""Compilation ahead: the programs of the next chunks are compiled in other threads while a chunk is computed.

XLA compiles most of a program on one core, and a chunk leaves the interpreter free. So the next programs of a sweep,
and the first program of the next sweep, are made while a chunk is computed. Numbers do not depend on it.
"""

from collections.abc import Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from byheart.cores import available_cores
from byheart.execution.chunks import ChunkedSweep
from byheart.sweeps.protocol import Sweep, SweepProgram

PROGRAMS_AHEAD = 2
"""Number of programs that are compiled before they are needed."""
LARGEST_DATA_AHEAD = 200_000_000
"""Bytes of training inputs from which the next sweep is not begun, since its data would take memory beside these."""


@runtime_checkable
class CompilesAhead(Protocol):
    """A `SweepProgram` that can compile for a chunk before it computes the chunk."""

    def program_of(self, chunk: Any) -> Hashable:
        """Return a key that is equal for all chunks which need the same compiled code."""

    def compile(self, chunk: Any) -> None:
        """Compile all that `results` needs for the chunk. It may be called while another chunk is computed."""


class Ahead:
    """The programs of sweeps, compiled in other threads. Use it as a context manager."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max(PROGRAMS_AHEAD, available_cores()), "compile")
        self._begun: dict[str, Future[SweepProgram]] = {}
        self._compiled: dict[tuple[str, Hashable], Future[None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def is_ready(self, of: ChunkedSweep, index: int) -> bool:
        """Return whether `program` returns at once."""
        begun = self._begun.get(of.label)
        if begun is None or not begun.done():
            return False
        known = self._compiled.get((of.label, _key(begun.result(), of.chunks[index])))
        return known is not None and known.done()

    def program(self, of: ChunkedSweep, index: int) -> SweepProgram:
        """Return the program of a sweep as soon as it is compiled for a chunk.

        Any exception of the sweep or the compiler is raised here.
        """
        program = self._begin(of, of.chunks[index]).result()
        self._start(of.label, program, of.chunks[index]).result()
        return program

    def look(self, of: ChunkedSweep, current: int, following: Sequence[int], then: ChunkedSweep | None) -> None:
        """Compile the next programs of a sweep, and the first one of the next sweep.

        Args:
            of: the sweep that is computed now; `program` has returned its program.
            current: index of the chunk that is computed now.
            following: indices of the chunks after it.
            then: the next sweep with missing chunks, if there is one.
        """
        program, found = self._begun[of.label].result(), set[Hashable]()
        for chunk in (of.chunks[index] for index in following):
            if len(found) == PROGRAMS_AHEAD:
                return
            if _key(program, chunk) != _key(program, of.chunks[current]):
                found.add(_key(program, chunk))
                self._start(of.label, program, chunk)
        if then is not None and _fits(then):
            self._begin(then, then.chunks[then.missing()[0]])

    def forget(self, of: ChunkedSweep) -> None:
        """Free the program of a finished sweep."""
        self._begun.pop(of.label, None)
        for known in [key for key in list(self._compiled) if key[0] == of.label]:  # Other threads add keys.
            del self._compiled[known]

    def _begin(self, of: ChunkedSweep, chunk: Sweep) -> Future[SweepProgram]:
        """Make the program of a sweep, and compile it for a chunk, unless it was begun before."""

        def made() -> SweepProgram:
            program = of.program()
            if isinstance(program, CompilesAhead):
                program.compile(chunk)
                done: Future[None] = Future()
                done.set_result(None)
                self._compiled[of.label, _key(program, chunk)] = done
            return program

        if of.label not in self._begun:
            self._begun[of.label] = self._threads.submit(made)
        return self._begun[of.label]

    def _start(self, label: str, program: SweepProgram, chunk: Sweep) -> Future[None]:
        """Compile a program for a chunk, unless it was started before."""
        name = label, _key(program, chunk)
        if name not in self._compiled:
            compiles = program.compile if isinstance(program, CompilesAhead) else lambda chunk: None
            self._compiled[name] = self._threads.submit(compiles, chunk)
        return self._compiled[name]


def _key(program: SweepProgram, chunk: Sweep) -> Hashable:
    return program.program_of(chunk) if isinstance(program, CompilesAhead) else None


def _fits(of: ChunkedSweep) -> bool:
    return of.job.split.training.inputs.nbytes <= LARGEST_DATA_AHEAD
