"""Compiled programs, kept between runs in the user's cache folder.

JAX stores and finds them (its persistent compilation cache); this module chooses the folder, its size and what is kept.
A kept program is the same machine code, so it gives the same numbers, bit by bit. Entries are named by program, version
and options. Each kind of machine has a folder of its own, since code for one processor may crash on another.
"""

import contextlib
import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path

import filelock
import jax
import platformdirs

VARIABLE = "BYHEART_CACHE"
"""Environment variable with the folder for compiled programs, or `OFF`."""
OFF = "off"
MOST_BYTES = 500_000_000
"""Size from which the programs that were used longest ago are removed."""

_OF_JAX = "JAX_COMPILATION_CACHE_DIR"
_SETTING = "jax_compilation_cache_dir"
_PROGRAM, _TIME_OF_USE = "-cache", "-atime"
_SECONDS_TO_WAIT = 10.0


def keep_compiled_programs(notify: Callable[[str], None] = lambda sentence: None) -> Path | None:
    """Keep the programs that this process compiles, and use those that were kept. The command line calls this.

    Nothing changes if the user has chosen a folder of JAX's own (`JAX_COMPILATION_CACHE_DIR`), or if `BYHEART_CACHE` is
    "off". The folder is that of `BYHEART_CACHE`, or else the user's cache folder, with a folder for each kind of
    machine.

    Args:
        notify: called with a sentence if the folder cannot be written; programs are then compiled anew.

    Returns:
        the folder; None if nothing is kept there.
    """
    chosen = os.environ.get(VARIABLE, "")
    if chosen == OFF or os.environ.get(_OF_JAX) or getattr(jax.config, _SETTING):
        return None
    base = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("byheart", appauthor=False))
    folder = base / "programs" / kind_of_machine()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_incomplete(folder)
    except OSError as problem:
        notify(
            f"Compiled programs cannot be kept in {folder} ({problem.strerror or problem}); set {VARIABLE} to another "
            f'folder, or to "{OFF}".'
        )
        return None
    jax.config.update("jax_compilation_cache_max_size", MOST_BYTES)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update(_SETTING, str(folder))
    return folder


def has_programs(folder: Path | None) -> bool:
    """Return whether earlier runs kept programs in a folder that `keep_compiled_programs` returned."""
    return folder is not None and any(folder.glob(f"*{_PROGRAM}"))


def kind_of_machine() -> str:
    """Return a name for all machines on which compiled code can be shared: same processor and instructions."""
    facts = [platform.system(), platform.machine(), platform.processor()]
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
        facts += sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    return f"{platform.machine() or 'machine'}-{hashlib.sha256(repr(facts).encode()).hexdigest()[:12]}"


def _remove_incomplete(folder: Path) -> None:
    """Remove programs that a killed process left half written.

    JAX writes the time of use of a new program after the program, both under this lock.
    """
    with contextlib.suppress(filelock.Timeout), filelock.FileLock(folder / ".lockfile", timeout=_SECONDS_TO_WAIT):
        for program in folder.glob(f"*{_PROGRAM}"):
            if not program.with_name(program.name.removesuffix(_PROGRAM) + _TIME_OF_USE).exists():
                program.unlink()
