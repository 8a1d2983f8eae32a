"""Checkpoints: complete or absent, damage is detected, and saving takes a small share of the time."""

from pathlib import Path

import numpy as np
import pytest

from byheart.results import checkpoint as module
from byheart.results.store import Store

ARRAYS = [np.array(3), np.arange(6.0).reshape(2, 3), np.array([True, False]), np.zeros((2, 0))]


def same(found: list[np.ndarray] | None) -> bool:
    return found is not None and all(
        one.dtype == other.dtype and np.array_equal(one, other) for one, other in zip(found, ARRAYS, strict=True)
    )


def test_what_was_saved_is_loaded_in_its_order_until_it_is_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = store.checkpoint("chunk")
    assert kept.load() is None
    kept.save([np.ones(3)])
    kept.save(ARRAYS)
    assert same(store.checkpoint("chunk").load())
    assert store.checkpoint("other").load() is None
    kept.remove()
    kept.remove()
    assert kept.load() is None
    assert not list(tmp_path.glob("*chunk*"))


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty"])
def test_a_damaged_checkpoint_is_told_and_the_chunk_starts_anew(tmp_path: Path, damage: str) -> None:
    told: list[str] = []
    kept = Store(tmp_path, told.append).checkpoint("chunk")
    kept.save(ARRAYS)
    (path,) = tmp_path.glob(".chunk.checkpoint")
    content = bytearray(path.read_bytes())
    if damage == "altered":
        content[content.find(np.arange(6.0).tobytes())] ^= 1
    path.write_bytes({"truncated": content[:100], "altered": content, "empty": b""}[damage])
    assert kept.load() is None
    assert len(told) == 1
    assert "its chunk starts again" in told[0]


def test_it_is_due_after_a_while_and_less_often_where_writing_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    kept = Store(tmp_path).checkpoint("chunk")
    assert not kept.is_due()
    clock[0] = module.SECONDS_BETWEEN
    assert kept.is_due()

    def slow(path: Path, fill: object) -> None:
        clock[0] += 10

    monkeypatch.setattr(module.atomic_write, "write", slow)
    kept.save(ARRAYS)
    clock[0] += 199
    assert not kept.is_due()
    clock[0] += 1
    assert kept.is_due()


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name in (".chunk.nc.123", "..chunk.checkpoint.123", "..other.checkpoint.123"):
        (tmp_path / name).touch()
    store.checkpoint("chunk").save(ARRAYS)
    with store.claimed("chunk", block=False) as mine:
        assert mine
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "..other.checkpoint.123",
        ".chunk.checkpoint",
        ".chunk.lock",
    ]
