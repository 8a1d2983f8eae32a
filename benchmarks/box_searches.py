"""Searches of boxes, byheart's and torchattacks', in one form, and the judge of what they found."""

import itertools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import torch
import torchattacks
from torch import nn

import byheart as bh
from benchmarks import common, torch_twins
from byheart.critical.critical_samples import BOX_TOLERANCE
from byheart.networks.network import Network

Search = Callable[[int], np.ndarray]
"""Takes the number of the round, and returns the found points (sample, height, width, channel)."""
Attack = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From images and their classes to points."""

BATCHES = (100, 250, 1000)


def ours(network: Network, images: np.ndarray, radius: float, search: Any) -> Search:
    """byheart's search: `LASS` or `TargetedSearch`."""

    def run(number: int) -> np.ndarray:
        found = bh.critical_samples(network, images, radius=radius, search=search, key=jax.random.key(number))
        return np.asarray(found.critical_point)

    return run


def by_torch(model: nn.Module, images: torch.Tensor, radius: float, search: Any) -> Search:
    """byheart's search of a torch module as it is, by torch's gradients."""

    def run(number: int) -> np.ndarray:
        found = bh.critical_samples(model, images, radius=radius, search=search, key=jax.random.key(number))
        return torch_twins.channels_last(np.asarray(found.critical_point))

    return run


def pgd(
    model: nn.Module, images: torch.Tensor, radius: float, step_size: float, batch: int, steps: int = 100
) -> Search:
    """torchattacks.PGD with its defaults: random start, points kept in [0, 1]."""
    return in_batches(model, images, batch, torchattacks.PGD(model, eps=radius, alpha=step_size, steps=steps))


def apgd_t(model: nn.Module, images: torch.Tensor, radius: float, batch: int, steps: int) -> Search:
    """torchattacks.APGDT toward each other class, one start for each; points kept in [0, 1]."""
    attack = torchattacks.APGDT(model, eps=radius, steps=steps)
    search = in_batches(model, images, batch, attack)

    def run(number: int) -> np.ndarray:
        attack.seed = number  # It seeds torch by itself.
        return search(number)

    return run


def in_batches(model: nn.Module, images: torch.Tensor, batch: int, attack: Attack) -> Search:
    """Run `attack` away from the predicted class in batches; points that cross nothing are returned unchanged."""

    def run(number: int) -> np.ndarray:
        torch.manual_seed(number)
        points = []
        for some in images.split(batch):
            with torch.no_grad():
                predicted = model(some).argmax(dim=1)
            attacked = attack(some, predicted)
            with torch.no_grad():
                crossed = model(attacked).argmax(dim=1) != predicted
            points.append(torch.where(crossed[:, None, None, None], attacked, some))
        return torch_twins.channels_last(torch.cat(points).detach())

    return run


def is_critical(network: Network, images: np.ndarray, points: np.ndarray, radius: float) -> np.ndarray:
    """Return (sample,), whether a point has another class and lies in the box, up to float rounding."""
    differs = _classes(network, images) != _classes(network, points)
    is_inside = (np.abs(points - images) <= radius + BOX_TOLERANCE * (np.abs(images) + radius)).all(axis=(1, 2, 3))
    return differs & is_inside


def _classes(network: Network, images: np.ndarray) -> np.ndarray:
    return np.concatenate([np.asarray(network(images[i : i + 500]).argmax(axis=1)) for i in range(0, len(images), 500)])


def fastest_for_torch(model: nn.Module, images: torch.Tensor) -> tuple[nn.Module, torch.Tensor, int, str]:
    """Return the layout and batch size with which PGD takes the least time per point."""
    layouts = {"default": torch.contiguous_format}
    if any(isinstance(layer, nn.Conv2d) for layer in model):
        layouts["channels_last"] = torch.channels_last
    times = {}
    for (layout, form), batch in itertools.product(layouts.items(), BATCHES):
        times[layout, batch] = _seconds_a_point(
            model.to(memory_format=form), images[:batch].contiguous(memory_format=form)
        )
    layout, batch = min(times, key=times.__getitem__)
    common.say(f"torch is fastest with {layout} layout, batch {batch}: {times}")
    form = layouts[layout]
    return model.to(memory_format=form), images.contiguous(memory_format=form), batch, layout


def _seconds_a_point(model: nn.Module, images: torch.Tensor) -> float:
    attack, labels = torchattacks.PGD(model, steps=5), torch.zeros(len(images), dtype=torch.int64)
    attack(images, labels)
    n_calls = max(1, BATCHES[-1] // len(images))

    def attacks() -> None:
        for _ in range(n_calls):
            attack(images, labels)

    return min(common.timed(attacks) for _ in range(2)) / n_calls / len(images)
