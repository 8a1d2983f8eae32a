"""Pictures of the data in figures, stored beside the results, so that reports can be redrawn without the data."""

import xarray as xr

from byheart.data.split import Split
from byheart.execution.chunks import chunk_names
from byheart.results.store import Store, signature
from byheart.runs.record import Part


def with_new_pictures(results: xr.Dataset, part: Part, split: Split, store: Store) -> xr.Dataset:
    """Store the pictures of finished `results`; return the results with them."""
    pictures = part.experiment.stored_pictures(results, split)
    if pictures is None:
        return results
    store.write(_name(part), pictures)
    return results.merge(pictures)


def with_stored_pictures(results: xr.Dataset, part: Part, store: Store) -> xr.Dataset:
    """Return finished `results` with their stored pictures, if there are any."""
    pictures = store.read(_name(part))
    return results if pictures is None else results.merge(pictures)


def _name(part: Part) -> str:
    """Return the stored name of the pictures, which changes with the results."""
    label = part.experiment.name
    chunks = chunk_names(label, part.experiment.sweep(), part.fingerprint, part.chunk_sizes)
    return f"{label}-pictures-{signature(chunks)}"
