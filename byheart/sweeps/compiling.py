"""Compilation of several programs at the same time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import jax

AT_ONCE = 4
"""Largest number of programs that one call compiles at the same time; XLA leaves the interpreter free meanwhile."""


def compile_together(programs: Sequence[jax.stages.Lowered]) -> None:
    """Compile lowered programs in several threads. JAX keeps what it compiles, so that later calls find it."""
    with ThreadPoolExecutor(min(AT_ONCE, len(programs)), "compile") as threads:
        list(threads.map(lambda program: program.compile(), programs))
