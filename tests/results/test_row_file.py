"""Files of vectors: the same bytes as of NumPy, whenever they were interrupted; other rows are refused."""

import json
from pathlib import Path

import numpy as np
import pytest

import byheart as bh
from byheart.results import row_file
from byheart.results.row_file import RowFile

ROWS = np.random.default_rng(0).normal(size=(23, 3)).astype(np.float32)
IDENTITY = {"encoder": "torch:mine:encoder()"}


def opened(path: Path, **more: str) -> RowFile:
    return RowFile(path, 23, 3, {**IDENTITY, **more}, {"source": "pets"})


@pytest.mark.parametrize("saves_often", [True, False])
@pytest.mark.parametrize("killed_after", [0, 5, 10, 20])
def test_a_killed_file_goes_on_and_ends_with_the_bytes_of_numpy(
    tmp_path: Path, saves_often: bool, killed_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_file, "SECONDS_BETWEEN", 0.0 if saves_often else 1e9)
    monkeypatch.setattr("byheart.results.checkpoint.SHARE_OF_TIME", 1e9)
    np.save(tmp_path / "expected.npy", ROWS)
    path = tmp_path / "features.npy"
    first = opened(path)
    for start in range(0, killed_after, 5):
        first.append(ROWS[start : start + 5])
    again = opened(path)
    assert again.done == (killed_after if saves_often else 0)
    np.testing.assert_array_equal(again.first(2), ROWS[: min(2, again.done)])
    assert not path.exists()
    assert not again.is_complete
    while again.done < 23:
        again.append(ROWS[again.done : again.done + 5])
    assert path.read_bytes() == (tmp_path / "expected.npy").read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["expected.npy", "features.npy", "features.npy.json"]
    done = opened(path)
    assert done.is_complete
    np.testing.assert_array_equal(done.first(99), ROWS)
    assert json.loads((tmp_path / "features.npy.json").read_text())["source"] == "pets"


def test_a_process_killed_before_the_file_got_its_name_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "features.npy"
    opened(path).append(ROWS)
    path.rename(tmp_path / "features.npy.part")
    assert opened(path).is_complete
    assert path.exists()
    path.unlink()
    assert opened(path).done == 0


def test_other_vectors_and_files_without_a_record_are_refused(tmp_path: Path) -> None:
    path, record = tmp_path / "features.npy", tmp_path / "features.npy.json"
    opened(path).append(ROWS)
    with pytest.raises(bh.BadInput, match="holds other vectors: encoder 'torch:mine:encoder"):
        opened(path, encoder="torch:mine:other()")
    with pytest.raises(bh.BadInput, match="holds other vectors: rows 23, not 24"):
        RowFile(path, 24, 3, IDENTITY)
    record.write_text("{")
    with pytest.raises(bh.BadInput, match="cannot be read"):
        opened(path)
    record.unlink()
    with pytest.raises(bh.BadInput, match=r"exists, and features.npy.json does not. Choose another --out."):
        opened(path)
