"""Disks that are full, read-only or without locks: one sentence, and no unfinished files."""

import errno
import fcntl
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import h5py
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from byheart.drawing.export import Form, export
from byheart.drawing.figure import Figure, Panel
from byheart.results import atomic_write, locks
from byheart.results.atomic_write import WriteError
from byheart.results.store import Store
from byheart.results.table import Table

FULL = [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG, errno.EIO]


def line(axis: Axes) -> None:
    axis.plot([1, 2])


WRITERS: dict[str, Callable[[Path], object]] = {
    "text": lambda folder: atomic_write.write_text(folder / "claims.json", "[]"),
    "results": lambda folder: Store(folder).write("claims", xr.Dataset({"x": ("member", np.arange(9.0))})),
    "checkpoint": lambda folder: Store(folder).checkpoint("claims").save([np.zeros(9)]),
    "table": lambda folder: Table("claims", "T", "C.", {"x": np.arange(9)}).save(folder),
    "figure": lambda folder: export(Figure("claims", "F", "C.", (Panel("p", line, "P."),)), folder, Form(("pdf",))),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("number", FULL, ids=lambda number: errno.errorcode[number])
def test_what_cannot_be_put_on_the_disk_is_told_in_a_sentence_and_leaves_nothing(
    writer: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(WriteError, match=r"claims") as told:
        WRITERS[writer](tmp_path)
    assert str(told.value).endswith(
        f" cannot be written ({os.strerror(number)}). Finished work is kept; "
        "when the file can be written, run the same command again to resume."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("writer", WRITERS)
def test_a_failed_write_leaves_what_stood_there_before(
    writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WRITERS[writer](tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr("os.fsync", lambda file: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(WriteError):
        WRITERS[writer](tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


SMALL_DISK = """
import sys
from pathlib import Path
import numpy as np
import xarray as xr
from byheart.results.store import Store
from byheart.results.atomic_write import WriteError

store = Store(Path(sys.argv[1]))
numbers = xr.Dataset({name: ("x", np.random.default_rng(0).random(3000)) for name in "abcdefgh"})
for room in (8, 60, 120, 180, 198):
    filler = Path(sys.argv[1]) / "filler"
    filler.write_bytes(bytes(1024 * (1000 - room)))
    for write in (lambda: store.write("chunk", numbers), lambda: store.checkpoint("chunk").save([np.zeros(40_000)])):
        try:
            write()
            print("written")
        except WriteError as problem:
            print(problem)
    filler.unlink()
store.write("chunk", numbers)
print(store.read("chunk").identical(numbers), sorted(path.name for path in Path(sys.argv[1]).iterdir()))
"""


def test_a_disk_that_is_really_full_ends_neither_the_process_nor_the_files(tmp_path: Path) -> None:
    """A disk of one megabyte in its own mount namespace; HDF5 would end the process when it closes a file there."""
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    mounted = f"mount -t tmpfs -o size=1000k none {tmp_path} && "
    if subprocess.run([*words, mounted + "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets no one mount a small disk")
    command = f"{mounted} exec {sys.executable} -c '{SMALL_DISK}' {tmp_path}"
    done = subprocess.run([*words, command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    *told, last = done.stdout.splitlines()
    assert len(told) == 10
    assert all("(No space left on device)" in sentence for sentence in told)
    assert last == "True ['chunk.nc']"


def test_a_file_system_that_puts_nothing_on_the_disk_at_once_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda file: (_ for _ in ()).throw(OSError(errno.EINVAL, "no fsync")))
    atomic_write.write_text(tmp_path / "file", "whole")
    assert (tmp_path / "file").read_text() == "whole"


def test_hdf5_locks_no_file_of_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HDF5 opens no file that it cannot lock."""
    opened = []
    plain = h5py.File.__init__

    def noted(file: h5py.File, name: object, *arguments: object, **more: object) -> None:
        opened.append(name)
        plain(file, name, *arguments, **more)

    monkeypatch.setattr(h5py.File, "__init__", noted)
    store = Store(tmp_path)
    store.write("chunk", xr.Dataset({"x": ("member", np.arange(3.0))}))
    assert store.read("chunk") is not None
    assert opened
    assert not [name for name in opened if isinstance(name, str | bytes | Path)]


@pytest.fixture
def without_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file system that answers every lock with an error; warnings are errors, too."""

    def refuse(file: object, operation: int) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize(
    "without_locks", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP], indirect=True, ids=errno.errorcode.get
)
@pytest.mark.usefixtures("without_locks")
def test_without_locks_everyone_gets_what_they_claim_and_one_line_says_what_is_not_protected(tmp_path: Path) -> None:
    told: list[str] = []
    store = Store(tmp_path, told.append)
    others = tmp_path / ".chunk.nc.12345"
    others.write_bytes(b"half")
    for wait in (False, True):
        with store.claimed("chunk", wait) as mine, Store(tmp_path).claimed("chunk", wait) as theirs:
            assert (mine, theirs) == (True, True)
            store.write("chunk", xr.Dataset({"x": ("member", np.arange(3.0))}))
    (line,) = told
    assert line.startswith(f"{tmp_path} is on a file system without locks (")
    assert "compute the same chunks again" in line
    assert sorted(path.name for path in tmp_path.iterdir()) == [others.name, "chunk.nc"]


@pytest.mark.parametrize("without_locks", [errno.ENOLCK], indirect=True)
@pytest.mark.usefixtures("without_locks")
def test_locks_that_run_out_later_are_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("byheart.results.store.lock_problem", lambda directory: None)
    with Store(tmp_path, told.append).claimed("chunk", block=True) as mine:
        assert mine
    assert len(told) == 1


def test_a_lock_file_that_cannot_be_written_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(lock: filelock.FileLock, *arguments: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with (
        pytest.raises(WriteError, match=r"chunk\.lock cannot be written \(No space left on device\)"),
        Store(tmp_path).claimed("chunk", block=False),
    ):
        pass


def test_a_directory_that_locks_is_found_to_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    assert locks.lock_problem(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
