"""W2: search the boxes around many points for another predicted class, against torchattacks and foolbox.

    python -m benchmarks.w2_box_search

The networks are an MLP of MNIST (40 % of its labels random) and a CNN of CIFAR-10, trained briefly by byheart; the
torch networks have the same weights. All methods get the same points, radius, step size and 100 gradient steps. All
results are judged alike: byheart's network gives the point another class than the image, and the point lies in the box
(and in [0, 1] if the method promises it).

The time covers all that a user needs: predict the classes of the images, search, predict the classes of the found
points. Seconds of all cores together are reported, too, since other programs disturb them little. Torch's threads
busy-wait, so its row with one thread shows the cost of its work.

The CNN in torch is searched by byheart, too: converted, and as it is, by torch's own gradients.

torch gets the fastest of a few batch sizes and memory layouts, tried in the same run.
"""

import argparse
import dataclasses
import itertools
import time

import foolbox
import numpy as np
import torch
from torch import nn

import byheart as bh
from benchmarks import common, torch_twins
from benchmarks.box_searches import Search, by_torch, fastest_for_torch, in_batches, is_critical, ours, pgd
from byheart.critical.lass import NOISE_TO_RADIUS, STEP_TO_RADIUS
from byheart.networks.cnn import CNNNetwork
from byheart.networks.network import Network

STEPS = 100


@dataclasses.dataclass(frozen=True)
class Problem:
    """A network and the points to search."""

    data: str
    recipe: bh.Recipe
    rand_y: float
    radius: float
    n_points: int
    rounds: int
    has_extra_rows: bool


PROBLEMS = {
    "MLP": Problem(
        "mnist", bh.Recipe(bh.MLP((256, 256)), bh.SGD(0.1), batch_size=50, epochs=20), 0.4, 3 / 255, 2000, 3, True
    ),
    "CNN": Problem(
        "cifar10",
        bh.Recipe(bh.CNN((32, 32)), bh.SGD(0.01, 0.9), batch_size=64, epochs=15),
        0.0,
        0.3 / 255,
        500,
        2,
        False,
    ),
}
FINE = 0.1
"""Step size divided by the radius, as is common with PGD."""


def linf_pgd(model: nn.Module, images: torch.Tensor, radius: float, step_size: float, batch: int) -> Search:
    """foolbox.LinfPGD with its defaults: random start, points kept in the bounds."""
    attack = foolbox.attacks.LinfPGD(abs_stepsize=step_size, steps=STEPS)
    wrapped = foolbox.PyTorchModel(model, bounds=(0, 1))

    def attacked(some: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return attack(wrapped, some, foolbox.criteria.Misclassification(labels), epsilons=radius)[1]

    return in_batches(model, images, batch, attacked)


def _with_one_thread(search: Search) -> Search:
    def run(number: int) -> np.ndarray:
        n_threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return search(number)
        finally:
            torch.set_num_threads(n_threads)

    return run


def methods_for(
    problem: Problem, network: Network, images: np.ndarray, model: nn.Module, tensor: torch.Tensor, batch: int
) -> dict[str, Search]:
    """Return all methods by their names in the table."""
    radius = problem.radius
    step = STEP_TO_RADIUS * radius
    methods = {
        "torchattacks.PGD": pgd(model, tensor, radius, step, batch),
        "torchattacks.PGD, one thread": _with_one_thread(pgd(model, tensor, radius, step, batch)),
        "foolbox.LinfPGD": linf_pgd(model, tensor, radius, step, batch),
        "LASS in [0, 1]": ours(network, images, radius, bh.LASS(STEPS, clip_pixels=True)),
        "LASS in [0, 1], no noise": ours(network, images, radius, bh.LASS(STEPS, noise_scale=0.0, clip_pixels=True)),
        "LASS (the paper's)": ours(network, images, radius, bh.LASS(STEPS)),
    }
    if problem.has_extra_rows:
        quarter = bh.LASS(STEPS, noise_scale=NOISE_TO_RADIUS * radius / 4, clip_pixels=True)
        fine = bh.LASS(STEPS, step_size=FINE * radius, noise_scale=0.0, clip_pixels=True)
        methods["LASS in [0, 1], a quarter of the noise"] = ours(network, images, radius, quarter)
        methods[f"torchattacks.PGD, step {FINE} r"] = pgd(model, tensor, radius, FINE * radius, batch)
        methods[f"LASS in [0, 1], no noise, step {FINE} r"] = ours(network, images, radius, fine)
    if isinstance(network, CNNNetwork):
        search = bh.LASS(STEPS, clip_pixels=True)
        methods["LASS in [0, 1], torch module converted"] = ours(
            bh.from_torch(model, tensor[:8], training=False, show=False), images, radius, search
        )
        methods["LASS in [0, 1], torch module as it is"] = by_torch(model, tensor, radius, search)
    return methods


def measured(problem: Problem) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Return the settings and the table of one network."""
    split = common.images(problem.data, 2000, problem.n_points)
    member = bh.Member(0, (bh.RandY(problem.rand_y),))
    trained = bh.train(problem.recipe, [member], split, measures=[bh.Accuracy()])
    network, images = trained.network(member), split.validation.inputs
    model, tensor = torch_twins.twin(network, split.input_shape), torch_twins.channels_first(images)
    difference = float(np.abs(np.asarray(network(images)) - model(tensor).numpy()).max())
    if difference > 1e-3:
        raise RuntimeError(f"The copied weights give other logits: they differ by {difference}.")
    model, tensor, batch, layout = fastest_for_torch(model, tensor)
    methods = methods_for(problem, network, images, model, tensor, batch)
    first = {label: common.timed(method, -1) for label, method in methods.items() if label.startswith("LASS")}

    points: dict[str, np.ndarray] = {}
    found: dict[str, list[int]] = {label: [] for label in methods}
    memory: dict[str, list[float]] = {label: [] for label in methods}
    times = {label: common.Seconds() for label in methods}
    core_times = {label: common.Seconds() for label in methods}

    def search(label: str, number: int) -> None:
        points[label] = methods[label](number)

    def note_time(label: str, number: int) -> None:
        before = time.process_time()
        times[label].append(common.timed(search, label, number))
        core_times[label].append(time.process_time() - before)

    for number, label in itertools.product(range(problem.rounds), methods):
        memory[label].append(common.extra_memory(note_time, label, number))
        found[label].append(int(is_critical(network, images, points[label], problem.radius).sum()))
        common.say(f"  round {number + 1}, {label}: {found[label][-1]} in {times[label][-1]:.3f} s")

    n_found = {label: max(float(np.median(found[label])), 1.0) for label in methods}
    cost = {label: 1000 * times[label].median / n_found[label] for label in methods}
    core_cost = {label: 1000 * core_times[label].median / n_found[label] for label in methods}
    with_one_thread = core_cost["torchattacks.PGD, one thread"]
    rows: list[dict[str, object]] = [
        {
            "method": label,
            "found": int(np.median(found[label])),
            "s": times[label].median,
            "s, least": times[label].least,
            "ms per found": cost[label],
            "times torchattacks": f"{cost['torchattacks.PGD'] / cost[label]:.2f}",
            "core s": core_times[label].median,
            "times torchattacks with one thread, in core s": f"{with_one_thread / core_cost[label]:.2f}",
            "first call, s": first.get(label, float("nan")),
            "memory, MB": max(memory[label]),
        }
        for label in methods
    ]
    settings = {
        **dataclasses.asdict(problem),
        "recipe": repr(problem.recipe),
        "data": split.name,
        "validation_accuracy": float(trained.trace.validation_accuracy[0, -1]),
        "largest_difference_of_logits": difference,
        "torch_batch": batch,
        "torch_layout": layout,
        "step_size": STEP_TO_RADIUS * problem.radius,
        "steps": STEPS,
        "found_in_each_round": found,
    }
    return settings, rows


def main() -> None:
    """Measure, print and store."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--points", type=int, help="in place of 2,000 for the MLP and 500 for the CNN")
    options.add_argument("--rounds", type=int)
    options.add_argument("--only", choices=PROBLEMS)
    chosen = options.parse_args()
    settings, tables = {}, {}
    for name in [chosen.only] if chosen.only else PROBLEMS:
        problem = PROBLEMS[name]
        problem = dataclasses.replace(
            problem, n_points=chosen.points or problem.n_points, rounds=chosen.rounds or problem.rounds
        )
        settings[name], rows = measured(problem)
        title = (
            f"{name}, {problem.n_points:,} points of {settings[name]['data']}, radius {problem.radius * 255:g} of 255"
        )
        tables[title] = rows
    common.report("w2_box_search", settings, tables)


if __name__ == "__main__":
    main()
