"""Import of torch on first use."""

from typing import Any

from byheart import checks


def torch_module() -> Any:
    """Return the module `torch`.

    Raises:
        BadInput: torch is not installed.
    """
    try:
        import torch
        import torch.export
    except ImportError:
        raise checks.BadInput('torch is not installed; run `pip install "byheart[torch]"`.') from None
    return torch


def checked_module(name: str, value: Any) -> Any:
    """Return `value` if it is a torch module.

    Raises:
        BadInput: it is not, or torch is not installed.
    """
    return checks.instance(name, value, torch_module().nn.Module, "a torch module (`torch.nn.Module`)")
