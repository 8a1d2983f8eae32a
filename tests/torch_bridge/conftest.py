"""Setup of tests with torch: one thread, so that its threads and those of JAX do not wait for each other."""

import importlib.util

HAS_TORCH = importlib.util.find_spec("torch") is not None
collect_ignore_glob = ["*conftest.py", *["made_modules.py"] * (not HAS_TORCH)]

if HAS_TORCH:
    import torch

    torch.set_num_threads(1)
