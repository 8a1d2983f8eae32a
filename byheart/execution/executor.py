"""The interface of an executor: where sweeps are computed."""

import contextlib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import xarray as xr

from byheart.data.split import Split
from byheart.execution.progress import Progress
from byheart.results.store import Store
from byheart.sweeps.protocol import Sweep


class RunSweep(Protocol):
    """Function that runs a sweep."""

    def __call__(
        self, label: str, sweep: Sweep, split: Split, store: Store, chunk_sizes: Sequence[int], progress: Progress
    ) -> xr.Dataset:
        """Return the results of all members of `sweep`, joined along `member`.

        Only chunks that are not stored yet are computed. Each is stored when it is finished.
        """


@runtime_checkable
class Executor(Protocol):
    """A place to run sweeps. The numbers are the same everywhere."""

    def opened(self) -> contextlib.AbstractContextManager[RunSweep]:
        """Return a context manager that opens the executor and yields the function that runs sweeps.

        Raises:
            BadInput: the executor is not available.
        """
