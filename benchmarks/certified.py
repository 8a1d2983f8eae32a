"""Brackets of critical sample ratios: two searches below, interval arithmetic and CROWN above, and a test of the proof.

    BYHEART_DATA=folder python -m benchmarks.certified                # networks on MNIST
    BYHEART_DATA=folder python -m benchmarks.certified --papers-cnn   # the paper's CNN on CIFAR-10, a few images

The test draws a million points in boxes of certified samples (corners, inner points, and points near the corner where
the linear bound is lowest) and counts those of another class: none may be.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

import byheart as bh
from benchmarks import common
from byheart.networks.steps import Bounds

RADIUS = bh.Pixels(1)
N_SAMPLES = 500
N_PAIRS = 1_000_000
PAPERS_CNN = ((bh.Pixels(0.1), 32), (bh.Pixels(0.3), 8))
"""Radii, and the number of images at each."""
NETWORKS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "MLP 256-256, real labels": (bh.MLP((256, 256)), ()),
    "MLP 256-256, 40 % random labels": (bh.MLP((256, 256)), (bh.RandY(0.4),)),
    "CNN 8 channels, 32 units, real labels": (bh.CNN((8,), (32,)), ()),
}


def trained(architecture: Any, noise: tuple[Any, ...], split: bh.Split) -> Any:
    """Return a network after 30 epochs."""
    recipe, member = bh.Recipe(architecture, bh.SGD(0.1), batch_size=50, epochs=30), bh.Member(noise=noise)
    return jax.tree.map(jnp.asarray, bh.train(recipe, [member], split).network(member))


@eqx.filter_jit
def by_intervals(network: Any, images: jax.Array, radius: float) -> jax.Array:
    """Return the share of images that interval arithmetic alone does not certify."""

    def margin(image: jax.Array, predicted: jax.Array) -> jax.Array:
        bounds = Bounds(image - radius, image + radius)
        for step in network.steps(image.shape):
            bounds = step.output_bounds(bounds)
        return bounds.low[predicted] - jnp.where(jnp.arange(10) == predicted, -jnp.inf, bounds.high).max()

    return (jax.vmap(margin)(images, network(images).argmax(axis=1)) <= 0).mean()


def timed(measure: Callable[[], Any]) -> tuple[Any, float]:
    """Return a result and milliseconds for each sample, the second time, when all is compiled."""
    measure()
    start = time.perf_counter()
    found = measure()
    return found, round(1000 * (time.perf_counter() - start) / N_SAMPLES, 2)


def crossings(network: Any, images: np.ndarray, certified: bh.CertifiedSamples) -> tuple[int, int]:
    """Return the number of points drawn in boxes of certified samples, and of those of another class."""
    chosen = np.flatnonzero(certified.is_certified)
    center, corner = (jnp.asarray(one[chosen]) for one in (images, certified.corner))
    predicted, radius = jnp.asarray(certified.predicted[chosen]), RADIUS.value / 255

    @jax.jit
    def one_round(key: jax.Array) -> jax.Array:
        which, place = jax.random.split(key)
        inner = jax.random.uniform(place, center.shape, minval=-1.0)
        kind = jax.random.randint(which, (len(center), 1, 1, 1), 0, 3)
        near = jnp.where(jnp.abs(inner) < 0.95, jnp.sign(corner - center), jnp.sign(inner))
        offset = jnp.where(kind == 0, inner, jnp.where(kind == 1, jnp.sign(inner), near))
        return (network(center + radius * offset).argmax(axis=1) != predicted).sum()

    rounds = -(-N_PAIRS // len(chosen))
    keys = jax.random.split(jax.random.key(0), rounds)
    return rounds * len(chosen), sum(int(one_round(key)) for key in keys)


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers-cnn", action="store_true")
    bh.use_all_cores()
    if parser.parse_args().papers_cnn:
        report_papers_cnn()
    else:
        report_networks()


def report_papers_cnn() -> None:
    """Bracket the paper's CNN at two small radii, print and store."""
    split = common.images("cifar10", training=4000, validation=1000)
    recipe, member = bh.Recipe(bh.CNN(), bh.SGD(0.01, momentum=0.9), batch_size=128, epochs=8), bh.Member()
    trained = bh.train(recipe, [member], split, measures=[bh.Accuracy()], measured_epochs=[8])
    network = jax.tree.map(jnp.asarray, trained.network(member))
    rows = []
    for radius, n in PAPERS_CNN:
        images = split.validation.inputs[:n]
        wall, core = time.perf_counter(), time.process_time()
        bracket = bh.bracketed_ratio(network, images, radius=radius, key=jax.random.key(0), certify_anyway=True)
        wall, core = time.perf_counter() - wall, time.process_time() - core
        rows.append(
            {
                "radius": radius.in_words,
                "images": n,
                "found": bracket.lower,
                "not certified": bracket.upper,
                "s an image": wall / n,
                "s an image of one core": core / n,
            }
        )
        print(rows[-1], flush=True)
    accuracy = float(trained.trace.validation_accuracy.values[0, -1])
    common.report("certified_papers_cnn", {"data": split.name, "accuracy": accuracy}, {"The paper's CNN": rows})


def report_networks() -> None:
    """Bracket networks on MNIST, test the proof, print and store."""
    split = common.images("mnist", training=10_000, validation=N_SAMPLES)
    images, rows, pairs = split.validation.inputs, [], []
    for name, (architecture, noise) in NETWORKS.items():
        network = trained(architecture, noise, split)
        right = np.asarray(network(jnp.asarray(images))).argmax(axis=1) == split.validation.labels

        def found(search: Any, network: Any = network) -> float:
            key = jax.random.key(0)
            return round(bh.critical_sample_ratio(network, images, radius=RADIUS, search=search, key=key), 4)

        lass, lass_ms = timed(lambda: found(bh.LASS()))
        targeted, targeted_ms = timed(lambda: found(bh.TargetedSearch()))
        intervals = float(by_intervals(network, jnp.asarray(images), RADIUS.value / 255))
        certified, crown_ms = timed(lambda network=network: bh.certified_samples(network, images, radius=RADIUS))
        bracket = bh.bracketed_ratio(
            network, images, radius=RADIUS, search=bh.TargetedSearch(), key=jax.random.key(0), certify_anyway=True
        )
        rows.append(
            {
                "network": name,
                "accuracy": round(float(right.mean()), 3),
                "LASS": lass,
                "targeted": targeted,
                "targeted after the proof": bracket.lower,
                "CROWN": round(certified.upper_ratio, 3),
                "intervals": round(intervals, 3),
                "LASS, ms": lass_ms,
                "targeted, ms": targeted_ms,
                "CROWN, ms": crown_ms,
            }
        )
        print(rows[-1], flush=True)
        if certified.is_certified.any():
            n_points, n_crossed = crossings(network, images, certified)
            pairs.append({"network": name, "points of certified boxes": n_points, "of another class": n_crossed})
            print(pairs[-1], flush=True)
    title = f"bounds of the critical sample ratio of {N_SAMPLES} images at {RADIUS.in_words}; ms a sample"
    common.report("certified", {"data": split.name}, {title: rows, "a test of the proof": pairs})


if __name__ == "__main__":
    main()
