"""Runs a sweep on this machine: chunk after chunk, each stored when finished, none computed twice."""

import functools
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import xarray as xr

import byheart
from byheart.data.dataset import Split
from byheart.execution.progress import Progress, Silence
from byheart.layout import Layout
from byheart.results.store import Store, signature
from byheart.work import Program, Work, joined

NUMERICS = 2
"""Raised by one whenever the same sweep would give other numbers, so that old results are not taken for new ones."""


def run_sweep(
    label: str,
    sweep: Work,
    split: Split,
    store: Store,
    members_in_chunk: int,
    layout: Layout = Layout(),
    progress: Progress = Silence(),
) -> xr.Dataset:
    """The results of all members of `sweep`, joined along `member`; only chunks that are not stored yet are computed.

    Another process that runs the same sweep in the same store shares the work: each takes chunks that no one has claimed, and waits, in
    the end, for those of the other.
    """
    chunks = sweep.chunks(members_in_chunk)
    names = chunk_names(label, sweep, split.fingerprint, members_in_chunk)
    found = {index: stored for index, name in enumerate(names) if (stored := store.read(name)) is not None}
    progress.started(label, len(chunks), len(found), sweep.length, sweep.unit)
    program = functools.cache(lambda: sweep.program(split, layout))
    for wait in (False, True):
        for index, (chunk, name) in enumerate(zip(chunks, names, strict=True)):
            if index in found:
                continue
            with store.claimed(name, wait) as mine:
                if not mine:
                    continue
                result = store.read(name)
                if result is None:
                    result = _computed(program(), chunk, members_in_chunk, functools.partial(progress.advanced, index))
                    store.write(name, result)
                found[index] = result
                progress.finished(index, result.attrs["seconds"])
    return with_seconds([found[index] for index in range(len(chunks))])


def stored_results(
    label: str, sweep: Work, fingerprint: str, store: Store, members_in_chunk: int
) -> tuple[xr.Dataset | None, int]:
    """What is stored of `sweep`, joined, and the number of chunks that are missing; None where nothing is stored."""
    read = [store.read(name) for name in chunk_names(label, sweep, fingerprint, members_in_chunk)]
    present = [result for result in read if result is not None]
    return (with_seconds(present) if present else None), len(read) - len(present)


def chunk_names(label: str, sweep: Work, fingerprint: str, members_in_chunk: int) -> list[str]:
    """A name for each chunk, made of `label` and a hash of all that determines its numbers."""

    def determinants(chunk: Work) -> dict[str, Any]:
        return {"sweep": repr(chunk), "data": fingerprint, "numerics": NUMERICS}

    return [f"{label}-{signature(determinants(chunk))}" for chunk in sweep.chunks(members_in_chunk)]


def with_seconds(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Chunks joined along `member`, with their seconds added up."""
    return joined(parts).assign_attrs(seconds=sum(part.attrs["seconds"] for part in parts))


def _computed(program: Program, chunk: Work, members_in_chunk: int, on_progress: Callable[[int], None]) -> xr.Dataset:
    start = time.monotonic()
    results = program.results(chunk.members, members_in_chunk, on_progress)
    devices = program.layout.devices
    return results.assign_attrs(
        byheart=byheart.__version__,
        jax=jax.__version__,
        devices=f"{len(devices)} x {devices[0].device_kind}",
        n_classes=program.split.n_classes,
        class_names=json.dumps(program.split.training.class_names),
        seconds=round(time.monotonic() - start, 3),
    )
