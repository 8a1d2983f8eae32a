"""W3: populations of MLPs against torch: 100 seeds x 1 epoch on 5,000 images of MNIST, and one wide MLP alone.

    python -m benchmarks.w3_populations

The other methods: a plain loop over `torch.nn` runs with torch's default threads; the same loop with one thread in one
process per core, each with its share of the members, which is the fastest way to use torch here; and `torch.func`
ensembling (one `vmap` over all members). All train with SGD on the same images; torch's data is in memory and indexed,
without a data loader. The time covers initialization and training; byheart's compilation is reported separately, as the
time of the first call. The floor counts 2 operations for each weight and example forward, 2 for its gradient, and 2 for
the gradient of its inputs, which the first layer does not need; it is divided by the speed of one large matrix product
in the same run.
"""

import argparse
import itertools
from collections.abc import Callable

import jax
import numpy as np
import torch
from torch.func import functional_call, grad, stack_module_state, vmap

import byheart as bh
from benchmarks import common, torch_twins

LEARNING_RATE = 0.1
SIZES = ((256, 256), (64, 64))
BATCHES = (50, 32)
WIDE = (4096, 4096)


def operations(widths: tuple[int, ...], n_examples: int) -> float:
    """Return the floating-point operations of one training pass over `n_examples` images of 784 pixels."""
    sizes = (784, *widths, 10)
    weights = [n_in * n_out for n_in, n_out in itertools.pairwise(sizes)]
    return n_examples * (6 * sum(weights) - 2 * weights[0])


def byheart_population(split: bh.Split, widths: tuple[int, ...], batch: int, members: int) -> Callable[[int], object]:
    """Train `members` seeds for one epoch, without measures."""
    recipe = bh.Recipe(bh.MLP(widths), bh.SGD(LEARNING_RATE), batch_size=batch, epochs=1)
    sweep = bh.PopulationSweep(recipe, tuple(bh.grid(seed=range(members))))
    layout = bh.Layout(n_devices=min(members, jax.local_device_count()))
    population = bh.Population(sweep, split, layout)
    return lambda number: jax.block_until_ready(population.train(sweep.members).networks)


def torch_loop(
    images: torch.Tensor, labels: torch.Tensor, widths: tuple[int, ...], batch: int, members: int
) -> Callable[[int], object]:
    """Train the networks one after another."""

    def run(number: int) -> None:
        for _ in range(members):
            network = torch_twins.mlp(784, widths)
            optimizer = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE)
            for indices in torch.randperm(len(labels)).split(batch)[: len(labels) // batch]:
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(network(images[indices]), labels[indices]).backward()
                optimizer.step()

    return run


def torch_ensemble(
    images: torch.Tensor, labels: torch.Tensor, widths: tuple[int, ...], batch: int, members: int
) -> Callable[[int], object]:
    """Train all networks at once by `torch.func`."""
    shell = torch_twins.mlp(784, widths).to("meta")

    def loss(parameters: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(functional_call(shell, parameters, (x,)), y)

    gradient = vmap(grad(loss))

    def run(number: int) -> None:
        parameters, _ = stack_module_state([torch_twins.mlp(784, widths) for _ in range(members)])
        parameters = {name: value.detach() for name, value in parameters.items()}
        order = torch.stack([torch.randperm(len(labels)) for _ in range(members)])
        for start in range(0, len(labels) // batch * batch, batch):
            indices = order[:, start : start + batch]
            for name, change in gradient(parameters, images[indices], labels[indices]).items():
                parameters[name].sub_(change, alpha=LEARNING_RATE)

    return run


def torch_shares(widths: tuple[int, ...], batch: int, members: int) -> common.Together:
    """Distribute the loop over processes of one thread each."""
    n_processes = jax.local_device_count()
    shares = [len(range(i, members, n_processes)) for i in range(n_processes)]
    return common.Together([common.Worker(torch_share, widths, batch, share) for share in shares])


def torch_share(widths: tuple[int, ...], batch: int, members: int) -> Callable[[int], object]:
    """Run the loop in a separate process."""
    common.in_threads(1)
    images, labels = torch_data(data())
    torch_loop(images[: 20 * batch], labels[: 20 * batch], widths, batch, 1)(0)
    return torch_loop(images, labels, widths, batch, members)


def byheart_on_one_device(few: int, widths: tuple[int, ...], batch: int) -> Callable[[int], object]:
    """Train one network in a process with one CPU device and all threads, after a first call."""
    split = data()
    method = byheart_population(_of_size(split, few), widths, batch, 1)
    method(0)
    return lambda number: (method(number), None)[1]


def data() -> bh.Split:
    """Return 5,000 images."""
    return common.images("mnist", training=5000, validation=100)


def torch_data(split: bh.Split) -> tuple[torch.Tensor, torch.Tensor]:
    """Return flat images and labels."""
    images = torch.tensor(split.training.inputs.reshape(len(split.training), -1))
    return images, torch.tensor(np.asarray(split.training.labels, np.int64))


def _of_size(split: bh.Split, n_training: int) -> bh.Split:
    return bh.Split(bh.stratified_subset(split.training, n_training, 0), split.validation)


def rows(
    methods: dict[str, Callable[[int], object]], rounds: int, n_steps: int, work: float, peak: float
) -> list[dict[str, object]]:
    """Return the times of all methods as rows; `work` in operations, `peak` in operations per second."""
    first = {name: common.timed(method, 0) for name, method in methods.items() if name == "byheart"}
    times = common.interleaved(methods, rounds)
    loop = next(times[name] for name in times if name.startswith("torch loop"))
    return [
        {
            "method": name,
            "ms a member and step": 1e3 * seconds.median / n_steps,
            "least": 1e3 * seconds.least / n_steps,
            "times the torch loop": f"{loop.median / seconds.median:.2f}",
            "GFLOP/s": work / seconds.median / 1e9,
            "share of the peak": f"{work / seconds.median / peak:.0%}",
            "memory, MB": seconds.megabytes,
            "first call, s": first.get(name, float("nan")),
        }
        for name, seconds in times.items()
    ]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=100, help="seeds in a population")
    parser.add_argument("--rounds", type=int, default=2, help="interleaved rounds")
    arguments = parser.parse_args()
    bh.use_all_cores()
    split = data()
    images, labels = torch_data(split)
    peaks = common.matrix_peak()
    peak = 1e9 * max(peaks.values())
    tables = {}
    for widths in SIZES:
        for batch in BATCHES:
            m, steps = arguments.members, len(labels) // batch
            work = m * operations(widths, steps * batch)
            workers = torch_shares(widths, batch, m)
            methods = {
                "torch loop": torch_loop(images, labels, widths, batch, m),
                "torch loop, a process a core": workers,
                "torch.func ensemble": torch_ensemble(images, labels, widths, batch, m),
                "byheart": byheart_population(split, widths, batch, m),
            }
            floor = 1e3 * work / peak / m / steps
            title = f"{m} x 784-{'-'.join(map(str, widths))}-10, batch {batch}; floor {floor:.3f} ms"
            tables[title] = rows(methods, arguments.rounds, m * steps, work, peak)
            workers.close()
    few, batch = 4992, 128
    alone = common.Worker(byheart_on_one_device, few, WIDE, batch)
    work, steps = operations(WIDE, few), few // batch
    methods = {
        "torch loop": torch_loop(images[:few], labels[:few], WIDE, batch, 1),
        "byheart": byheart_population(_of_size(split, few), WIDE, batch, 1),
        "byheart, without use_all_cores": alone,
    }
    title = f"one 784-4096-4096-10, batch {batch}; floor {1e3 * work / peak / steps:.0f} ms"
    tables[title] = rows(methods, arguments.rounds, steps, work, peak)
    alone.close()
    common.report("w3_populations", {common.PEAK: peaks, "data": split.name}, tables)


if __name__ == "__main__":
    main()
