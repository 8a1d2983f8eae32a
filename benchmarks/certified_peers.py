"""Bounds of the critical sample ratio from both sides, against torchattacks and auto_LiRPA.

    BYHEART_DATA=folder python -m benchmarks.certified_peers

The environment is that of requirements-certified-peers.txt. Networks and images are those of `benchmarks.certified`;
torch has the same weights. All boxes are cut to [0, 1], where torchattacks keeps its points.

Searches: each runs once in each round; then each is repeated, with other random numbers, for as long as one run of the
slowest takes. What a search found in equal time is the union of its runs. A point counts if byheart's network gives it
another class and it lies in the box.

Certificates: auto_LiRPA gets the fastest of a few batch sizes and forms of convolutions, tried in the same run. It
computes in float32 and does not count rounding.

Times are seconds of all cores together, which other programs disturb little; wall times are reported, too. torch has
one thread: its threads busy-wait, which would count as work.
"""

import argparse
import dataclasses
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import nn

import byheart as bh
from benchmarks import common, lirpa, torch_twins
from benchmarks.box_searches import Search, apgd_t, is_critical, ours, pgd
from benchmarks.certified import N_SAMPLES, NETWORKS, RADIUS, trained

Row = dict[str, object]

ROUNDS = 2
STEPS = 50
"""Gradient steps of each search; `TargetedSearch` and APGD-T take them toward each other class."""
BATCH = 250
"""Images that torchattacks searches together."""
BATCHES = (10, 50, 100)
"""Images that auto_LiRPA may bound together."""
PROBE = 100
"""Images on which auto_LiRPA's settings are tried."""
WITHIN = (0.0, 1.0)


def searches(
    network: Any, images: np.ndarray, model: nn.Module, tensor: torch.Tensor, radius: float
) -> dict[str, Search]:
    """Return all searches by their names in the table."""
    return {
        "LASS": ours(network, images, radius, bh.LASS(STEPS, clip_pixels=True)),
        "TargetedSearch": ours(network, images, radius, bh.TargetedSearch(STEPS, bounds=WITHIN)),
        "torchattacks.PGD": pgd(model, tensor, radius, radius / 4, BATCH, STEPS),
        "torchattacks.APGDT": apgd_t(model, tensor, radius, BATCH, STEPS),
    }


@dataclasses.dataclass(frozen=True)
class Times:
    """Median milliseconds of a sample: of all cores together, and on the clock."""

    core_ms: float
    wall_ms: float


def interleaved(methods: Mapping[str, Callable[[int], object]], n_samples: int) -> dict[str, Times]:
    """Time each method in each round; nothing is warmed up."""
    cores: dict[str, common.Seconds] = {name: common.Seconds() for name in methods}
    walls: dict[str, common.Seconds] = {name: common.Seconds() for name in methods}
    for number, name in itertools.product(range(ROUNDS), methods):
        before = time.process_time()
        walls[name].append(common.timed(methods[name], number))
        cores[name].append(time.process_time() - before)
        common.say(
            f"  round {number + 1}/{ROUNDS}  {name}: {walls[name][-1]:.3f} s, {cores[name][-1]:.3f} of all cores"
        )
    scale = 1000 / n_samples
    return {name: Times(scale * cores[name].median, scale * walls[name].median) for name in methods}


def lower_bounds(
    network: Any, images: np.ndarray, methods: Mapping[str, Search], radius: float
) -> tuple[list[Row], np.ndarray]:
    """Return the table of searches, and the samples that any of them found."""

    def found(name: str, number: int) -> np.ndarray:
        return is_critical(network, images, methods[name](number), radius)

    in_runs = {name: [found(name, 0)] for name in methods}  # Also compiles.
    times = interleaved(methods, len(images))
    longest = max(one.core_ms for one in times.values())
    rows: list[Row] = []
    for name, one in times.items():
        runs = max(1, round(longest / one.core_ms))
        in_runs[name] += [found(name, number) for number in range(1, runs)]
        rows.append(
            {
                "search": name,
                "found in one run": float(in_runs[name][0].mean()),
                "core ms a point": one.core_ms,
                "ms a point": one.wall_ms,
                "runs in equal time": runs,
                "found in equal time": float(np.any(in_runs[name], axis=0).mean()),
            }
        )
    return rows, np.any([found for runs in in_runs.values() for found in runs], axis=0)


def fastest_lirpa(model: nn.Sequential, tensor: torch.Tensor, predicted: torch.Tensor, radius: float) -> dict[str, Any]:
    """Return the settings with which CROWN takes the least time on the first images."""
    modes = ("patches", "matrix") if any(isinstance(layer, nn.Conv2d) for layer in model) else ("matrix",)
    tried: list[tuple[float, dict[str, Any]]] = []
    for mode, batch in itertools.product(modes, BATCHES):
        how = {"conv_mode": mode, "batch": batch}
        method = by_lirpa("CROWN", model, tensor[:PROBE], predicted[:PROBE], radius, how)
        method(0)
        before = time.process_time()
        method(0)
        tried.append((time.process_time() - before, how))
        common.say(f"  auto_LiRPA, {how}: {1000 * tried[-1][0] / PROBE:.2f} core ms a point")
    return min(tried, key=lambda one: one[0])[1]


def by_lirpa(
    method: str,
    model: nn.Sequential,
    tensor: torch.Tensor,
    predicted: torch.Tensor,
    radius: float,
    how: Mapping[str, Any],
) -> Callable[[int], np.ndarray]:
    """Return a method that gives the lower bound of each sample's smallest margin."""
    margins = lirpa.margins_by(method, model, tensor, radius, how["conv_mode"])

    def run(number: int) -> np.ndarray:
        del number
        parts = zip(tensor.split(how["batch"]), predicted.split(how["batch"]), strict=True)
        return np.concatenate([margins(some, classes) for some, classes in parts])

    return run


def upper_bounds(
    network: Any, images: np.ndarray, model: nn.Sequential, tensor: torch.Tensor, radius: float, found: np.ndarray
) -> tuple[list[Row], dict[str, Any]]:
    """Return the table of certificates, and the settings of auto_LiRPA."""
    predicted = model(tensor).argmax(dim=1)
    how = fastest_lirpa(model, tensor, predicted, radius)

    def by_byheart(number: int) -> np.ndarray:
        del number
        return bh.certified_samples(network, images, radius=radius, bounds=WITHIN, show_progress=False).margin

    methods: dict[str, Callable[[int], np.ndarray]] = {
        "byheart": by_byheart,
        "auto_LiRPA, CROWN": by_lirpa("CROWN", model, tensor, predicted, radius, how),
        "auto_LiRPA, CROWN-IBP": by_lirpa("CROWN-IBP", model, tensor, predicted, radius, how),
        "auto_LiRPA, intervals": by_lirpa("IBP", model, tensor, predicted, radius, how),
    }
    is_open = {name: ~(method(0) > 0) for name, method in methods.items()}
    times = interleaved(methods, len(images))
    rows: list[Row] = [
        {
            "certificate": name,
            "not certified": float(is_open[name].mean()),
            "gap to the most found": float(is_open[name].mean() - found.mean()),
            "found although certified": int((found & ~is_open[name]).sum()),
            "core ms a point": times[name].core_ms,
            "ms a point": times[name].wall_ms,
            "times byheart's core ms": times[name].core_ms / times["byheart"].core_ms,
        }
        for name in methods
    ]
    return rows, how


def float64_speed() -> float:
    """GFLOP/s of one core in float64, in products as those of the proof for an MLP 784-256-256-10; the best of ten."""
    with jax.enable_x64(True):
        rows, weight = jnp.ones((4096, 256)), jnp.ones((256, 784))
        product = jax.jit(lambda rows, weight: rows @ weight)
        product(rows, weight).block_until_ready()
        seconds = []
        for _ in range(10):
            before = time.process_time()
            product(rows, weight).block_until_ready()
            seconds.append(time.process_time() - before)
    return 2 * 4096 * 256 * 784 / min(seconds) / 1e9


def main() -> None:
    """Measure, print and store."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--samples", type=int, default=N_SAMPLES)
    chosen = options.parse_args()
    bh.use_all_cores()
    common.in_threads(1)
    split = common.images("mnist", training=10_000, validation=chosen.samples)
    images, radius = split.validation.inputs, RADIUS.value / 255
    tables: dict[str, list[Row]] = {}
    settings: dict[str, Any] = {"data": split.name, "radius": RADIUS.in_words, "steps": STEPS, "auto_LiRPA": {}}
    settings["product in float64, GFLOP/s of a core"] = float64_speed()
    for name, (architecture, noise) in NETWORKS.items():
        network = trained(architecture, noise, split)
        model, tensor = torch_twins.twin(network, split.input_shape), torch_twins.channels_first(images)
        difference = float(np.abs(np.asarray(network(jnp.asarray(images))) - model(tensor).numpy()).max())
        if difference > 1e-3:
            raise RuntimeError(f"The copied weights give other logits: they differ by {difference}.")
        methods = searches(network, images, model, tensor, radius)
        tables[f"{name}: searches"], found = lower_bounds(network, images, methods, radius)
        certificates, how = upper_bounds(network, images, model, tensor, radius, found)
        tables[f"{name}: certificates"], settings["auto_LiRPA"][name] = certificates, how
        common.say(common.table(tables[f"{name}: searches"]) + "\n" + common.table(certificates))
    common.report("certified_peers", settings, tables)


if __name__ == "__main__":
    main()
