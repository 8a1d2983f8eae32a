"""W9: populations on a GPU, against the estimates of docs/scaling.md and against torch there.

    python -m benchmarks.w9_gpu

Needs a GPU, and JAX and torch that use it. The time covers training without initialization: the fastest of several
epochs. MLPs have two layers of the widths of Figures 5 and 6, minibatches of 32, and float32 as JAX multiplies by
default; *estimated* is `training_cost(...).seconds(H100, at_once)`. CNNs are the paper's, with minibatches of 128 and
momentum, against a torch loop of the same updates with its defaults, one network after another.
"""

import argparse
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import torch

import byheart as bh
from benchmarks import common, torch_twins
from byheart.training.cost import H100, training_cost

UPDATES = 25
"""Updates per epoch."""
EPOCHS = 6
MLPS = (
    (256, 1),
    (256, 8),
    (256, 64),
    (1024, 1),
    (1024, 64),
    (4096, 1),
    (4096, 8),
    (4096, 64),
    (16_384, 1),
    (16_384, 8),
)
"""Units per layer, and numbers of networks."""
CNNS = (1, 6, 30)
"""Numbers of networks."""
TORCH = "torch, one after the other"


def ceilings(rounds: int) -> list[dict[str, object]]:
    """Return rows: a large product of matrices in float32 at two of JAX's precisions."""
    side = 8192
    rows: list[dict[str, object]] = []
    x = jax.random.normal(jax.random.key(0), (side, side))
    for precision in ("default", "highest"):
        product = jax.jit(lambda a, precision=precision: jnp.matmul(a, a, precision=precision))
        seconds = least(lambda product=product: product(x), rounds)
        rows.append(
            {
                "what": f"float32 product, {precision} precision",
                "a second": f"{2 * side**3 / seconds / 1e12:.1f} TFLOP",
            }
        )
    return rows


def least(method: Callable[[], object], rounds: int) -> float:
    """Return the seconds of the fastest of several calls, after one that compiles."""
    jax.block_until_ready(method())
    return min(common.timed(lambda: jax.block_until_ready(method())) for _ in range(rounds))


def update_of(how: bh.MLP | bh.CNN, optimizer: bh.SGD, batch: int, members: int, split: bh.Split) -> float:
    """Return the seconds of one update of all members, in the fastest epoch after the first, which compiles."""
    sweep = bh.PopulationSweep(bh.Recipe(how, optimizer, batch, EPOCHS), tuple(bh.grid(seed=range(members))))
    ends: list[float] = []
    bh.Population(sweep, split).train(sweep.members, on_epoch=lambda epoch: ends.append(time.perf_counter()))
    return float(np.diff(ends)[1:].min()) / UPDATES


def mlps() -> list[dict[str, object]]:
    """Return rows: measured and estimated."""
    split = common.images("mnist", training=32 * UPDATES, validation=10)
    rows: list[dict[str, object]] = []
    for width, members in MLPS:
        recipe = bh.Recipe(bh.MLP((width, width)), bh.SGD(0.01), batch_size=32, epochs=1)
        cost = training_cost(recipe, 32, split.input_shape, split.n_classes)
        measured = update_of(recipe.architecture, recipe.optimizer, 32, members, split) / members
        estimated = cost.seconds(H100, members)
        rows.append(
            {
                "units a layer": width,
                "networks": members,
                "measured, us a network and update": 1e6 * measured,
                "estimated": 1e6 * estimated,
                "measured over estimated": measured / estimated,
                "TB/s": cost.bytes_moved / measured / 1e12,
                "TFLOP/s": cost.operations / measured / 1e12,
            }
        )
        common.say(str(rows[-1]))
    return rows


def cnns(rounds: int) -> list[dict[str, object]]:
    """Return rows: the paper's CNN in populations, and in torch."""
    split = common.images("cifar10", training=128 * UPDATES, validation=10)
    optimizer = bh.SGD(0.01, momentum=0.9)
    cost = training_cost(bh.Recipe(bh.CNN(), optimizer, 128, 1), 128, split.input_shape, split.n_classes)
    found = {TORCH: torch_update(split, rounds)}
    for members in CNNS:
        found[f"byheart, {members}"] = update_of(bh.CNN(), optimizer, 128, members, split) / members
        common.say(str(found))
    return [
        {
            "CNNs": name,
            "ms a network and update": 1e3 * seconds,
            "times torch": found[TORCH] / seconds,
            "TFLOP/s": cost.operations / seconds / 1e12,
        }
        for name, seconds in found.items()
    ]


def torch_update(split: bh.Split, rounds: int) -> float:
    """Return the seconds of an update of one network in torch."""
    images = torch_twins.channels_first(split.training.inputs).cuda()
    labels = torch.tensor(np.asarray(split.training.labels, np.int64)).cuda()
    network = torch_twins.cnn(bh.CNN(), 32, 3).cuda()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)

    def epoch() -> None:
        for indices in torch.randperm(len(labels), device="cuda").split(128):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[indices]), labels[indices]).backward()
            optimizer.step()
        torch.cuda.synchronize()

    return least(epoch, rounds) / UPDATES


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    device = jax.devices()[0]
    if device.platform != "gpu":
        parser.error("there is no GPU that JAX can use")
    settings = {"device": device.device_kind, "updates an epoch": UPDATES, "epochs": EPOCHS, "rounds": arguments.rounds}
    tables = {
        "Ceilings": ceilings(arguments.rounds),
        "The paper's CNN, minibatches of 128": cnns(arguments.rounds),
        "MLPs 784-width-width-10, minibatches of 32": mlps(),
    }
    common.report("w9_gpu", settings, tables)


if __name__ == "__main__":
    main()
