"""Pictures of the data in figures, stored beside the results, so that reports can be redrawn without the data."""

import xarray as xr

from byheart.data.split import Split
from byheart.execution.chunks import NUMERICS, STILL_READ, chunk_names
from byheart.results.store import Store, signature
from byheart.runs.record import Part


def with_new_pictures(results: xr.Dataset, part: Part, split: Split, store: Store) -> xr.Dataset:
    """Store the pictures of finished `results`; return the results with them."""
    pictures = part.experiment.stored_pictures(results, split)
    if pictures is None:
        return results
    store.write(_names(part)[0], pictures)
    return results.merge(pictures)


def with_stored_pictures(results: xr.Dataset, part: Part, store: Store) -> xr.Dataset:
    """Return finished `results` with their stored pictures, if there are any."""
    for name in _names(part):
        pictures = store.read(name)
        if pictures is not None:
            return results.merge(pictures)
    return results


def _names(part: Part) -> list[str]:
    """Return the stored name of the pictures, which changes with the results, and those of versions still read."""
    label, sweep = part.experiment.name, part.experiment.sweep()
    versions = [
        chunk_names(label, sweep, part.fingerprint, part.chunk_sizes, numerics) for numerics in (NUMERICS, *STILL_READ)
    ]
    return [f"{label}-pictures-{signature(chunks)}" for chunks in versions]
