"""What holds for every test, and for what tests start: shapes and types are checked, several CPU devices are in use, also beside a GPU, chance is fixed."""

import os
import signal

import hypothesis
import jax
import jaxtyping
import pytest

os.environ.setdefault("JAX_PLATFORMS", "cpu")  # For processes that tests start.
jax.config.update("jax_platforms", os.environ["JAX_PLATFORMS"])
jax.config.update("jax_num_cpu_devices", 2)  # Before the first array: all tests run on two devices.
jaxtyping.install_import_hook("byheart", "typechecker.checked")  # Before `byheart` is imported.

# In the background of a shell interrupts are ignored, and programs that tests interrupt would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore_glob = ["*conftest.py"]  # They hold no doctests, and share one name.

hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=50)
hypothesis.settings.load_profile("fixed")


FIRST = (
    "test_killed_ray_runs",
    "test_examples",
    "test_commands",
    "test_killed_runs",
    "test_ray_executor",
    "test_regularizers",
)
"""Files that take long for how few tests they have: none of them shall be waited for alone in the end. Two start Ray, which takes minutes where two start at
once, so others come between."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first. Tests marked `real_data` need the official files, in the folder that BYHEART_DATA names."""
    items.sort(key=lambda item: (*FIRST, item.path.stem).index(item.path.stem))
    if os.environ.get("BYHEART_DATA"):
        return
    for item in items:
        if item.get_closest_marker("real_data"):
            item.add_marker(pytest.mark.skip(reason="BYHEART_DATA names no folder of real data"))
