"""The interface of an executor: where sweeps are computed."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import xarray as xr

from byheart.execution.chunks import Job
from byheart.execution.progress import Progress
from byheart.results.store import Store


class RunSweeps(Protocol):
    """Function that runs sweeps."""

    def __call__(self, jobs: Sequence[Job], store: Store, progress: Progress) -> Iterator[xr.Dataset]:
        """Yield the results of all members of each sweep, joined along `member`, in order.

        Only chunks that are not stored yet are computed. Each is stored when it is finished.
        """


@runtime_checkable
class Executor(Protocol):
    """A place to run sweeps. The numbers are the same everywhere."""

    def opened(self) -> contextlib.AbstractContextManager[RunSweeps]:
        """Return a context manager that opens the executor and yields the function that runs sweeps.

        Raises:
            BadInput: the executor is not available.
        """
