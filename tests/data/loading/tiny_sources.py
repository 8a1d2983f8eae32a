"""Tiny versions of the official files, in every common packing, and a server of them."""

import functools
import gzip
import hashlib
import http.server
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from byheart.data.loading.official import SOURCES, Source

NOWHERE = "http://127.0.0.1:9/"
"""A mirror that refuses connections: nothing listens on the discard port."""

Files = dict[str, bytes]


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    return header + array.astype(np.uint8).tobytes()


def idx_files(seed: int) -> Files:
    """Return 20 training and 10 test images of 4 x 4 under the names of MNIST's files, 2 and 1 per digit."""
    generator = np.random.default_rng(seed)
    pixels = generator.integers(0, 256, (30, 4, 4))
    labels = np.arange(30) % 10
    parts = (pixels[:20], labels[:20], pixels[20:], labels[20:])
    return {name: idx(part) for name, part in zip(SOURCES["mnist"].md5, parts, strict=True)}


def cifar_files() -> Files:
    """Return five training batches and a test batch of 10 examples, one of each class."""
    generator = np.random.default_rng(2)
    rows = [np.column_stack([np.arange(10), generator.integers(0, 256, (10, 3072))]) for _ in range(6)]
    return {name: row.astype(np.uint8).tobytes() for name, row in zip(SOURCES["cifar10"].md5, rows, strict=True)}


MNIST, FASHION, CIFAR = idx_files(0), idx_files(1), cifar_files()


def gzipped(files: Files) -> Files:
    return {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in files.items()}


def dotted(files: Files) -> Files:
    return {name.replace("-idx", ".idx"): data for name, data in files.items()}


def archived(files: Files) -> Files:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return {"cifar-10-binary.tar.gz": gzip.compress(buffer.getvalue(), mtime=0)}


def put(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def tiny(source: Source, files: Files, downloads: Files) -> Source:
    """Return `source` with the hashes of `files` and `downloads`, and mirrors that never answer."""
    return replace(
        source,
        md5={name: md5(data) for name, data in files.items()},
        downloads={name: md5(data) for name, data in downloads.items()},
        mirrors=(NOWHERE + "one/", NOWHERE + "two/"),
    )


class Mirror(http.server.ThreadingHTTPServer):
    """A server of one folder that records the requested paths in `asked`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(folder)))
        self.asked: list[str] = []
        self.folder = folder

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    server: Mirror

    def log_message(self, *args: object) -> None:
        self.server.asked.append(self.path.lstrip("/"))


def mirrored(monkeypatch: pytest.MonkeyPatch, name: str, *mirrors: str) -> None:
    monkeypatch.setitem(SOURCES, name, replace(SOURCES[name], mirrors=mirrors))
