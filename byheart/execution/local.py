"""Runs a sweep on this machine: chunk after chunk, each stored when finished, none computed twice."""

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import xarray as xr

import byheart
from byheart.data.dataset import Split
from byheart.execution.progress import Progress, Silence
from byheart.results.store import Store, signature
from byheart.training.layout import Layout
from byheart.training.population import Population
from byheart.training.sweep import Sweep
from byheart.training.trace import joined_traces

NUMERICS = 1
"""Raised by one whenever the same sweep would give other numbers, so that old results are not taken for new ones."""


def run_sweep(
    label: str,
    sweep: Sweep,
    split: Split,
    store: Store,
    members_in_chunk: int,
    layout: Layout = Layout(),
    progress: Progress = Silence(),
) -> xr.Dataset:
    """The results of all members of `sweep`, joined along `member`; only chunks that are not stored yet are trained.

    Another process that runs the same sweep in the same store shares the work: each takes chunks that no one has claimed, and waits, in
    the end, for those of the other.
    """
    chunks = sweep.chunks(members_in_chunk)
    names = chunk_names(label, sweep, split.fingerprint, members_in_chunk)
    found = {index: stored for index, name in enumerate(names) if (stored := store.read(name)) is not None}
    progress.started(label, len(chunks), len(found), sweep.recipe.epochs)
    population = functools.cache(lambda: Population(sweep, split, layout))
    for wait in (False, True):
        for index, (chunk, name) in enumerate(zip(chunks, names, strict=True)):
            if index in found:
                continue
            with store.claimed(name, wait) as mine:
                if not mine:
                    continue
                result = store.read(name)
                if result is None:
                    result = _trained(population(), chunk, members_in_chunk, functools.partial(progress.epoch, index))
                    store.write(name, result)
                found[index] = result
                progress.finished(index, result.attrs["seconds"])
    return joined([found[index] for index in range(len(chunks))])


def stored_results(
    label: str, sweep: Sweep, fingerprint: str, store: Store, members_in_chunk: int
) -> tuple[xr.Dataset | None, int]:
    """What is stored of `sweep`, joined, and the number of chunks that are missing; None where nothing is stored."""
    read = [store.read(name) for name in chunk_names(label, sweep, fingerprint, members_in_chunk)]
    present = [result for result in read if result is not None]
    return (joined(present) if present else None), len(read) - len(present)


def chunk_names(label: str, sweep: Sweep, fingerprint: str, members_in_chunk: int) -> list[str]:
    """A name for each chunk, made of `label` and a hash of all that determines its numbers."""

    def determinants(chunk: Sweep) -> dict[str, Any]:
        return {"sweep": repr(chunk), "data": fingerprint, "numerics": NUMERICS}

    return [f"{label}-{signature(determinants(chunk))}" for chunk in sweep.chunks(members_in_chunk)]


def joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Chunks joined along `member`, with their seconds added up."""
    return joined_traces(parts).assign_attrs(seconds=sum(part.attrs["seconds"] for part in parts))


def _trained(
    population: Population, chunk: Sweep, members_in_chunk: int, on_epoch: Callable[[int], None]
) -> xr.Dataset:
    start = time.monotonic()
    trace = population.train(chunk.members, at_least=members_in_chunk, on_epoch=on_epoch).trace
    devices = population.layout.devices
    return trace.assign_attrs(
        byheart=byheart.__version__,
        jax=jax.__version__,
        devices=f"{len(devices)} x {devices[0].device_kind}",
        n_classes=population.split.n_classes,
        seconds=round(time.monotonic() - start, 3),
    )
