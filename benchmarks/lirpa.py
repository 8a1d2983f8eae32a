"""Certificates by auto_LiRPA 0.3, under a version of torch that is newer than the one it was written for.

auto_LiRPA 0.3 asks for torch < 1.13 and NumPy 1. Three private names that it takes from torch and NumPy have moved
since; they are given back before it is imported. They serve it to read the graph of a network, not to bound it.
"""

import importlib
import sys
import types
import warnings
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval
from torch.onnx._internal.torchscript_exporter._globals import GLOBALS

_moved = types.ModuleType("numpy.lib.arraysetops")
_moved.isin = np.isin
sys.modules[_moved.__name__] = _moved
importlib.import_module("torch.onnx.symbolic_helper")._set_opset_version = lambda version: setattr(
    GLOBALS, "export_onnx_opset_version", version
)
torch._C.Node.__getitem__ = lambda node, name: getattr(node, node.kindOf(name))(name)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from auto_LiRPA import BoundedModule, BoundedTensor
    from auto_LiRPA.perturbations import PerturbationLpNorm

Margins = Callable[[torch.Tensor, torch.Tensor], np.ndarray]
"""From images and their predicted classes to lower bounds of their smallest margins."""


def margins_by(method: str, model: nn.Sequential, images: torch.Tensor, radius: float, conv_mode: str) -> Margins:
    """Return the certificate of boxes of `radius` within [0, 1].

    Args:
        method: "CROWN" or "IBP".
        model: as `torch_twins.twin` makes it.
        images: some of the images, for the shape.
        radius: in input units.
        conv_mode: how coefficients of convolutions are held, "patches" or "matrix".
    """
    layers, crop = list(_folded(model)), 0
    if isinstance(layers[0], nn.ZeroPad2d):
        crop = -layers.pop(0).padding[0]  # auto_LiRPA cannot crop; dropping pixels before is the same.
    side = slice(crop, -crop or None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bounded = BoundedModule(nn.Sequential(*layers), images[:2, :, side, side], bound_opts={"conv_mode": conv_mode})

    def margins(some: torch.Tensor, predicted: torch.Tensor) -> np.ndarray:
        low, high = ((some + change).clamp(0, 1)[:, :, side, side] for change in (-radius, radius))
        box = PerturbationLpNorm(norm=np.inf, eps=radius, x_L=low, x_U=high)
        of_class = torch.eye(10)[predicted][:, None] - torch.eye(10)
        others = torch.arange(10)[None].expand(len(some), -1) != predicted[:, None]
        rows = of_class[others].reshape(len(some), 9, 10)
        with torch.no_grad():
            inputs = BoundedTensor(some[:, :, side, side], box)
            bound, _ = bounded.compute_bounds(x=(inputs,), C=rows, method=method, bound_upper=False)
        return bound.numpy().min(axis=1)

    return margins


def _folded(model: nn.Sequential) -> nn.Sequential:
    """Return the network with each batch norm folded into the layer before."""
    layers: list[nn.Module] = []
    for layer in model:
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer)
        elif isinstance(layer, nn.BatchNorm1d):
            layers[-1] = fuse_linear_bn_eval(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers).eval().requires_grad_(False)
