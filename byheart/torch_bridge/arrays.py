"""Arrays of torch modules as NumPy arrays by name."""

from collections.abc import Mapping
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]


def arrays_of(module: Any) -> tuple[Arrays, Arrays]:
    """Return (parameters, buffers and frozen parameters) of a module; a shared one has its first name."""
    trained = {name: _array(one) for name, one in module.named_parameters() if one.requires_grad}
    frozen = {name: _array(one) for name, one in module.named_parameters() if not one.requires_grad}
    return trained, {**frozen, **{name: _array(one) for name, one in module.named_buffers()}}


def first_names(module: Any) -> Mapping[str, str]:
    """Return the first name of each parameter and buffer by every name that it has."""
    named = [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]
    first: dict[int, str] = {}
    return {name: first.setdefault(id(tensor), name) for name, tensor in named}


def _array(tensor: Any) -> np.ndarray:
    import torch

    found = tensor.detach().cpu()
    if found.dtype in (torch.float16, torch.bfloat16):
        found = found.float()
    return found.numpy().copy()
