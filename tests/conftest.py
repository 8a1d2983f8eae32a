"""Setup of all tests: checks of shapes and types, two CPU devices, shared compiled programs, fixed random examples."""

import os
import signal
from collections.abc import Iterator

import hypothesis
import jax
import jaxtyping
import pytest

COMPILE_FAST = (
    "--xla_backend_optimization_level=1 --xla_llvm_disable_expensive_passes=true "
    "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
)
"""Options of XLA with which a test run, most of which is compiling, takes 0.6 of its time (benchmarks/README.md).

What XLA makes runs more slowly and rounds differently. Runs that tests start in other processes (`tiny_runs.py`)
compile as users' runs do. `XLA_FLAGS="" make test-all` compiles everything so.
"""
os.environ.setdefault("JAX_PLATFORMS", "cpu")  # For processes that tests start.
os.environ.setdefault("XLA_FLAGS", COMPILE_FAST)  # XLA reads them when it compiles for the first time.
jax.config.update("jax_platforms", os.environ["JAX_PLATFORMS"])
jax.config.update("jax_num_cpu_devices", 2)  # Before the first array: all tests run on two devices.
jaxtyping.install_import_hook("byheart", "typechecker.checked")  # Before `byheart` is imported.

import compile_cache  # noqa: E402  It imports `byheart`.

compile_cache.share_compiled_programs()

# A shell's background jobs ignore interrupts, and programs that tests start and interrupt would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore_glob = ["*conftest.py"]  # They have no doctests, and all have one name.

SLOW = [hypothesis.HealthCheck.too_slow]  # Nothing here depends on the pace of the machine.
hypothesis.settings.register_profile(
    "fixed", derandomize=True, deadline=None, max_examples=50, suppress_health_check=SLOW
)
hypothesis.settings.load_profile("fixed")


FIRST = (
    "test_killed_ray_runs",
    "test_examples",
    "test_commands",
    "test_killed_runs",
    "test_ray_executor",
    "test_regularizers",
)
"""Slow files with few tests, which would otherwise run alone at the end. Two start Ray, which is slow if both start at
once, so others come between them. The order only saves time: no test relies on it."""


@pytest.fixture(autouse=True, scope="module")
def few_compiled_programs() -> Iterator[None]:
    """Keep the programs of a test process far below what Linux lets it map."""
    yield
    compile_cache.forget_programs_if_many()


def pytest_configure(config: pytest.Config) -> None:
    """Empty a cache of compiled programs that has grown too large, once for all workers."""
    if not hasattr(config, "workerinput"):
        compile_cache.empty_if_too_large()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow files first, and skip tests marked `real_data` unless BYHEART_DATA is set."""
    items.sort(key=lambda item: (*FIRST, item.path.stem).index(item.path.stem))
    if os.environ.get("BYHEART_DATA"):
        return
    for item in items:
        if item.get_closest_marker("real_data"):
            item.add_marker(pytest.mark.skip(reason="BYHEART_DATA names no folder of real data"))
