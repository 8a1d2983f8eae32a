"""W10: the cost of regularizers.

    python -m benchmarks.w10_regularizers

First, adversarial training: an update of a population with it, as in `byheart run regularization`, against one without,
for several numbers of LASS steps; the goal is at most 1 + steps plain updates. Also for the paper's CNN, which is slow:
two networks, two updates.

Then half a curve of Figure 10: 5 rates of dropout and 3 seeds, so 15 networks, against the same 15 runs in torch: a
plain loop with default threads, and a loop with one thread in one process per core, each with its share. Networks and
minibatches are those of `byheart run regularization`: CIFAR-10 and MNIST at laptop scale, digits at tiny scale. All
train the same number of updates and measure nothing. Programs are compiled before; the time with compiling is reported,
too.
"""

import argparse
import dataclasses
from collections.abc import Callable, Sequence

import jax
import numpy as np
import torch
from torch import nn

import byheart as bh
from benchmarks import common, torch_twins
from byheart.experiments.data_summary import DataSummary
from byheart.paper.regularization.experiment import Regularization
from byheart.paper.scales import Scale

RATES, SEEDS = (0.2, 0.4, 0.6, 0.8, 0.9), range(3)
STEPS = (1, 2, 5, 10)
"""Numbers of LASS steps."""
SCALES: dict[str, Scale] = {"cifar10": "laptop", "mnist": "laptop", "digits": "tiny"}
UPDATES = 16
"""Updates per epoch."""
EPOCHS = {"cifar10": 1, "mnist": 10, "digits": 50}
GOALS = {"cifar10": 1, "mnist": 3, "digits": 3}
"""Goals: ratio to the time of the torch loop."""


def settings(name: str) -> Regularization:
    """Return the settings of the experiment."""
    shape, n_training = {
        "cifar10": ((32, 32, 3), 50_000),
        "mnist": ((28, 28, 1), 60_000),
        "digits": ((8, 8, 1), 1_437),
    }[name]
    return Regularization.for_scale(SCALES[name], DataSummary(name, shape, n_training, n_validation=10_000))


def data(name: str, updates: int = UPDATES) -> bh.Split:
    """Return as many images as the updates of an epoch use."""
    return common.images(name, training=updates * settings(name).batch_size, validation=10)


def population(
    how: Regularization,
    split: bh.Split,
    epochs: int,
    regularizers: Sequence[bh.Regularizer],
    members: Sequence[bh.Member],
) -> Callable[[int], object]:
    """Train the members; the first call compiles."""
    recipe = dataclasses.replace(how.recipe(), epochs=epochs, regularizers=tuple(regularizers))
    made = bh.Population(bh.PopulationSweep(recipe, tuple(members)), split)
    return lambda number: jax.block_until_ready(made.train(members).networks)


def costs(how: Regularization, split: bh.Split, epochs: int, n_members: int, rounds: int) -> list[dict[str, object]]:
    """Return rows: the time of adversarial training, in plain updates."""
    members = bh.grid(seed=range(n_members))
    (declared,) = {one for curve in how.curves for one in curve.regularizers if isinstance(one, bh.AdversarialTraining)}
    methods = {"plain": population(how, split, epochs, [], members)}
    for steps in STEPS:
        adversarial = dataclasses.replace(declared, search=dataclasses.replace(declared.search, budget=steps))
        methods[f"{steps}"] = population(how, split, epochs, [adversarial], members)
    for method in methods.values():
        method(0)
    times = common.interleaved(methods, rounds)
    plain = times["plain"].least
    n = n_members * epochs * (len(split.training) // how.batch_size)
    return [
        {
            "LASS steps": steps,
            "ms a network and update": 1e3 * seconds.least / n,
            "plain updates": seconds.least / plain,
            "goal": 1 if steps == "plain" else 1 + int(steps),
        }
        for steps, seconds in times.items()
    ]


def with_dropout(network: nn.Sequential, rate: float) -> nn.Sequential:
    """Return the network with dropout after the nonlinearity of each hidden dense layer."""
    layers: list[nn.Module] = []
    is_dense = False
    for layer in network:
        layers.append(layer)
        is_dense |= isinstance(layer, nn.Linear)
        if is_dense and isinstance(layer, nn.ReLU):
            layers.append(nn.Dropout(rate))
    return nn.Sequential(*layers)


def torch_loop(name: str, split: bh.Split, rates: Sequence[float]) -> Callable[[int], object]:
    """Train the networks one after another, one for each of `rates`."""
    how = settings(name)
    images = torch_twins.channels_first(split.training.inputs)
    labels = torch.tensor(np.asarray(split.training.labels, np.int64))
    optimizer = how.optimizer

    def network() -> nn.Sequential:
        if isinstance(how.architecture, bh.CNN):
            return torch_twins.cnn(how.architecture, 32, 3)
        return torch_twins.mlp(int(np.prod(split.input_shape)), how.architecture.widths)

    def run(number: int) -> None:
        for rate in rates:
            model = with_dropout(network(), rate)
            sgd = torch.optim.SGD(model.parameters(), lr=optimizer.learning_rate, momentum=optimizer.momentum)
            for _ in range(EPOCHS[name]):
                for indices in torch.randperm(len(labels)).split(how.batch_size):
                    sgd.zero_grad()
                    torch.nn.functional.cross_entropy(model(images[indices]), labels[indices]).backward()
                    sgd.step()

    return run


def torch_share(name: str, rates: Sequence[float]) -> Callable[[int], object]:
    """Run the loop with one thread in a separate process."""
    common.in_threads(1)
    split = data(name)
    torch_loop(name, split, rates[:1])(0)
    return torch_loop(name, split, rates)


def curve(name: str, rounds: int) -> list[dict[str, object]]:
    """Return rows: 15 networks by each method."""
    split = data(name)
    rates = [rate for rate in RATES for _ in SEEDS]
    members = bh.grid(seed=SEEDS, strengths=[(rate,) for rate in RATES])
    n = jax.local_device_count()
    workers = common.Together([common.Worker(torch_share, name, rates[i::n]) for i in range(n)])
    methods = {
        "torch loop": torch_loop(name, split, rates),
        "torch loop, a process a core": workers,
        "byheart": population(settings(name), split, EPOCHS[name], [bh.Dropout()], members),
    }
    first = {method: common.timed(methods[method], 0) for method in methods}
    times = common.interleaved(methods, rounds)
    workers.close()
    updates = len(members) * EPOCHS[name] * UPDATES
    return [
        {
            "method": method,
            "s": seconds.median,
            "least": seconds.least,
            "ms a network and update": 1e3 * seconds.median / updates,
            "times the torch loop": times["torch loop"].median / seconds.median,
            "times a process a core": times["torch loop, a process a core"].median / seconds.median,
            "first call, s": first[method] if method == "byheart" else float("nan"),
        }
        for method, seconds in times.items()
    ]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    bh.use_all_cores()
    tables = {}
    for name in EPOCHS:
        how = settings(name)
        tables[f"15 networks, {how.architecture!r}, minibatches of {how.batch_size}"] = curve(name, arguments.rounds)
        tables[f"Adversarial training, {how.architecture!r}"] = costs(
            how, data(name), EPOCHS[name], 4, arguments.rounds
        )
    paper = dataclasses.replace(settings("cifar10"), architecture=bh.CNN())
    few = data("cifar10", updates=2)
    tables[f"Adversarial training, {paper.architecture!r}"] = costs(paper, few, 1, 2, min(arguments.rounds, 2))
    common.report(
        "w10_regularizers", {"goals, times the torch loop": GOALS, "dropout": RATES, "updates": UPDATES}, tables
    )


if __name__ == "__main__":
    main()
