"""Packed files and archives: bytes that are read, and the errors for missing or damaged files."""

import gzip
import io
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest

from byheart.checks import BadInput
from byheart.data.loading.readable import read_archive, read_file


def archive(path: Path, **files: bytes) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"some-folder/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def test_a_gzipped_file_is_unpacked_whatever_its_name(tmp_path: Path) -> None:
    for name, data in {"plain.gz": b"text", "packed": gzip.compress(b"text")}.items():
        (tmp_path / name).write_bytes(data)
        assert read_file(tmp_path / name) == b"text"


BROKEN = {
    "without its end": gzip.compress(b"text")[:-9],
    "with another end": gzip.compress(b"text")[:12] + b"xx",
    "without a header": b"\x1f\x8bxx",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_gzipped_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "broken.gz").write_bytes(data)
    with pytest.raises(BadInput, match=r"broken.gz is damaged \(.*\). Download or save it again."):
        read_file(tmp_path / "broken.gz")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=re.escape(f"There is no file {tmp_path / 'none.gz'}.")):
        read_file(tmp_path / "none.gz")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot be read .* Choose a file that you may read"):
        read_file(tmp_path)


def test_files_of_an_archive_are_read_from_any_folder_of_it(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", **{"b.bin": b"bb", "a.bin": b"aa", "._a.bin": b"resource"})
    assert list(read_archive(path, ["a.bin", "b.bin"]).items()) == [("a.bin", b"aa"), ("b.bin", b"bb")]


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo("a.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    with pytest.raises(BadInput, match=r"a.tar.gz must hold a.bin; it lacks a.bin. Download it again."):
        read_archive(tmp_path / "a.tar.gz", ["a.bin"])


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar.gz", **{"a.bin": np.random.default_rng(0).bytes(50_000)})
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(BadInput, match=r"a.tar.gz is damaged"):
        read_archive(path, ["a.bin"])
