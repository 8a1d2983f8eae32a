"""The store: results are read back bit by bit, damage is detected and reported, and killed processes block nothing."""

import hashlib
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from byheart.checks import BadInput
from byheart.results import atomic_write
from byheart.results.store import DIGEST, Store, digest, signature


def some_results() -> xr.Dataset:
    """Return every type and shape that results have, with numbers that are hard to keep."""
    numbers = np.array([[np.nan, -0.0, 1e-45], [np.inf, 1 / 3, 3.4e38]], np.float32)
    return xr.Dataset(
        {
            "ratio": (("member", "epoch"), numbers, {"long_name": "a ratio, with α and 95 %"}),
            "exact": ("member", np.array([np.nextafter(0.1, 1), -np.pi])),
            "diverged_epoch": ("member", np.array([-1, 3])),
            "counts": ("member", np.array([0, 255], np.uint8)),
            "is_noisy": (("member", "epoch"), np.array([[True, False, True], [False, False, True]])),
            "none": (("nothing",), np.zeros(0)),
            "one": ((), np.float32(0.1)),
        },
        coords={"seed": ("member", np.array([0, 7])), "epoch": [0, 1, 5], "radius": [0.3 / 255, 10 / 255]},
        attrs={"byheart": "0.1.0", "n_classes": 10, "seconds": 1.25, "devices": "2 x cpu, naïve"},
    )


class Told(list[str]):
    """Records the sentences that it is called with."""

    def __call__(self, sentence: str) -> None:
        self.append(sentence)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def store(tmp_path: Path, told: Told) -> Store:
    store = Store(tmp_path / "results", told)
    store.write("chunk", some_results())
    return store


@pytest.fixture
def file(store: Store) -> Path:
    return store.directory / "chunk.nc"


def test_what_is_written_comes_back_bit_by_bit(store: Store, told: Told) -> None:
    found, expected = store.read("chunk"), some_results()
    assert found is not None
    xr.testing.assert_identical(found, expected)
    for name, variable in expected.variables.items():
        assert found[name].dtype == variable.dtype, name
        assert found[name].values.tobytes() == variable.values.tobytes(), name
    assert digest(found) == digest(expected)
    assert not told


def test_what_was_read_can_be_written_again_and_is_the_same(store: Store) -> None:
    found = store.read("chunk")
    assert found is not None
    store.write("again", found)
    xr.testing.assert_identical(store.read("again"), some_results())


def test_writing_leaves_nothing_but_the_file(store: Store) -> None:
    assert [path.name for path in store.directory.iterdir()] == ["chunk.nc"]


def test_what_was_never_written_is_none_and_nothing_is_told(store: Store, told: Told) -> None:
    assert store.read("other") is None
    assert not told


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_found_out(store: Store, file: Path, told: Told, share: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    assert store.read("chunk") is None
    assert len(told) == 1
    assert str(file) in told[0]
    assert told[0].endswith("it is computed again.")


def test_a_flipped_byte_is_found_out_wherever_it_changes_a_number(store: Store, file: Path, told: Told) -> None:
    """Two arrays are tried. Damage is reported once, however often the file is read."""
    data = bytearray(file.read_bytes())
    for values in (some_results().ratio.values, some_results().exact.values):
        start = data.find(values.tobytes())
        assert start > 0
        for place in range(start, start + values.nbytes, 3):
            data[place] ^= 1
            file.write_bytes(data)
            assert store.read("chunk") is None
            data[place] ^= 1
    assert told == [f"{file} was altered since it was written; it is computed again."]
    file.write_bytes(data)
    assert store.read("chunk") is not None


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # of h5netcdf, which closes a broken file
def test_a_flipped_byte_anywhere_never_gives_other_numbers(store: Store, file: Path) -> None:
    """The byte may lie in a gap of the format, or be detected."""
    data = file.read_bytes()
    for place in np.random.default_rng(0).integers(0, len(data), 60):
        flipped = bytearray(data)
        flipped[place] ^= 0x40
        file.write_bytes(flipped)
        found = store.read("chunk")
        assert found is None or digest(found) == digest(some_results())


@pytest.mark.parametrize("change", ["attribute", "variable attribute", "axis name", "type", "number", "coordinate"])
def test_a_change_made_with_xarray_is_found_out(store: Store, file: Path, told: Told, change: str) -> None:
    dataset = some_results()
    mark = digest(dataset)
    changed = {
        "attribute": lambda: dataset.assign_attrs(seconds=1.5),
        "variable attribute": lambda: dataset.assign(ratio=dataset.ratio.assign_attrs(long_name="another")),
        "axis name": lambda: dataset.rename(member="network"),
        "type": lambda: dataset.assign(counts=dataset.counts.astype(np.int16)),
        "number": lambda: dataset.assign(one=np.nextafter(np.float32(0.1), np.float32(1))),
        "coordinate": lambda: dataset.assign_coords(seed=("member", [0, 8])),
    }[change]()
    changed.assign_attrs({DIGEST: mark}).to_netcdf(file, engine="h5netcdf")
    assert store.read("chunk") is None
    assert told == [f"{file} was altered since it was written; it is computed again."]


def test_a_file_without_a_digest_is_found_out(store: Store, file: Path, told: Told) -> None:
    some_results().to_netcdf(file, engine="h5netcdf")
    assert store.read("chunk") is None
    assert "was altered" in told[0]


@pytest.mark.parametrize("kind", ["text", "foreign HDF5", "directory"])
def test_a_foreign_file_is_found_out(store: Store, file: Path, told: Told, kind: str) -> None:
    file.unlink()
    if kind == "text":
        file.write_text("these are no results")
    elif kind == "directory":
        file.mkdir()
    else:
        with h5py.File(file, "w") as foreign:
            foreign["numbers"] = np.arange(3)
    assert store.read("chunk") is None
    assert len(told) == 1
    assert "\n" not in told[0]


def test_a_damaged_file_is_replaced_by_writing(store: Store, file: Path) -> None:
    file.write_bytes(b"")
    store.write("chunk", some_results())
    xr.testing.assert_identical(store.read("chunk"), some_results())


def test_a_claim_removes_what_killed_writers_of_the_same_chunk_left(store: Store) -> None:
    mine, others = store.directory / ".chunk.nc.12345", store.directory / ".chunk-2.nc.12345"
    mine.write_bytes(b"half")
    others.write_bytes(b"half")
    with store.claimed("chunk", block=False) as is_mine:
        assert is_mine
        assert not mine.exists()
    assert others.exists()
    assert store.read("chunk") is not None


HOLDER = """
    import sys
    from pathlib import Path
    from byheart.results.store import Store
    with Store(Path(sys.argv[1])).claimed("chunk", block=False) as mine:
        print(mine, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def holder(store: Store) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the lock of the chunk."""
    words = [sys.executable, "-c", textwrap.dedent(HOLDER), str(store.directory)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_a_chunk_claimed_by_another_process_is_not_given_and_is_free_once_that_is_killed(
    store: Store, holder: subprocess.Popen[str]
) -> None:
    with store.claimed("chunk", block=False) as mine:
        assert not mine
    with store.claimed("another", block=False) as mine:
        assert mine
    holder.kill()
    with store.claimed("chunk", block=True) as mine:
        assert mine
    holder.wait()
    with store.claimed("chunk", block=False) as mine:
        assert mine


def test_a_claim_ends_when_its_holder_fails(store: Store) -> None:
    def fail() -> None:
        with store.claimed("chunk", block=False):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    start = time.monotonic()
    with store.claimed("chunk", block=False) as mine:
        assert mine
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_directory_that_cannot_be_written_is_bad_input(tmp_path: Path, below: str) -> None:
    """A file is in the place of the directory or of its parent, which stops even a superuser."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(BadInput, match=r"^The directory .*taken.* cannot be written: ") as problem:
        Store(tmp_path / "taken" / below)
    assert str(problem.value).count("\n") == 0


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    atomic_write.write_text(path, "old")

    def interrupted(temporary: Path) -> None:
        temporary.write_text("hal")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic_write.write(path, interrupted)
    assert path.read_text() == "old"
    atomic_write.write_text(path, "new, ä")
    assert path.read_bytes() == "new, ä".encode()
    assert atomic_write.writable(tmp_path / "a" / "b").is_dir()
    assert not list((tmp_path / "a" / "b").iterdir())


def test_a_signature_depends_on_content_and_not_on_order() -> None:
    """It names files of earlier versions and must not change: the start of the SHA-256 of compact, sorted JSON."""
    assert signature({"a": 1, "b": "x"}) == signature({"b": "x", "a": 1})
    assert signature({"a": 1, "b": "x"}) == hashlib.sha256(b'{"a":1,"b":"x"}').hexdigest()[:16]
    assert len({signature(one) for one in ({"a": 1}, {"a": 2}, {"b": 1}, ["a", 1], "a")}) == 5
