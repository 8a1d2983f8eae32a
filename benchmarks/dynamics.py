"""Cost of logging a training loop beside the package aum, and how well each score finds planted wrong labels.

    python -m benchmarks.dynamics [--rounds N]

aum (`pip install --no-deps aum==1.0.2`) computes the area under the margin alone. Both get the same logits, 1,000
examples at a time. The second table trains an MLP by PyTorch on data of which 5 % of the labels are changed at random,
and gives the share of changed labels among as many most suspect examples.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

import byheart as bh
from benchmarks import common
from byheart.dynamics.scores import IS_SUSPECT

N_EXAMPLES, BATCH, N_BATCHES = 50_000, 1000, 50
SHARE, EPOCHS = 0.05, 15


def loggers(n_classes: int, folder: Path) -> dict[str, Callable[[int], object]]:
    """Return functions that log `N_BATCHES` batches."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(n_classes, (N_EXAMPLES,), generator=generator)
    batches = [torch.randperm(N_EXAMPLES, generator=generator)[:BATCH] for _ in range(N_BATCHES)]
    logits = torch.randn(BATCH, n_classes, generator=generator)
    ours = bh.Dynamics(N_EXAMPLES, labels=labels.numpy())
    kept = bh.Dynamics(N_EXAMPLES, labels=labels.numpy(), keep=folder / "logits.npy")

    def log(dynamics: bh.Dynamics) -> None:
        for index in batches:
            dynamics.batch(index, logits)

    methods: dict[str, Callable[[int], object]] = {
        "byheart": lambda _: log(ours),
        "byheart, logits kept in a file": lambda _: log(kept),
    }
    try:
        from aum import AUMCalculator
    except ImportError:
        return methods
    theirs = AUMCalculator(str(folder))

    def log_theirs(_: int) -> None:
        for index in batches:
            theirs.update(logits, labels[index], index.tolist())

    return {**methods, "aum": log_theirs}


def costs(rounds: int) -> list[dict[str, Any]]:
    """Return milliseconds for 1,000 examples."""
    rows = []
    for n_classes in (10, 1000):
        with TemporaryDirectory() as folder:
            methods = loggers(n_classes, Path(folder))
            for method in methods.values():
                method(0)
            times = common.interleaved(methods, rounds)
        scale = 1000 / N_BATCHES
        least = times["byheart"].median
        rows += [
            {
                "classes": n_classes,
                "method": name,
                "ms for 1,000 examples": one.median * scale,
                "fastest round": one.least * scale,
                "times byheart": one.median / least,
            }
            for name, one in times.items()
        ]
    return rows


def planted(name: str, n_examples: int, seed: int) -> dict[str, Any]:
    """Return the share of changed labels among as many most suspect examples, by each score."""
    data = common.images(name, n_examples, 100).training if name != "digits" else bh.load("digits").training
    inputs, generator = torch.tensor(data.inputs.reshape(len(data), -1)), np.random.default_rng(seed)
    n_wrong = round(SHARE * len(data))
    wrong = generator.choice(len(data), n_wrong, replace=False)
    labels = data.labels.astype(np.int64)
    labels[wrong] = (labels[wrong] + generator.integers(1, data.n_classes, n_wrong)) % data.n_classes
    torch.manual_seed(seed)
    network = torch.nn.Sequential(torch.nn.Linear(inputs.shape[1], 256), torch.nn.ReLU(), torch.nn.Linear(256, 10))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
    dynamics, targets = bh.Dynamics(len(data), labels=labels), torch.tensor(labels)
    for _ in range(EPOCHS):
        for index in torch.randperm(len(data)).split(64):
            logits = network(inputs[index])
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(logits, targets[index]).backward()
            optimizer.step()
            dynamics.batch(index, logits)
        dynamics.end_epoch()
    found = {by: float(np.isin(dynamics.scores(by).row[:n_wrong], wrong).mean()) for by in IS_SUSPECT}
    return {
        "data": f"{name}, {len(data):,}",
        "seed": seed,
        "fitted": float(dynamics.scores().correctness.mean()),
        **found,
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    found = [
        planted(name, n, seed) for name, n in (("digits", 0), ("mnist", 10_000), ("cifar10", 10_000)) for seed in (0, 1)
    ]
    tables = {"Cost": costs(arguments.rounds), "Planted wrong labels found": found}
    common.report("dynamics", {"share of changed labels": SHARE, "epochs": EPOCHS}, tables)


if __name__ == "__main__":
    main()
