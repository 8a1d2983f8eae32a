"""W8: a sweep of 60 small MLPs 784-32-32-10 on this machine, against torch: 10 epochs of 1,000 images of MNIST.

    python -m benchmarks.w8_small_members

Minibatches have 50 images. The other methods: a plain loop over `torch.nn` runs with torch's default threads; the same
loop with one thread in one process per core, each with its share of the members; and `torch.func` ensembling (one
`vmap` over all members). All train with SGD(0.1) on the same images in memory, and classify them at the end. The time
covers initialization, training and classification. byheart has two rows: compiled before, and compiled each time.
"""

import argparse
from collections.abc import Callable

import jax
import torch
from torch.func import functional_call, grad, stack_module_state, vmap

import byheart as bh
from benchmarks import common, torch_twins
from benchmarks.w3_populations import torch_data

WIDTHS, BATCH, EPOCHS, LEARNING_RATE = (32, 32), 50, 10, 0.1
GOAL = 8


def data() -> bh.Split:
    """Return 1,000 images."""
    return common.images("mnist", training=1000, validation=10)


def sweep(members: int) -> bh.PopulationSweep:
    """Return the sweep that byheart trains."""
    recipe = bh.Recipe(bh.MLP(WIDTHS), bh.SGD(LEARNING_RATE), batch_size=BATCH, epochs=EPOCHS)
    return bh.PopulationSweep(recipe, tuple(bh.grid(seed=range(members))), measures=(bh.Accuracy(),))


def byheart_compiled(split: bh.Split, members: int) -> Callable[[int], float]:
    """Train with a program made once; the first call compiles."""
    wanted = sweep(members)
    population = bh.Population(wanted, split)
    return lambda number: float(population.train(wanted.members).trace.training_accuracy.mean())


def byheart_anew(split: bh.Split, members: int) -> Callable[[int], float]:
    """Call `train`, which compiles at each call."""
    wanted = sweep(members)

    def run(number: int) -> float:
        trained = bh.train(wanted.recipe, wanted.members, split, measures=wanted.measures)
        return float(trained.trace.training_accuracy.mean())

    return run


def torch_loop(images: torch.Tensor, labels: torch.Tensor, members: int) -> Callable[[int], float]:
    """Train the networks one after another."""

    def run(number: int) -> float:
        found = []
        for _ in range(members):
            network = torch_twins.mlp(784, WIDTHS)
            optimizer = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE)
            for _ in range(EPOCHS):
                for indices in torch.randperm(len(labels)).split(BATCH):
                    optimizer.zero_grad()
                    torch.nn.functional.cross_entropy(network(images[indices]), labels[indices]).backward()
                    optimizer.step()
            with torch.no_grad():
                found.append((network(images).argmax(1) == labels).float().mean().item())
        return sum(found) / members

    return run


def torch_share(members: int) -> Callable[[int], float]:
    """Run the loop with one thread in a separate process."""
    common.in_threads(1)
    images, labels = torch_data(data())
    torch_loop(images, labels, 1)(0)
    return torch_loop(images, labels, members)


def torch_shares(members: int) -> common.Together:
    """Distribute the loop over processes of one thread each."""
    n_processes = jax.local_device_count()
    return common.Together(
        [common.Worker(torch_share, len(range(i, members, n_processes))) for i in range(n_processes)]
    )


def torch_ensemble(images: torch.Tensor, labels: torch.Tensor, members: int) -> Callable[[int], float]:
    """Train all networks at once by `torch.func`."""
    shell = torch_twins.mlp(784, WIDTHS).to("meta")

    def logits(parameters: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        return functional_call(shell, parameters, (x,))

    def loss(parameters: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(logits(parameters, x), y)

    gradient, classified = vmap(grad(loss)), vmap(logits, in_dims=(0, None))

    def run(number: int) -> float:
        parameters, _ = stack_module_state([torch_twins.mlp(784, WIDTHS) for _ in range(members)])
        parameters = {name: value.detach() for name, value in parameters.items()}
        for _ in range(EPOCHS):
            order = torch.stack([torch.randperm(len(labels)) for _ in range(members)])
            for indices in order.split(BATCH, dim=1):
                for name, change in gradient(parameters, images[indices], labels[indices]).items():
                    parameters[name].sub_(change, alpha=LEARNING_RATE)
        return (classified(parameters, images).argmax(2) == labels).float().mean().item()

    return run


def rows(methods: dict[str, Callable[[int], float]], rounds: int, n_updates: int) -> list[dict[str, object]]:
    """Return the times of all methods; each is called once before."""
    first, accuracy = {}, {}
    for name, method in methods.items():
        first[name] = common.timed(lambda method=method, name=name: accuracy.update({name: method(0)}))
    times = common.interleaved(methods, rounds)
    loop, shares = times["torch loop"].median, times["torch loop, a process a core"].median
    return [
        {
            "method": name,
            "s": seconds.median,
            "least": seconds.least,
            "us a member and update": 1e6 * seconds.median / n_updates,
            "times the torch loop": loop / seconds.median,
            "times a process a core": shares / seconds.median,
            "first call, s": first[name] if name == "byheart, compiled before" else float("nan"),
            "training accuracy": float("nan") if accuracy[name] is None else accuracy[name],
        }
        for name, seconds in times.items()
    ]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=60, help="seeds")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds")
    arguments = parser.parse_args()
    bh.use_all_cores()
    split, members = data(), arguments.members
    images, labels = torch_data(split)
    workers = torch_shares(members)
    methods = {
        "torch loop": torch_loop(images, labels, members),
        "torch loop, a process a core": workers,
        "torch.func ensemble": torch_ensemble(images, labels, members),
        "byheart, compiled before": byheart_compiled(split, members),
        "byheart, with compiling": byheart_anew(split, members),
    }
    found = rows(methods, arguments.rounds, members * EPOCHS * (len(labels) // BATCH))
    workers.close()
    title = f"{members} x 784-{'-'.join(map(str, WIDTHS))}-10, {EPOCHS} epochs of {len(labels)} images, batch {BATCH}"
    common.report("w8_small_members", {"data": split.name, "goal, times the torch loop": GOAL}, {title: found})


if __name__ == "__main__":
    main()
