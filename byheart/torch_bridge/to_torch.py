"""Trained arrays back into a torch module."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from byheart import checks
from byheart.inputs import Standardizer
from byheart.torch_bridge.installed import checked_module, torch_module


def write(arrays: Mapping[str, Any], standardizer: Standardizer | None, module: Any) -> Any:
    """Write arrays into the parameters and buffers of the same names; `TorchNetwork.to_torch` explains it."""
    torch = torch_module()
    checked_module("module", module)
    if standardizer is not None and not _is_none(standardizer):
        raise checks.BadInput(
            "The network standardizes its inputs, which the module does not. Give the module "
            "`network.standardizer(vectors)`, and write `dataclasses.replace(network, standardizer=None)`."
        )
    own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    held = {name: np.asarray(one) for name, one in jax.device_get(dict(arrays)).items() if not name.startswith("=")}
    problems = checks.Problems("The network does not fit the module")
    for name in sorted({*own, *held}):
        with problems.noted():
            if name not in held or name not in own:
                where = "module" if name in own else "network"
                raise checks.BadInput(f"Only the {where} has {name!r}.")
            if held[name].shape != tuple(own[name].shape):
                raise checks.BadInput(
                    f"{name!r} has the shape {held[name].shape} in the network and {tuple(own[name].shape)} in the "
                    "module. A network of a population has members on its first axis; take one by "
                    "`jax.tree.map(lambda leaf: leaf[0], networks)`."
                )
    problems.raise_if_any()
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(torch.as_tensor(held[name].copy()))
    return module


def _is_none(standardizer: Standardizer) -> bool:
    return bool((np.asarray(standardizer.mean) == 0).all() and (np.asarray(standardizer.deviation) == 1).all())
