"""The command `byheart embed`, which writes a vector for each example of a source, by an encoder of the user's."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console

import byheart
from byheart import checks
from byheart.cli.arguments import EmbedArguments
from byheart.cli.progress import shown_on
from byheart.cli.streams import visible
from byheart.data.input_checks import blocks_of, not_finite
from byheart.data.loading.from_source import labelled_from_source
from byheart.data.loading.labelled import LabelledExamples
from byheart.data.loading.numbering import some_ids
from byheart.inputs import in_words
from byheart.results.row_file import RowFile
from byheart.torch_bridge.encoder import Batch, Encoder, differ

STAGE = "embedding"


def embed(arguments: EmbedArguments, errors: Console, notify: Callable[[str], None]) -> int:
    """Run the command; return the exit status.

    Args:
        arguments: the arguments of the command.
        errors: the console of standard error.
        notify: called with messages.
    """
    encoder = Encoder(arguments.encoder, arguments.layout)
    options = arguments.reading.options()
    examples = labelled_from_source(
        arguments.source, options, data_dir=arguments.data_dir, needs_inputs=options.show is None
    )
    for sentence in examples.notes:
        notify(f"{examples.name}: {sentence}")
    batch = _to_encode(examples)
    first = encoder.checked_first(batch)
    path = Path(arguments.out)
    identity = {
        "encoder": arguments.encoder,
        "layout": arguments.layout,
        "batch": arguments.batch,
        "examples": _fingerprint(batch),
    }
    information = {"source": arguments.source, "reading": options.given(), "byheart": byheart.__version__}
    rows = RowFile(path, len(batch), first.shape[1], identity, information)
    kept = rows.first(len(first))
    if differ(kept, first[: len(kept)], first):
        raise checks.BadInput(
            f"{arguments.encoder} gives other vectors than those in {path}. Does it load its weights from a file, or "
            "draw them anew? Choose another --out."
        )
    if rows.is_complete:
        print(visible(f"{path} is complete: {len(batch):,} vectors of {first.shape[1]:,} features."))
        return 0
    notify(f"{len(batch):,} examples ({_in_words(batch)}), {first.shape[1]:,} features each; {rows.done:,} are stored.")
    _write(rows, encoder, batch, arguments, examples.ids, errors)
    print(visible(f"{path}: {len(batch):,} vectors of {first.shape[1]:,} features."))
    print(visible(f"Use it by --embedding {path}, with the same source and options."))
    return 0


def _write(
    rows: RowFile, encoder: Encoder, batch: Batch, arguments: EmbedArguments, ids: np.ndarray, errors: Console
) -> None:
    """Write the rows that are not stored yet."""
    start, n = time.monotonic(), len(batch)
    with shown_on(errors, [(STAGE, STAGE, 0.0)]) as progress:
        progress.started(STAGE, [float(n)], [], n, "example")
        while rows.done < n:
            chosen = slice(rows.done, rows.done + arguments.batch)
            vectors = encoder(batch[chosen])
            is_broken = np.zeros(n, bool)
            is_broken[chosen] = not_finite(vectors)
            if is_broken.any():
                raise checks.BadInput(f"{arguments.encoder} gives NaN or infinity for {some_ids(ids, is_broken)}.")
            rows.append(vectors)
            progress.advanced(0, rows.done)
        progress.finished(0, time.monotonic() - start)


def _to_encode(examples: LabelledExamples) -> Batch:
    """Return what the encoder gets: images with channels, vectors, or texts where no features were read."""
    inputs = examples.inputs
    if inputs.shape[1:] == (0,) and examples.shown is not None:
        return [str(text) for text in examples.shown.tolist()]
    return inputs[..., None] if inputs.ndim == 3 else inputs


def _in_words(batch: Batch) -> str:
    return in_words(batch.shape[1:]) if isinstance(batch, np.ndarray) else "texts"


def _fingerprint(batch: Batch) -> str:
    """Return the SHA-256 of what the encoder gets, in hexadecimal."""
    if not isinstance(batch, np.ndarray):
        return hashlib.sha256("\0".join(batch).encode("utf-8", "surrogatepass")).hexdigest()
    digest = hashlib.sha256(repr((batch.shape, batch.dtype.str)).encode())
    for block in blocks_of(batch):
        digest.update(np.ascontiguousarray(batch[block]).data)
    return digest.hexdigest()
