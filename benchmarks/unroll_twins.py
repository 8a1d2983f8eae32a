"""Training loops that torch can differentiate from start to end: torch.autograd, `higher` and `torchopt`.

All start from the same weights, see the same minibatches, and use SGD without momentum. Each minibatch is a separate
leaf: a gradient with respect to one leaf with all images would write a zero for every image at every update. The
evaluated loss sees its images as constants, so that only the path through the updates counts.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import higher
import numpy as np
import torch
import torchopt
from torch import Tensor

from benchmarks import common, torch_twins

LOOPS = ("torch.autograd", "torch.autograd, one thread")
"""The plain loops by their names in the table."""
SAMPLE, GROUP = 5, 25
"""Values timed one by one, and in one reverse pass; 25 took less time per value than 5 or 50."""
Sensitivities = dict[int, np.ndarray]
"""g_x^t of all examples for each t."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """A training run and the steps at which its loss is differentiated, as arrays for any process.

    Attributes:
        images: (example, height, width, channel).
        labels: (example,).
        layers: weight (in, out) and bias of each layer before the first update.
        batches: (step, batch), indices of examples.
        learning_rate: learning rate of SGD.
        steps: t of each L_t, ascending.
    """

    images: np.ndarray
    labels: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]
    batches: np.ndarray
    learning_rate: float
    steps: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Unrolled:
    """A run whose graph is in memory.

    Attributes:
        losses: L_t at each evaluated t.
        leaves: the images of each minibatch.
        indices: indices of these examples, (step, batch).
        n_examples: size of the training set.
    """

    losses: dict[int, Tensor]
    leaves: list[Tensor]
    indices: Tensor
    n_examples: int


@dataclasses.dataclass(frozen=True)
class Measured:
    """One call: seconds of all values, megabytes added, total megabytes at the peak, and the computed values."""

    seconds: float
    megabytes: float
    resident: float
    values: Sensitivities


class Inner(Protocol):
    """A network and its differentiable optimizer."""

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss of a minibatch."""

    def update(self, loss: Tensor) -> None:
        """Take a step and keep it in the graph."""


class Plain:
    """torch.autograd with `create_graph`."""

    def __init__(self, problem: Problem, dtype: torch.dtype) -> None:
        self._parameters = [torch.tensor(value, dtype=dtype) for layer in problem.layers for value in layer]
        for parameter in self._parameters:
            parameter.requires_grad_()
        self._learning_rate = problem.learning_rate

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the loss without `torch.nn`, which costs more for each call."""
        weights, biases = self._parameters[::2], self._parameters[1::2]
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            images = torch.relu(torch.addmm(bias, images, weight))
        return torch.nn.functional.cross_entropy(torch.addmm(biases[-1], images, weights[-1]), labels)

    def update(self, loss: Tensor) -> None:
        """Take a step of plain SGD."""
        gradients = torch.autograd.grad(loss, self._parameters, create_graph=True)
        pairs = zip(self._parameters, gradients, strict=True)
        self._parameters = [parameter.sub(gradient, alpha=self._learning_rate) for parameter, gradient in pairs]


class Higher:
    """`higher`: a patched module and its differentiable SGD."""

    def __init__(self, problem: Problem, dtype: torch.dtype) -> None:
        network = _module(problem, dtype)
        optimizer = torch.optim.SGD(network.parameters(), lr=problem.learning_rate)
        with higher.innerloop_ctx(network, optimizer, track_higher_grads=True) as (patched, differentiable):
            self._network, self._optimizer = patched, differentiable

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of the patched module."""
        return torch.nn.functional.cross_entropy(self._network(images), labels)

    def update(self, loss: Tensor) -> None:
        """Take a step of `higher`'s optimizer."""
        self._optimizer.step(loss)


class Torchopt:
    """`torchopt`: a module and its MetaSGD."""

    def __init__(self, problem: Problem, dtype: torch.dtype) -> None:
        self._network = _module(problem, dtype)
        self._optimizer = torchopt.MetaSGD(self._network, lr=problem.learning_rate)

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of the module."""
        return torch.nn.functional.cross_entropy(self._network(images), labels)

    def update(self, loss: Tensor) -> None:
        """Take a step of `torchopt`'s optimizer."""
        self._optimizer.step(loss)


def _module(problem: Problem, dtype: torch.dtype) -> torch.nn.Sequential:
    sizes = [bias.size for _, bias in problem.layers]
    network = torch_twins.mlp(problem.layers[0][0].shape[0], sizes[:-1], sizes[-1]).to(dtype)
    values = [value for weight, bias in problem.layers for value in (weight.T, bias)]
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), values, strict=True):
            parameter.copy_(torch.tensor(value))
    return network


def unrolled(make: Callable[[Problem, torch.dtype], Inner], problem: Problem, dtype: torch.dtype) -> Unrolled:
    """Train up to the last evaluated step."""
    inner = make(problem, dtype)
    images = torch.tensor(problem.images.reshape(len(problem.images), -1), dtype=dtype)
    labels, indices = torch.tensor(problem.labels), torch.tensor(problem.batches, dtype=torch.int64)
    wanted, losses, leaves = set(problem.steps), {}, []
    for step in range(problem.steps[-1] + 1):
        seen, classes = images[indices[step]], labels[indices[step]]
        if step in wanted:
            losses[step] = inner.loss(seen, classes)
        if step < problem.steps[-1]:
            leaves.append(seen.detach().requires_grad_())
            inner.update(inner.loss(leaves[-1], classes))
    return Unrolled(losses, leaves, indices, len(images))


def one_by_one(run: Unrolled, steps: Sequence[int]) -> np.ndarray:
    """Return g_x^t at `steps`, (step, example), by one reverse pass for each."""
    found = []
    for step in steps:
        gradients = torch.autograd.grad(run.losses[step], run.leaves[:step], retain_graph=True)
        total = torch.zeros(run.n_examples, gradients[0].shape[1], dtype=gradients[0].dtype)
        total.index_add_(0, run.indices[:step].flatten(), torch.cat(gradients))
        found.append(total.abs().sum(dim=1))
    return torch.stack(found).numpy()


def batched(run: Unrolled, steps: Sequence[int]) -> np.ndarray:
    """Return the same by one reverse pass for all, vectorized over them (`is_grads_batched`)."""
    losses = torch.stack([run.losses[step] for step in steps])
    each, leaves = torch.eye(len(steps), dtype=losses.dtype), run.leaves[: max(steps)]
    gradients = list(torch.autograd.grad([losses], leaves, [each], is_grads_batched=True, retain_graph=True))
    total = torch.zeros(len(steps), run.n_examples, leaves[0].shape[1], dtype=losses.dtype)
    for indices in run.indices[: len(leaves)].flip(0):
        total.index_add_(1, indices, gradients.pop())
    return total.abs().sum(dim=2).numpy()


@dataclasses.dataclass(frozen=True)
class Sampled:
    """A method of which the graph and `groups` of steps are timed; the time of all values is extrapolated.

    Attributes:
        make: returns network and optimizer.
        gradients: `one_by_one` or `batched`.
        groups: steps whose values are computed in one call of `gradients` each.
        n_threads: number of threads; None for torch's default.
    """

    make: Callable[[Problem, torch.dtype], Inner]
    gradients: Callable[[Unrolled, Sequence[int]], np.ndarray]
    groups: tuple[tuple[int, ...], ...]
    n_threads: int | None = None

    def __call__(self, problem: Problem, dtype: torch.dtype = torch.float32) -> tuple[float, Sensitivities]:
        """Return the seconds of all of `problem.steps`, and the computed values."""
        start = time.perf_counter()
        run = unrolled(self.make, problem, dtype)
        middle = time.perf_counter()
        values = np.concatenate([self.gradients(run, group) for group in self.groups])
        in_sample = time.perf_counter() - middle
        steps = [step for group in self.groups for step in group]
        seconds = middle - start + in_sample * len(problem.steps) / len(steps)
        return seconds, dict(zip(steps, values, strict=True))


def sampled_steps(problem: Problem) -> tuple[int, ...]:
    """Return the middles of 5 equal parts of the window."""
    part = len(problem.steps) // SAMPLE
    return problem.steps[part // 2 :: part]


def torch_methods(problem: Problem) -> dict[str, Sampled]:
    """Return the methods by their names in the table."""
    spread = tuple((step,) for step in sampled_steps(problem))
    first = (len(problem.steps) - GROUP) // 2
    group = (problem.steps[first : first + GROUP],)
    return {
        LOOPS[0]: Sampled(Plain, one_by_one, spread),
        LOOPS[1]: Sampled(Plain, one_by_one, spread, 1),
        "torch.autograd, batched": Sampled(Plain, batched, group),
        "torch.autograd, batched, one thread": Sampled(Plain, batched, group, 1),
        "higher, one thread": Sampled(Higher, one_by_one, spread, 1),
        "torchopt, one thread": Sampled(Torchopt, one_by_one, spread, 1),
    }


def torch_sampled(method: Sampled, problem: Problem) -> Callable[[int], Measured]:
    """Make a torch method in its own process, warmed up on a few updates."""
    if method.n_threads is not None:
        common.in_threads(method.n_threads)
    short = dataclasses.replace(problem, steps=(9, 19))
    dataclasses.replace(method, groups=((9, 19),))(short)
    return lambda number: measured(lambda: method(problem))


def reference_in_torch(problem: Problem) -> Callable[[int], Sensitivities]:
    """Compute values at 3 steps in double precision with torch, in its own process."""
    common.in_threads(1)
    method = Sampled(Plain, one_by_one, tuple((step,) for step in problem.steps[::2]))
    return lambda number: method(problem, torch.float64)[1]


def measured(method: Callable[[], tuple[float, Sensitivities]]) -> Measured:
    """Measure a call and its memory, which is then returned to the system for the next process."""
    results: list[tuple[float, Sensitivities]] = []
    megabytes = common.extra_memory(lambda: results.append(method()))
    call = Measured(results[0][0], megabytes, peak_resident(), results[0][1])
    common.extra_memory(lambda: None)
    return call


def peak_resident() -> float:
    """Return the peak megabytes of this process since `common.extra_memory` began; NaN if unknown."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), float("nan"))


def errors(found: Sensitivities, exact: Sensitivities) -> dict[str, float]:
    """Return relative errors over the examples that have a sensitivity, at the steps that both have."""
    steps = sorted(found.keys() & exact.keys())
    pairs = [(found[step], exact[step]) for step in steps]
    relative = [np.abs(one - other)[other > 0] / other[other > 0] for one, other in pairs]
    if not relative:
        return {"median error": float("nan"), "largest error": float("nan")}
    joined = np.concatenate(relative)
    return {"median error": float(np.median(joined)), "largest error": float(np.max(joined))}
