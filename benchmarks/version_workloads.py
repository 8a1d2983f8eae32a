"""byheart's own workloads for `benchmarks.versions`, which runs this file with the checkout of one version.

The file names only what both versions have, and adapts to the names that changed. It reads lines "workload<TAB>round",
and prints the seconds of each; the first round of a workload compiles.
"""

import dataclasses
import sys
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import byheart as bh

Method = Callable[[int], object]
Sweep: Any = getattr(bh, "PopulationSweep", None) or bh.Sweep
"""The sweep over the members of one recipe, by either of its names."""


def inputs_of(data: Any) -> np.ndarray:
    """Return the inputs of a data set."""
    return data.inputs if hasattr(data, "inputs") else data.images


def data(name: str, training: int, validation: int = 10) -> Any:
    """Return images from BYHEART_DATA."""
    return bh.load(name, training=training, validation=validation, download=False)


def population(recipe: Any, split: Any, seeds: int, **measures: Any) -> Method:
    """Train a population with a program that is made once."""
    sweep = Sweep(recipe, tuple(bh.grid(seed=range(seeds))), **measures)
    made = bh.Population(sweep, split)
    return lambda number: jax.block_until_ready(made.train(sweep.members).networks)


def sensitivity(horizon: int) -> Method:
    """Return the sensitivities of 1,000 images of 14 x 14 at 250 steps of a run."""
    part = data("mnist", 1000).training
    images = inputs_of(part).reshape(1000, 14, 2, 14, 2, 1).mean(axis=(2, 4))
    network = bh.MLP((32, 32)).build((14, 14, 1), 10, jax.random.key(0))
    batches = bh.WithReplacement()(1000, 32, horizon, jax.random.key(1))
    run = bh.network_run(network, optax.sgd(0.05), jnp.asarray(images), part.labels, batches)
    steps = bh.LastSteps(500, every=2).steps(horizon)
    return lambda number: bh.loss_sensitivity_at_step(run, steps, bh.MinibatchLoss()).at_step


def search(name: str, recipe: Any, radius: float, n_points: int) -> Method:
    """Search around validation images with the paper's LASS."""
    split, member = data(name, 2000, n_points), bh.Member()
    network = bh.train(recipe, [member], split).network(member)
    points = inputs_of(split.validation)
    return lambda number: np.asarray(
        bh.critical_samples(network, points, radius=radius, key=jax.random.key(number)).critical_point
    )


def regularized(*regularizers: Any) -> Method:
    """Train four networks of the experiment `regularization` at laptop scale."""
    recipe = bh.Recipe(bh.MLP((256, 256)), bh.SGD(0.1), batch_size=50, epochs=10, regularizers=regularizers)
    return population(recipe, data("mnist", 800), 4)


def anew() -> Method:
    """Train a population with a program that is compiled at each call."""
    split, members = data("mnist", 1000), bh.grid(seed=range(60))
    return lambda number: bh.train(SMALL, members, split, measures=(bh.Accuracy(),)).trace.training_accuracy.values


def gini() -> Method:
    """Return the Gini coefficient of a million numbers."""
    values = np.random.default_rng(0).random(10**6)
    return lambda number: bh.gini_coefficient(values)


def mlp(*widths: int, batch: int, epochs: int = 1) -> Any:
    """Return the recipe of an MLP."""
    return bh.Recipe(bh.MLP(widths), bh.SGD(0.1), batch_size=batch, epochs=epochs)


SMALL = mlp(32, 32, batch=50, epochs=10)
CNN = bh.Recipe(bh.CNN((32, 32)), bh.SGD(0.01, momentum=0.9), batch_size=64, epochs=1)
WORKLOADS: dict[str, Callable[[], Method]] = {
    "W1 loss sensitivity, T = 500": lambda: sensitivity(500),
    "W2 LASS, MLP": lambda: search("mnist", mlp(256, 256, batch=50, epochs=20), 3 / 255, 2000),
    "W2 LASS, CNN": lambda: search("cifar10", dataclasses.replace(CNN, epochs=15), 0.3 / 255, 500),
    "W3 20 x 256-256, batch 50": lambda: population(mlp(256, 256, batch=50), data("mnist", 5000), 20),
    "W3 50 x 64-64, batch 32": lambda: population(mlp(64, 64, batch=32), data("mnist", 5000), 50),
    "W4 6 CNNs, batch 64": lambda: population(CNN, data("cifar10", 512), 6),
    "W5 Gini, 10^6 values": gini,
    "W6 2 x 4096-4096, batch 32": lambda: population(
        mlp(4096, 4096, batch=32), data("mnist", 2000), 2, final_measures=(bh.Misclassified(),)
    ),
    "W7 64 x 64-64, batch 50": lambda: population(mlp(64, 64, batch=50, epochs=2), data("mnist", 4000), 64),
    "W8 60 x 32-32": lambda: population(SMALL, data("mnist", 1000), 60, measures=(bh.Accuracy(),)),
    "W8 60 x 32-32, compiled at each call": anew,
    "W10 plain": regularized,
    "W10 dropout": lambda: regularized(bh.Dropout(0.5)),
    "W10 adversarial training": lambda: regularized(bh.AdversarialTraining(0.5)),
}


def main() -> None:
    """Serve rounds until the input ends."""
    bh.use_all_cores()
    made: dict[str, Method] = {}
    for line in sys.stdin:
        name, number = line.rstrip("\n").split("\t")
        if name not in made:
            made[name] = WORKLOADS[name]()
        start = time.perf_counter()
        made[name](int(number))
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
