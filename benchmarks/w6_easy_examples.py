"""W6: the training of `easy-examples` at the paper's width, against the speed of one large matrix product.

    python -m benchmarks.w6_easy_examples

An MLP 784-4096-4096-10 is trained for one epoch of 10,000 images: one network alone with all threads, as in a process
without `use_all_cores`; and one network on each core, as in experiments. Operations are 2 for each weight and example
forward, 2 for its gradient, and 2 for the gradient of its inputs, which the first layer does not need; then 2 for each
weight and classified example. "Of the product" is their speed divided by that of one product of two square matrices
with all threads, interleaved in the same run. Memory: the rates of 60,000 examples from 100 and from 1,000 networks
784-8-10, in `misclassification_rate`.
"""

import argparse
import itertools
from collections.abc import Callable

import jax
import numpy as np

import byheart as bh
from benchmarks import common

WIDTHS = (4096, 4096)
BATCHES = (32, 128)
N_TRAINING = 10_000
SIDE = 4096


def operations(n_examples: int) -> float:
    """Return the operations of one epoch and of classifying the same examples once."""
    sizes = (784, *WIDTHS, 10)
    weights = [n_in * n_out for n_in, n_out in itertools.pairwise(sizes)]
    return n_examples * (6 * sum(weights) - 2 * weights[0] + 2 * sum(weights))


def data(n_training: int) -> bh.Split:
    """Return images of MNIST."""
    return common.images("mnist", training=n_training, validation=10)


def easy_examples(batch: int, on_each_core: bool) -> Callable[[int], object]:
    """Train one network, or one on each core, and classify its training data, after a first call that compiles."""
    if on_each_core:
        bh.use_all_cores()
    n_members = jax.local_device_count()
    recipe = bh.Recipe(bh.MLP(WIDTHS), bh.SGD(0.01), batch_size=batch, epochs=1)
    sweep = bh.PopulationSweep(recipe, tuple(bh.grid(seed=range(n_members))), final_measures=(bh.Misclassified(),))
    population = bh.Population(sweep, data(N_TRAINING))

    def method(number: int) -> int:
        population.results(sweep, lambda epoch: None)
        return n_members

    method(0)
    return method


def product() -> Callable[[int], object]:
    """Compute one product of two square matrices, with all threads."""
    a, b = (jax.device_put(m) for m in np.random.default_rng(0).normal(size=(2, SIDE, SIDE)).astype(np.float32))
    multiply = jax.jit(lambda x, y: x @ y)
    multiply(a, b).block_until_ready()

    def method(number: int) -> None:
        multiply(a, b).block_until_ready()

    return method


def speeds(rounds: int) -> list[dict[str, object]]:
    """Return rows: GFLOP/s, and their share of the product's."""
    workers: dict[str, common.Worker] = {"product": common.Worker(product)}
    for batch in BATCHES:
        workers[f"one network, batch {batch}"] = common.Worker(easy_examples, batch, False)
        workers[f"one on each core, batch {batch}"] = common.Worker(easy_examples, batch, True)
    members = {name: worker(0) or 1 for name, worker in workers.items()}
    times = common.interleaved(workers, rounds)
    for worker in workers.values():
        worker.close()
    peak = 2 * SIDE**3 / times["product"].least / 1e9
    rows: list[dict[str, object]] = [
        {"what": f"product of {SIDE} x {SIDE}", "s": times["product"].median, "GFLOP/s": peak, "of the product": "1"}
    ]
    for name, seconds in times.items():
        if name != "product":
            speed = members[name] * operations(N_TRAINING) / seconds.median / 1e9
            rows.append({"what": name, "s": seconds.median, "GFLOP/s": speed, "of the product": f"{speed / peak:.2f}"})
    return rows


def memory() -> list[dict[str, object]]:
    """Return rows: megabytes of rates from numbers of seeds."""
    split = data(60_000)
    recipe = bh.Recipe(bh.MLP((8,)), bh.SGD(0.1), batch_size=32, epochs=1, steps=10)
    bh.misclassification_rate(recipe, split, range(16))
    return [
        {"networks": n, "memory, MB": common.extra_memory(bh.misclassification_rate, recipe, split, range(n))}
        for n in (100, 1000)
    ]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    tables = {"An epoch at width 4,096": speeds(arguments.rounds)}
    bh.use_all_cores()
    tables["Memory of rates"] = memory()
    settings = {"data": data(100).training.name, "images": N_TRAINING, "rounds": arguments.rounds}
    common.report("w6_easy_examples", settings, tables)


if __name__ == "__main__":
    main()
