"""Compiled programs are kept in the user's cache folder, unless the user says otherwise."""

from collections.abc import Iterator
from pathlib import Path

import jax
import pytest

from byheart import program_cache
from byheart.program_cache import keep_compiled_programs

SETTINGS = (
    "jax_compilation_cache_dir",
    "jax_compilation_cache_max_size",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = {name: getattr(jax.config, name) for name in SETTINGS}
    jax.config.update("jax_compilation_cache_dir", None)
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    monkeypatch.delenv("BYHEART_CACHE", raising=False)
    yield
    for name, value in before.items():
        jax.config.update(name, value)


def test_programs_of_any_size_are_kept_in_the_users_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name, appauthor: str(tmp_path / name))
    folder = keep_compiled_programs()
    assert folder is not None
    assert folder.is_dir()
    assert folder.parent == tmp_path / "byheart" / "programs"
    assert [getattr(jax.config, name) for name in SETTINGS] == [str(folder), program_cache.MOST_BYTES, 0.0, -1]


def test_another_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYHEART_CACHE", str(tmp_path / "mine"))
    folder = keep_compiled_programs()
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "mine")


def test_nothing_is_kept_if_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYHEART_CACHE", "off")
    assert keep_compiled_programs() is None
    assert jax.config.jax_compilation_cache_dir is None


def test_the_users_own_folder_of_jax_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path))
    assert keep_compiled_programs() is None
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR")
    jax.config.update("jax_compilation_cache_dir", str(tmp_path))
    assert keep_compiled_programs() is None
    assert jax.config.jax_compilation_cache_dir == str(tmp_path)


def test_a_folder_that_cannot_be_written_is_reported_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BYHEART_CACHE", str(tmp_path / "file"))
    said: list[str] = []
    assert keep_compiled_programs(said.append) is None
    assert len(said) == 1
    assert str(tmp_path / "file") in said[0]
    assert 'set BYHEART_CACHE to another folder, or to "off"' in said[0]
    assert jax.config.jax_compilation_cache_dir is None


def test_programs_that_a_killed_process_left_half_written_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BYHEART_CACHE", str(tmp_path))
    folder = keep_compiled_programs()
    assert folder is not None
    jax.config.update("jax_compilation_cache_dir", None)
    for name in ("whole-1-cache", "whole-1-atime", "half-2-cache"):
        (folder / name).write_bytes(b"12345678")
    assert keep_compiled_programs() == folder
    assert {path.name for path in folder.iterdir()} - {".lockfile"} == {"whole-1-cache", "whole-1-atime"}


def test_other_processors_have_other_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    here = program_cache.kind_of_machine()
    assert here == program_cache.kind_of_machine()
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert program_cache.kind_of_machine() != here
