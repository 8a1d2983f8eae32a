"""Recall and false positives of LASS and of the targeted search for linear classifiers, against the exact rule.

    python -m benchmarks.linear_recall

For logits f = x W + b, a sample of class k is critical for radius r exactly if
min over j of (f_k - f_j)(x) < r ||w_k - w_j||_1.
"""

import itertools
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

import byheart as bh
from benchmarks import common
from byheart.critical.lass import NOISE_TO_RADIUS

RADII = (3.0, 11.0)
"""Radii in pixel values of 0-255; at the second, about half of the points are critical."""
BUDGETS = (10, 20, 100)
NOISES = {"the paper's": 1.0, "a quarter": 0.25, "none": 0.0}


def exactly_critical(network: bh.Network, images: np.ndarray, radius: float) -> np.ndarray:
    """Return (sample,): the exact rule, in float64."""
    (layer,) = network.layers
    weight, bias = np.asarray(layer.weight, float), np.asarray(layer.bias, float)
    logits = images.reshape(len(images), -1).astype(float) @ weight + bias
    predicted = logits.argmax(1)
    lead = logits.max(1, keepdims=True) - logits
    reach = radius * np.abs(weight[:, predicted].T[:, :, None] - weight[None]).sum(1)
    others = np.arange(logits.shape[1]) != predicted[:, None]
    return np.where(others, lead < reach, False).any(1)


def searches(radius: float) -> Iterator[tuple[dict[str, object], bh.LASS | bh.TargetedSearch]]:
    """Yield each search with its columns of the table."""
    for budget, (title, share), restarts in itertools.product(BUDGETS, NOISES.items(), (0, 1)):
        columns = {"search": "LASS", "budget": budget, "noise": title, "restarts": restarts}
        yield columns, bh.LASS(budget, noise_scale=share * NOISE_TO_RADIUS * radius, restarts=restarts)
    for budget in BUDGETS:
        yield {"search": "targeted", "budget": budget, "noise": "the paper's", "restarts": 0}, bh.TargetedSearch(budget)


def main() -> None:
    """Measure, print and store."""
    bh.use_all_cores()
    split = common.images("mnist", training=5000, validation=2000)
    recipe = bh.Recipe(bh.MLP(()), bh.SGD(0.1), batch_size=50, epochs=20)
    network = jax.tree.map(jnp.asarray, bh.train(recipe, [bh.Member()], split).network(bh.Member()))
    images = split.validation.inputs
    tables = {}
    for pixels in RADII:
        radius = pixels / 255
        truth = exactly_critical(network, images, radius)
        found = []
        for columns, search in searches(radius):
            result = bh.critical_samples(network, images, radius=radius, search=search, key=jax.random.key(0))
            is_critical = np.asarray(result.is_critical)
            found.append(
                {
                    **columns,
                    "recall": float((is_critical & truth).sum() / truth.sum()),
                    "false positives": int((is_critical & ~truth).sum()),
                }
            )
        tables[f"radius {pixels:g} of 255: {truth.sum()} of {len(truth)} points are critical"] = found
    common.report("linear_recall", {"data": split.name}, tables)


if __name__ == "__main__":
    main()
