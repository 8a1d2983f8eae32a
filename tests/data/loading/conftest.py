"""Tiny sources that replace the real ones, and a server that acts as a mirror."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from byheart.data.loading.chosen import FOLDER_VARIABLE
from byheart.data.loading.official import SOURCES
from tests.data.loading.tiny_sources import CIFAR, FASHION, MNIST, Mirror, archived, gzipped, put, tiny


@pytest.fixture
def tiny_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Replace the real data sets by tiny ones, and the cache by a folder of the test."""
    for name, files, downloads in (
        ("mnist", MNIST, gzipped(MNIST)),
        ("fashion_mnist", FASHION, gzipped(FASHION)),
        ("cifar10", CIFAR, archived(CIFAR)),
    ):
        monkeypatch.setitem(SOURCES, name, tiny(SOURCES[name], files, downloads))
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """Run a mirror that serves the tiny MNIST and CIFAR-10."""
    with Mirror(put(tmp_path / "mirror", gzipped(MNIST) | archived(CIFAR))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
