"""What carrying out a run asks of whatever its sweeps run on."""

import contextlib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import xarray as xr

from byheart.data.dataset import Split
from byheart.execution.progress import Progress
from byheart.results.store import Store
from byheart.sweeps.protocol import Work


class RunSweep(Protocol):
    """Runs a sweep."""

    def __call__(
        self, label: str, sweep: Work, split: Split, store: Store, chunk_sizes: Sequence[int], progress: Progress
    ) -> xr.Dataset:
        """The results of all members of `sweep`, joined along `member`; only chunks that are not stored yet are computed, and each is stored when finished."""


@runtime_checkable
class Executor(Protocol):
    """Where sweeps run. Their numbers are the same everywhere."""

    def opened(self) -> contextlib.AbstractContextManager[RunSweep]:
        """What runs sweeps, ready to; closed at the end.

        Raises:
            BadInput: it is not to be had.
        """
