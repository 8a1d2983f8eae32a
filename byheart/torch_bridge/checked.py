"""The comparison of a converted module with torch on examples: outputs, input gradients, running statistics."""

import contextlib
import copy
import dataclasses
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from byheart import checks
from byheart.torch_bridge.agreement import Agreement
from byheart.torch_bridge.arrays import Arrays, arrays_of
from byheart.torch_bridge.installed import torch_module
from byheart.torch_bridge.lowered import Graph

IN_FLOAT64, IN_FLOAT32 = 1e-6, 1e-3
"""Largest differences that pass, relative to torch's largest number."""
FEWEST_IN_TRAINING = 8
"""Number of examples that are compared in training mode, at least.

Batch norm over two values, as for two small images, has derivatives that amplify rounding by a million.
"""


def agreement_of(
    module: Any, inputs: Any, constants: Arrays, evaluation: Graph, training: Graph | None, tolerance: float | None
) -> Agreement:
    """Return the differences between graphs and their module.

    Args:
        module: a copy of the module, which may be changed.
        inputs: examples as the module takes them, a torch tensor.
        constants: arrays of the graphs that are neither parameters nor buffers.
        evaluation: the graph in evaluation mode.
        training: the graph in training mode; None leaves it out.
        tolerance: largest difference that passes; None takes `IN_FLOAT64` or `IN_FLOAT32`.

    Raises:
        BadInput: a difference is larger, with the number that differs.
    """
    try:
        found = _compared(copy.deepcopy(module).double(), inputs.double(), constants, evaluation, training, True)
    except (RuntimeError, TypeError, ValueError):  # A module may make tensors of float32 itself.
        found = _compared(module, inputs, constants, evaluation, training, False)
    limit = (IN_FLOAT64 if found.in_float64 else IN_FLOAT32) if tolerance is None else tolerance
    wrong = {name: value for name, value in found.by_name().items() if value is not None and not value <= limit}
    if wrong:
        said = ", ".join(f"{name.replace('_', ' ')} by {value:.2g}" for name, value in wrong.items())
        raise Differs(
            f"The converted module differs from torch, relative to torch's largest number, in {said}; at most "
            f"{limit:g} passes.",
            is_in_training="outputs" not in wrong and "gradients" not in wrong,
        )
    return found


class Differs(checks.BadInput):
    """A converted module differs from torch."""

    def __init__(self, said: str, is_in_training: bool) -> None:
        super().__init__(said)
        self.is_in_training = is_in_training


def _compared(
    module: Any, inputs: Any, constants: Arrays, evaluation: Graph, training: Graph | None, is_wide: bool
) -> Agreement:
    before = arrays_of(module)
    arrays = {**constants, **before[1], **before[0]}
    given = inputs.detach().numpy()
    outputs, gradients, _, saw = _differences(module.eval(), inputs, arrays, given, evaluation, is_wide)
    found = Agreement(outputs, gradients, in_float64=is_wide, saw_gradients=saw)
    if training is None:
        return found
    more = _enough(inputs)
    outputs, gradients, statistics, _ = _differences(
        module.train(), more, arrays, more.detach().numpy(), training, is_wide
    )
    return dataclasses.replace(found, training_outputs=outputs, training_gradients=gradients, statistics=statistics)


def _enough(inputs: Any) -> Any:
    """Return the examples, with mirrored and weaker ones after them until there are `FEWEST_IN_TRAINING`."""
    while len(inputs) < FEWEST_IN_TRAINING:
        inputs = torch_module().cat([inputs, inputs.flip(-1) * 0.8])
    return inputs


def _differences(
    module: Any, inputs: Any, arrays: Arrays, given: np.ndarray, graph: Graph, is_wide: bool
) -> tuple[float, float, float, bool]:
    """Return the differences of outputs, input gradients and changed buffers, and whether gradients are not all 0."""
    torch = torch_module()
    with masks_at_their_means(), torch.enable_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        leaf = inputs.detach().clone().requires_grad_(True)
        outputs = module(leaf)
        weights = np.cos(np.arange(outputs.numel())).reshape(tuple(outputs.shape)).astype(given.dtype)
        (gradient,) = torch.autograd.grad((outputs * torch.as_tensor(weights)).sum(), leaf)
    changed = {name: arrays_of(module)[1][name] for name in graph.updates}

    def passed(inputs: jax.Array, arrays: Any) -> Any:
        (outputs,), changed = graph(arrays, (inputs,), is_wide=is_wide)
        return (outputs * weights).sum(), (outputs, changed)

    with jax.enable_x64(is_wide), jax.default_matmul_precision("highest"):
        program = jax.jit(jax.value_and_grad(passed, has_aux=True), compiler_options=_fast_compilation())
        (_, (own_outputs, own_changed)), own_gradient = jax.device_get(
            program(jnp.asarray(given), jax.tree.map(jnp.asarray, arrays))
        )
    floor = least_scale(given.dtype)
    statistics = max((difference(own_changed[name], changed[name], floor) for name in changed), default=0.0)
    return (
        difference(own_outputs, outputs.detach().numpy()),
        difference(own_gradient, gradient.numpy()),
        statistics,
        bool((gradient != 0).any()),
    )


def _fast_compilation() -> dict[str, Any] | None:
    return {"xla_backend_optimization_level": 1} if jax.default_backend() == "cpu" else None


def least_scale(dtype: npt.DTypeLike) -> float:
    """Return the least number that differences are divided by where a number may be 0 but for rounding.

    It is the square root of the rounding of 1. Such a number is the mean of a batch norm after a convolution of
    normalized maps: it would otherwise be compared with its own rounding.
    """
    return math.sqrt(np.finfo(dtype).eps)


def difference(own: np.ndarray, torchs: np.ndarray, floor: float = 0.0) -> float:
    """Return the largest difference relative to torch's largest number; infinite if shapes or NaN differ.

    Args:
        own: numbers of the converted module.
        torchs: those of torch.
        floor: least number that differences are divided by.
    """
    if own.shape != torchs.shape or (np.isnan(own) != np.isnan(torchs)).any():
        return np.inf
    scale = np.abs(np.nan_to_num(torchs)).max(initial=floor)
    largest = np.abs(np.nan_to_num(own.astype(float) - torchs.astype(float))).max(initial=0.0)
    return float(largest / scale) if scale > 0 else float(largest)


@contextlib.contextmanager
def masks_at_their_means() -> Iterator[None]:
    """Run torch with the mean of each random mask in its place, which turns dropout off, as converted modules do."""
    torch = torch_module()
    from torch.utils._python_dispatch import TorchDispatchMode

    class Means(TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            own: Callable[..., Any] | None = _MEANS.get(str(func))
            return func(*args, **(kwargs or {})) if own is None else own(*args)

    with Means(), torch.random.fork_rng(devices=[]):
        yield


_MEANS: dict[str, Callable[..., Any]] = {
    "aten.bernoulli_.float": lambda x, share=0.5, *rest: x.fill_(share),
    "aten.bernoulli_.Tensor": lambda x, share, *rest: x.copy_(share),
    "aten.bernoulli.p": lambda x, share=0.5, *rest: x.new_full(x.shape, share),
    "aten.bernoulli.default": lambda share, *rest: share.clone(),
    "aten.native_dropout.default": lambda x, rate, train: (x.clone(), x.new_ones(x.shape)),
}
