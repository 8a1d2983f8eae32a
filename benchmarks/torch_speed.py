"""Speed of converted torch modules against torch itself, eager and compiled: forward pass, input gradient, training.

    python -m benchmarks.torch_speed [NAMES...] [--rounds 5]

Needs torch and torchvision; `torch.compile` needs a C++ compiler. All have the same weights and images, in float32 and
batches of 64. Training is an epoch of a few minibatches by SGD with momentum, of one network and of six. torch trains
six in a loop; byheart trains a population, in a process with one device for each core. First calls, which compile, are
left out and stand beside.
"""

import argparse
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import torch
from torch import nn

import byheart as bh
from benchmarks import common, torch_twins
from benchmarks.torch_models import loaded_torchvision

BATCH, STEPS, MEMBERS = 64, 16, 6
MODULES: dict[str, Callable[[], nn.Module]] = {
    "MLP 3072-256-256-10": lambda: torch_twins.mlp(3072, (256, 256)),
    "CNN of 32 channels": lambda: torch_twins.cnn(bh.CNN((32, 32)), 32, 3),
    "ResNet-18": lambda: loaded_torchvision().models.resnet18(num_classes=10),
    "MobileNetV3-small": lambda: loaded_torchvision().models.mobilenet_v3_small(num_classes=10, dropout=0.0),
    "vision transformer, 4 blocks": lambda: loaded_torchvision().models.VisionTransformer(
        32, 4, num_layers=4, num_heads=4, hidden_dim=128, mlp_dim=256, num_classes=10
    ),
}
Method = Callable[[int], object]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *MODULES], metavar="NAMES", default=[])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    split = common.images("cifar10", training=STEPS * BATCH, validation=100)
    tables: dict[str, list[dict[str, object]]] = {}
    for name in arguments.names or MODULES:
        common.say(name)
        torch.manual_seed(0)
        module = made(name)
        images, labels = torch_twins.channels_first(split.training.inputs), torch.tensor(split.training.labels).long()
        network = bh.from_torch(module, images[:8], show=False)
        population = common.Worker(population_epoch, name)
        tasks = {
            "forward": passes(network, module, images[:BATCH], labels[:BATCH], wants_gradient=False),
            "input gradient": passes(network, module, images[:BATCH], labels[:BATCH], wants_gradient=True),
            "training, one": {**training(module, images, labels, 1), "byheart": epoch_of(name, split, 1)},
            "training, six": {**training(module, images, labels, MEMBERS), "byheart": population},
        }
        tables[name] = [row for task, methods in tasks.items() for row in measured(task, methods, arguments.rounds)]
        population.close()
        jax.clear_caches()
        torch.compiler.reset()
    common.report("torch_speed", {"batch": BATCH, "steps": STEPS, "data": split.name}, tables)


def measured(task: str, methods: dict[str, Method], rounds: int) -> list[dict[str, object]]:
    """Return a row for each method of a task."""
    first = {name: common.timed(method, 0) for name, method in methods.items()}
    times = common.interleaved(methods, rounds)
    eager = times["torch"].median
    return [
        {
            "task": task,
            "method": name,
            "ms": 1e3 * seconds.median,
            "times torch": f"{eager / seconds.median:.2f}",
            "first call, s": first[name],
        }
        for name, seconds in times.items()
    ]


def passes(
    network: Any, module: nn.Module, images: torch.Tensor, labels: torch.Tensor, wants_gradient: bool
) -> dict[str, Method]:
    """Return the forward passes in evaluation mode of a minibatch, or the gradients of its loss in the images."""
    own_images, own_labels = jnp.asarray(images.permute(0, 2, 3, 1).numpy()), jnp.asarray(labels.numpy())

    def loss(images: Any, network: Any) -> Any:
        return bh.CrossEntropy()(network(images), own_labels).mean()

    own = eqx.filter_jit(jax.grad(loss) if wants_gradient else lambda images, network: network(images))
    evaluated = module.eval()

    def of(module: Any) -> Method:
        def run(number: int) -> object:
            if not wants_gradient:
                with torch.no_grad():
                    return module(images)
            leaf = images.clone().requires_grad_(True)
            (gradient,) = torch.autograd.grad(nn.functional.cross_entropy(module(leaf), labels), leaf)
            return gradient

        return run

    return {
        "torch": of(evaluated),
        "torch.compile": of(torch.compile(evaluated)),
        "byheart": lambda number: jax.block_until_ready(own(own_images, network)),
    }


def training(module: nn.Module, images: torch.Tensor, labels: torch.Tensor, members: int) -> dict[str, Method]:
    """Return epochs of training of some networks in torch, one after another."""

    def of(trained: Any, parameters: nn.Module) -> Method:
        def run(number: int) -> None:
            parameters.train()
            for _ in range(members):
                optimizer = torch.optim.SGD(parameters.parameters(), lr=0.001, momentum=0.9)
                for indices in torch.randperm(len(labels)).split(BATCH):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(trained(images[indices]), labels[indices]).backward()
                    optimizer.step()

        return run

    return {"torch": of(module, module), "torch.compile": of(torch.compile(module), module)}


def made(name: str) -> nn.Module:
    """Return a new module."""
    return MODULES[name]()


def epoch_of(name: str, split: bh.Split, members: int) -> Method:
    """Return an epoch of training of a population."""
    architecture = bh.TorchModule(f"benchmarks.torch_speed:made({name!r})")
    recipe = bh.Recipe(architecture, bh.SGD(0.001, momentum=0.9), batch_size=BATCH, epochs=1)
    sweep = bh.PopulationSweep(recipe, tuple(bh.grid(seed=range(members))))
    layout = bh.Layout(n_devices=min(members, jax.local_device_count()))
    population = bh.Population(sweep, split, layout)
    return lambda number: jax.block_until_ready(population.train(sweep.members).networks)


def population_epoch(name: str) -> Method:
    """Return an epoch of a population on all cores, in a process of its own."""
    bh.use_all_cores()
    split = common.images("cifar10", training=STEPS * BATCH, validation=100)
    method = epoch_of(name, split, MEMBERS)
    return lambda number: (method(number), None)[1]


if __name__ == "__main__":
    main()
