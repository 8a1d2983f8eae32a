"""One cache of compiled programs for all processes of the tests: workers, started commands, and later test runs."""

import os
import shutil
from pathlib import Path

import jax

from byheart.program_cache import kind_of_machine

FOLDER = Path(__file__).parent.parent / ".pytest_cache" / "compiled"
LARGEST = 2**30
"""Bytes from which on the cache is emptied before the tests start."""

MOST_MAPPINGS = 10_000
"""Mapped pieces of memory from which on a process forgets its programs.

A small program takes about nine of them and 1.7 MB. Linux lets a process have 65,530 (`vm.max_map_count`).
Without a limit, the tests' processes grow to 7 GB each and may be ended by the system.
"""


def share_compiled_programs() -> None:
    """Let JAX keep compiled programs in `FOLDER`, unless the user's JAX_COMPILATION_CACHE_DIR names another.

    JAX finds a program by its text, its options and the version of JAX, so no entry is out of date. A process that is
    killed while it writes may leave half an entry; JAX compiles that program again.
    """
    settings = {
        "jax_compilation_cache_dir": str(FOLDER / kind_of_machine()),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    for name, value in settings.items():
        chosen = os.environ.setdefault(name.upper(), str(value))  # For the processes that tests start.
        jax.config.update(name, type(value)(chosen))


def empty_if_too_large() -> None:
    """Remove the compiled programs of earlier test runs if they fill more than `LARGEST` bytes."""
    if sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) > LARGEST:
        shutil.rmtree(FOLDER)


def forget_programs_if_many() -> None:
    """Let this process drop the programs that it holds if they take more than `MOST_MAPPINGS` mappings (on Linux)."""
    mappings = Path("/proc/self/maps")
    if mappings.exists() and mappings.read_bytes().count(b"\n") > MOST_MAPPINGS:
        jax.clear_caches()
