"""W4: a training step of the CNN with 32 and with 200 channels, one network and a population of 6, against torch.

    python -m benchmarks.w4_cnn_step

Both train on the same CIFAR-10 images with SGD and momentum, batch statistics and a whole epoch at a time. torch is
measured in its default memory layout and in `channels_last`. Its population is a loop with default threads, and one
with one thread in one process per core, each with its share of the members. One byheart network is measured with
`use_all_cores`, as one of two CPU devices, and without. The floor counts 2 operations for each multiplication by a
weight forward, 2 for its gradient and 2 for the gradient of its inputs, which the first layer does not need.
"""

import argparse
import itertools
from collections.abc import Callable

import jax
import numpy as np
import torch

import byheart as bh
from benchmarks import common, torch_twins

CASES = (
    (bh.CNN((32, 32)), 128, 1),
    (bh.CNN((32, 32)), 64, 1),
    (bh.CNN((32, 32)), 128, 6),
    (bh.CNN((32, 32)), 64, 6),
    (bh.CNN(), 128, 1),
    (bh.CNN(), 128, 6),
)
"""Architecture, batch size, networks."""
STEPS = {(32, 32): 8, (200, 200): 2}
"""Minibatches per epoch, for each number of channels."""


def operations(how: bh.CNN, side: int, n_channels: int, n_examples: int) -> float:
    """Return the floating-point operations of a training pass: convolutions and dense layers only."""
    counts, size, n_in = [], side - 2 * how.crop, n_channels
    for n_out in how.channels:
        size = size + 2 * how.padding - how.kernel + 1
        counts.append(size**2 * how.kernel**2 * n_in * n_out)
        size, n_in = (size - how.pool) // how.stride + 1, n_out
    widths = (n_in * size**2, *how.dense, 10)
    counts += [a * b for a, b in itertools.pairwise(widths)]
    return n_examples * (6 * sum(counts) - 2 * counts[0])


def byheart_epoch(split: bh.Split, how: bh.CNN, batch: int, members: int) -> Callable[[int], object]:
    """Train all members for one epoch, without measures."""
    recipe = bh.Recipe(how, bh.SGD(0.01, momentum=0.9), batch_size=batch, epochs=1)
    sweep = bh.PopulationSweep(recipe, tuple(bh.grid(seed=range(members))))
    layout = bh.Layout(n_devices=min(members, jax.local_device_count()))
    population = bh.Population(sweep, split, layout)
    return lambda number: jax.block_until_ready(population.train(sweep.members).networks)


def torch_epoch(
    images: torch.Tensor, labels: torch.Tensor, how: bh.CNN, batch: int, members: int, layout: torch.memory_format
) -> Callable[[int], object]:
    """Train the networks for one epoch, one after another."""
    images = images.to(memory_format=layout)

    def run(number: int) -> None:
        for _ in range(members):
            network = torch_twins.cnn(how, 32, 3).to(memory_format=layout)
            optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
            for indices in torch.randperm(len(labels)).split(batch):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(network(images[indices]), labels[indices]).backward()
                optimizer.step()

    return run


def torch_share(how: bh.CNN, batch: int, members: int, n_examples: int) -> Callable[[int], object]:
    """Run the loop over a share of the networks in a separate process with one thread."""
    common.in_threads(1)
    split = common.images("cifar10", training=n_examples, validation=100)
    return torch_epoch(*torch_data(split), how, batch, members, torch.contiguous_format)


def byheart_on_one_device(how: bh.CNN, batch: int, n_examples: int) -> Callable[[int], object]:
    """Train one network in a process with one CPU device and all threads, after a first call."""
    method = byheart_epoch(common.images("cifar10", training=n_examples, validation=100), how, batch, 1)
    method(0)
    return lambda number: (method(number), None)[1]


def torch_data(split: bh.Split) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images with channels first, and labels."""
    labels = torch.tensor(np.asarray(split.training.labels, np.int64))
    return torch_twins.channels_first(split.training.inputs), labels


def workers_for(how: bh.CNN, batch: int, members: int, n_examples: int) -> dict[str, common.Together]:
    """Return the methods that need other processes, by their names in the table."""
    if members == 1:
        return {
            "byheart, without use_all_cores": common.Together(
                [common.Worker(byheart_on_one_device, how, batch, n_examples)]
            )
        }
    n_processes = jax.local_device_count()
    shares = [len(range(i, members, n_processes)) for i in range(n_processes)]
    workers = [common.Worker(torch_share, how, batch, share, n_examples) for share in shares]
    return {"torch, a process a core": common.Together(workers)}


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
    arguments = parser.parse_args()
    bh.use_all_cores()
    peaks = common.matrix_peak()
    peak = 1e9 * max(peaks.values())
    tables, name = {}, ""
    for how, batch, members in CASES:
        steps = STEPS[how.channels]
        split = common.images("cifar10", training=steps * batch, validation=100)
        name = split.name
        images, labels = torch_data(split)
        workers = workers_for(how, batch, members, steps * batch)
        methods = {
            "torch": torch_epoch(images, labels, how, batch, members, torch.contiguous_format),
            "torch, channels_last": torch_epoch(images, labels, how, batch, members, torch.channels_last),
            "byheart": byheart_epoch(split, how, batch, members),
            **workers,
        }
        first = {method: common.timed(run, 0) for method, run in methods.items()}
        times = common.interleaved(methods, arguments.rounds)
        work = members * operations(how, 32, 3, steps * batch)
        floor = 1e3 * work / peak / steps / members
        networks = f"{members} network{'s' if members > 1 else ''}"
        title = f"{how.channels[0]} channels, batch {batch}, {networks}; floor {floor:.1f} ms"
        tables[title] = [
            {
                "method": method,
                "ms a network and step": 1e3 * seconds.median / steps / members,
                "least": 1e3 * seconds.least / steps / members,
                "times torch": f"{times['torch'].median / seconds.median:.2f}",
                "share of the peak": f"{work / seconds.median / peak:.0%}",
                "memory, MB": seconds.megabytes,
                "first call, s": first[method],
            }
            for method, seconds in times.items()
        ]
        for some in workers.values():
            some.close()
    common.report("w4_cnn_step", {common.PEAK: peaks, "data": name}, tables)


if __name__ == "__main__":
    main()
