"""Pictures of the data that figures show: stored beside results, so that reports can be redrawn without the data."""

import xarray as xr

from byheart.data.dataset import Split
from byheart.execution.chunks import chunk_names
from byheart.results.store import Store, signature
from byheart.runs.record import Part


def with_new_pictures(results: xr.Dataset, part: Part, split: Split, store: Store) -> xr.Dataset:
    """Return finished `results` with their pictures, which are stored."""
    pictures = part.experiment.stored_pictures(results, split)
    if pictures is None:
        return results
    store.write(_name(part), pictures)
    return results.merge(pictures)


def with_stored_pictures(results: xr.Dataset, part: Part, store: Store) -> xr.Dataset:
    """Return finished `results` with their pictures, if there are any in the store."""
    pictures = store.read(_name(part))
    return results if pictures is None else results.merge(pictures)


def _name(part: Part) -> str:
    """Another for other results."""
    label = part.experiment.name
    chunks = chunk_names(label, part.experiment.sweep(), part.fingerprint, part.chunk_sizes)
    return f"{label}-pictures-{signature(chunks)}"
