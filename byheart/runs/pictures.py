"""Keepsakes: what figures show of the data themselves, stored beside finished results, so that reports can be redrawn without the data."""

import xarray as xr

from byheart.data.dataset import Split
from byheart.execution.chunks import chunk_names
from byheart.results.store import Store, signature
from byheart.runs.record import Part


def with_new_keepsake(results: xr.Dataset, part: Part, split: Split, store: Store) -> xr.Dataset:
    """Finished `results` with their keepsake, which is stored."""
    keepsake = part.experiment.keepsake(results, split)
    if keepsake is None:
        return results
    store.write(_name(part), keepsake)
    return results.merge(keepsake)


def with_stored_keepsake(results: xr.Dataset, part: Part, store: Store) -> xr.Dataset:
    """Finished `results` with their keepsake, if one is stored."""
    keepsake = store.read(_name(part))
    return results if keepsake is None else results.merge(keepsake)


def _name(part: Part) -> str:
    """Another for other results."""
    label = part.experiment.name
    chunks = chunk_names(label, part.experiment.sweep(), part.fingerprint, part.chunk_sizes)
    return f"{label}-keepsake-{signature(chunks)}"
