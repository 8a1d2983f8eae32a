"""W2: search the boxes around 2,000 points for another predicted class, beside torchattacks and foolbox.

    python -m benchmarks.w2_box_search

An MLP of MNIST (40 % of its labels random) and a CNN of CIFAR-10, trained briefly by byheart; the torch networks are copies of the same
weights. All methods get the same points, radius, step size and 100 gradient steps. What a method returns is judged by one judge: byheart's
network gives the point another class than the image, and the point lies in the box (and, where a method promises it, in [0, 1]).

Timed is all that a user needs: predict the classes of the images, search, predict the classes of the points found.

torch gets the batch size and memory layout that are fastest for it, of a few tried in the same run.
"""

import argparse
import functools
import itertools
from collections.abc import Callable

import foolbox
import jax
import numpy as np
import torch
import torchattacks
from torch import nn

import byheart as bh
from benchmarks import common, torch_twins
from byheart.measures.critical_samples import ROUNDING
from byheart.measures.lass import STEP_TO_RADIUS
from byheart.networks.network import Network

Search = Callable[[int], np.ndarray]
"""From a round's number to the points found, (sample, height, width, channel)."""

STEPS = 100
PROBLEMS = {
    "MLP": ("mnist", bh.Recipe(bh.MLP((256, 256)), bh.SGD(0.1), batch_size=50, epochs=20), 0.4, bh.Pixels(3)),
    "CNN": ("cifar10", bh.Recipe(bh.CNN((32, 32)), bh.SGD(0.01, 0.9), batch_size=64, epochs=5), 0.0, bh.Pixels(0.3)),
}
"""For each network: data, recipe, share of random labels, radius."""
SEARCHES = {
    "byheart LASS": bh.LASS(STEPS),
    "byheart LASS, in [0, 1]": bh.LASS(STEPS, clip_pixels=True),
    "byheart LASS, a quarter of the noise": bh.LASS(STEPS, noise_scale=None),
    "byheart LASS, no noise": bh.LASS(STEPS, noise_scale=0.0),
}
BATCHES = (100, 250, 1000)


def lass(network: Network, images: np.ndarray, radius: float, search: bh.LASS) -> Search:
    """byheart's search."""

    def run(number: int) -> np.ndarray:
        found = bh.critical_samples(network, images, radius=radius, search=search, key=jax.random.key(number))
        return np.asarray(found.critical_point)

    return run


def pgd(model: nn.Module, images: torch.Tensor, radius: float, batch: int) -> Search:
    """torchattacks.PGD with its defaults: random start, points kept in [0, 1]."""
    attack = torchattacks.PGD(model, eps=radius, alpha=STEP_TO_RADIUS * radius, steps=STEPS)
    return _in_batches(model, images, batch, attack)


def linf_pgd(model: nn.Module, images: torch.Tensor, radius: float, batch: int) -> Search:
    """foolbox.LinfPGD with its defaults: random start, points kept in the bounds."""
    attack = foolbox.attacks.LinfPGD(abs_stepsize=STEP_TO_RADIUS * radius, steps=STEPS)
    wrapped = foolbox.PyTorchModel(model, bounds=(0, 1))

    def attacked(some: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return attack(wrapped, some, foolbox.criteria.Misclassification(labels), epsilons=radius)[1]

    return _in_batches(model, images, batch, attacked)


def _in_batches(
    model: nn.Module, images: torch.Tensor, batch: int, attack: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> Search:
    """`attack` away from the predicted class, batch after batch; what crossed nothing is given back as it came."""

    def run(number: int) -> np.ndarray:
        torch.manual_seed(number)
        points = []
        for some in images.split(batch):
            with torch.no_grad():
                predicted = model(some).argmax(dim=1)
            attacked = attack(some, predicted)
            with torch.no_grad():
                crossed = model(attacked).argmax(dim=1) != predicted
            points.append(torch.where(crossed[:, None, None, None], attacked, some))
        return torch_twins.channels_last(torch.cat(points))

    return run


def n_critical(network: Network, images: np.ndarray, points: np.ndarray, radius: float) -> int:
    """The judge: points of another class, in the box up to float rounding."""
    differs = _classes(network, images) != _classes(network, points)
    is_inside = (np.abs(points - images) <= radius + ROUNDING * (np.abs(images) + radius)).all(axis=(1, 2, 3))
    return int((differs & is_inside).sum())


def _classes(network: Network, images: np.ndarray) -> np.ndarray:
    return np.concatenate([np.asarray(network(images[i : i + 500]).argmax(axis=1)) for i in range(0, len(images), 500)])


def fastest_for_torch(
    model: nn.Module, images: torch.Tensor, radius: float
) -> tuple[nn.Module, torch.Tensor, int, str]:
    """Layout and batch size with which PGD takes the least time a point."""
    layouts = {"default": torch.contiguous_format}
    if any(isinstance(layer, nn.Conv2d) for layer in model):
        layouts["channels_last"] = torch.channels_last
    times = {}
    for (layout, form), batch in itertools.product(layouts.items(), BATCHES):
        laid_out, some = model.to(memory_format=form), images[:batch].contiguous(memory_format=form)
        attack = torchattacks.PGD(laid_out, eps=radius, alpha=radius, steps=10)
        labels = torch.zeros(len(some), dtype=torch.int64)
        attack(some, labels)
        n_calls = max(1, 1000 // batch)
        times[layout, batch] = min(
            common.timed(lambda: [attack(some, labels) for _ in range(n_calls)]) / n_calls / batch for _ in range(2)
        )
    layout, batch = min(times, key=times.__getitem__)
    common.say(f"torch is fastest with {layout} layout, batch {batch}: {times}")
    form = layouts[layout]
    return model.to(memory_format=form), images.contiguous(memory_format=form), batch, layout


def measured(name: str, n_points: int, rounds: int) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Settings and table of one network."""
    data, recipe, rand_y, radius = PROBLEMS[name]
    split = common.images(data, n_points, n_points)
    member = bh.Member(0, rand_y=rand_y)
    trained = bh.train(recipe, [member], split, measures=[bh.Accuracy()])
    network, images = trained.network(member), split.validation.images
    model, tensor = torch_twins.twin(network, split.image_shape), torch_twins.channels_first(images)
    difference = float(np.abs(np.asarray(network(images)) - model(tensor).numpy()).max())
    if difference > 1e-3:
        raise RuntimeError(f"The copied weights give other logits: they differ by {difference}.")
    model, tensor, batch, layout = fastest_for_torch(model, tensor, radius)

    searches = dict(SEARCHES)
    searches["byheart LASS, a quarter of the noise"] = bh.LASS(STEPS, noise_scale=radius / 6)
    methods: dict[str, Search] = {
        "torchattacks.PGD": pgd(model, tensor, radius, batch),
        "foolbox.LinfPGD": linf_pgd(model, tensor, radius, batch),
        **{label: lass(network, images, radius, search) for label, search in searches.items()},
    }
    first = {label: common.timed(method, 0) for label, method in methods.items() if label.startswith("byheart")}
    found: dict[str, list[int]] = {label: [] for label in methods}

    def judged(label: str, number: int) -> None:
        points[label] = methods[label](number)

    points: dict[str, np.ndarray] = {}
    times = {label: common.Seconds() for label in methods}
    for number in range(rounds):
        for label, taken in common.interleaved(
            {label: functools.partial(judged, label) for label in methods}, 1
        ).items():
            times[label] += taken
            found[label].append(n_critical(network, images, points[label], radius))
    rows = []
    for label in methods:
        n_found, seconds = float(np.median(found[label])), times[label].median
        row: dict[str, object] = {
            "method": label,
            "found": round(n_found),
            "s": seconds,
            "s, least": times[label].least,
        }
        row["ms per found"] = 1000 * seconds / n_found
        rows.append(row)
    for row in rows:
        row["times torchattacks"] = f"{rows[0]['ms per found'] / row['ms per found']:.2f}"
        row["first call, s"] = first.get(str(row["method"]), float("nan"))
        row["memory, MB"] = common.extra_memory(methods[str(row["method"])], 0)
    settings = {
        "data": split.name, "points": n_points, "rand_y": rand_y, "radius": radius, "recipe": repr(recipe),
        "validation_accuracy": float(trained.trace.validation_accuracy[0, -1]), "largest_difference_of_logits": difference,
        "torch_batch": batch, "torch_layout": layout, "step_size": STEP_TO_RADIUS * radius, "steps": STEPS, "rounds": rounds,
    }  # fmt: skip
    return settings, rows


def main() -> None:
    """Measures, prints and stores."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--points", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", choices=PROBLEMS)
    chosen = options.parse_args()
    settings, tables = {}, {}
    for name in [chosen.only] if chosen.only else PROBLEMS:
        settings[name], rows = measured(name, chosen.points, chosen.rounds)
        tables[f"{name}, {settings[name]['data']}, radius {settings[name]['radius'] * 255:g} of 255"] = rows
    common.report("w2_box_search", settings, tables)


if __name__ == "__main__":
    main()
