"""Certified samples: never crossed by a search, never beyond the exact margin, and at least as good as intervals."""

import inspect
import re
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracles.interval_loop import interval_margin
from oracles.linear_boundary import critical_radius
from oracles.relu_regions import smallest_margin
from slow_cases import slow_after
from worlds import curved, points

import byheart.critical.certified_samples as certifying
from byheart.checks import BadInput
from byheart.critical.certified_samples import certified_samples
from byheart.critical.critical_samples import critical_samples
from byheart.critical.lass import LASS
from byheart.inputs import Standardizer
from byheart.networks.cnn import CNN, CNNNetwork
from byheart.networks.mlp import MLP, MLPNetwork
from byheart.networks.steps import MaxPool, ReLU

SMALL = MLP((12, 12))
IMAGES = points(40)
CONVOLUTIONAL = CNN((2, 3), (5,), crop=1, kernel=2, padding=1, pool=2, pool_stride=1)


def mlp(seed: int, architecture: MLP = SMALL, shape: tuple[int, ...] = (4, 4, 1), n_classes: int = 4) -> MLPNetwork:
    """Return a random network with random biases."""
    network = architecture.build(shape, n_classes, jax.random.key(seed))
    keys = jax.random.split(jax.random.key(seed + 1000), len(network.layers))
    biases = [0.2 * jax.random.normal(key, layer.bias.shape) for key, layer in zip(keys, network.layers, strict=True)]
    return eqx.tree_at(lambda network: [layer.bias for layer in network.layers], network, biases)


def cnn(seed: int) -> CNNNetwork:
    """Return a random network whose batch norms have random numbers, scales below 0 among them, and no usual class."""
    network = CONVOLUTIONAL.build((6, 6, 1), 3, jax.random.key(seed))
    generator = np.random.default_rng(seed)

    def redrawn(norms: Any) -> Any:
        return jax.tree.map(lambda leaf: jnp.asarray(generator.normal(leaf, 0.5), jnp.float32), norms)

    norms = redrawn(network.norms)
    variances = [jnp.abs(norm.running.variance) + 0.5 for norm in norms]
    norms = eqx.tree_at(lambda norms: [norm.running.variance for norm in norms], norms, variances)
    network = eqx.tree_at(lambda network: network.norms, network, norms)
    middle = eqx.filter_jit(network)(points(16, (6, 6, 1))).mean(axis=0)
    return eqx.tree_at(lambda network: network.output.bias, network, -middle)


def classes(network: Any, images: np.ndarray) -> np.ndarray:
    """Return the predicted classes."""
    return np.asarray(eqx.filter_jit(network)(jnp.asarray(images))).argmax(axis=1)


def random_points(images: np.ndarray, radius: float, n: int, seed: int) -> np.ndarray:
    """Return (n, sample, *input), points of the boxes: half of them corners."""
    generator = np.random.default_rng(seed)
    offsets = generator.uniform(-1, 1, (n, *images.shape))
    offsets[: n // 2] = np.sign(offsets[: n // 2])
    return (np.asarray(images, float) + radius * offsets).astype(np.float32)


@pytest.mark.parametrize("make", [mlp, pytest.param(cnn, marks=pytest.mark.slow)])
def test_no_search_and_no_point_of_the_box_crosses_at_a_certified_sample(make: Any) -> None:
    """Eight networks at three radii, of which some samples are certified and some critical."""
    images = points(16, (4, 4, 1) if make is mlp else (6, 6, 1))
    n_certified = n_critical = 0
    for seed in range(8 if make is mlp else 3):
        network = make(seed)
        for radius in (0.004, 0.02, 0.1):
            certified = certified_samples(network, images, radius=radius)
            found = critical_samples(network, images, radius=radius, search=LASS(20), key=jax.random.key(seed))
            is_crossed = np.asarray(found.is_critical)
            for those in random_points(np.asarray(images), radius, 6, seed):
                is_crossed = is_crossed | (classes(network, those) != certified.predicted)
            is_crossed |= classes(network, certified.corner) != certified.predicted
            assert not (is_crossed & certified.is_certified).any()
            n_certified += certified.is_certified.sum()
            n_critical += is_crossed.sum()
    assert n_certified > 20
    assert n_critical > 20


@pytest.mark.parametrize(("n_features", "seed"), [(2, 0), (2, 1), (3, 2)])
def test_margins_do_not_exceed_the_exact_ones_of_all_linear_regions(n_features: int, seed: int) -> None:
    """The smallest margin of every box, by linear programs over activation patterns."""
    network = mlp(seed, MLP((5, 4)), (1, n_features, 1), 3)
    images, radius = points(8, (1, n_features, 1), seed), 0.05
    layers = [(np.float64(layer.weight), np.float64(layer.bias)) for layer in network.layers]
    found = certified_samples(network, images, radius=radius, tight=True)
    flat = np.float64(images).reshape(len(images), -1)
    exact = np.array(
        [smallest_margin(layers, x - radius, x + radius, int(k)) for x, k in zip(flat, found.predicted, strict=True)]
    )
    assert (found.margin <= exact).all()
    assert found.is_certified[exact > 0.1].all()
    assert (exact - found.margin).mean() < 0.1 * np.abs(exact).mean()


def test_margins_are_exact_for_a_linear_classifier_up_to_rounding() -> None:
    network = mlp(0, MLP(()))
    (layer,) = network.layers
    exact = critical_radius(np.asarray(layer.weight), np.asarray(layer.bias), np.asarray(IMAGES))
    reach = np.float32(np.maximum(exact - 1e-4, 1e-6))
    assert certified_samples(network, IMAGES, radius=reach).is_certified.all()
    assert not certified_samples(network, IMAGES, radius=exact * (1 + 1e-6)).is_certified.any()


@pytest.mark.parametrize("make", slow_after(1, [mlp, cnn]))
def test_margins_are_never_below_those_of_intervals(make: Any) -> None:
    """Interval arithmetic in loops; the margins may be lower by the rounding of float32 alone."""
    network, images = make(0), points(4, (4, 4, 1) if make is mlp else (6, 6, 1))
    for radius in (0.01, 0.3):
        found = certified_samples(network, images, radius=radius)
        for image, margin, predicted in zip(np.asarray(images, float), found.margin, found.predicted, strict=True):
            by_intervals = interval_margin(network, image - radius, image + radius, int(predicted))
            assert margin >= by_intervals - 1e-4 * (1 + abs(by_intervals))


def test_samples_whose_class_depends_on_float32_rounding_are_not_certified() -> None:
    """Two logits that are equal but for the order of large terms; their float32 difference is rounding alone."""
    generator = np.random.default_rng(0)
    weight = (1000 * generator.normal(size=(16, 1))).repeat(2, axis=1)
    network = mlp(0, MLP(()), n_classes=2)
    weight[:, 1] = weight[:, 0] * (1 + 1e-8 * generator.normal(size=16))
    weight[0, 0] += 1e-3
    network = eqx.tree_at(lambda network: network.layers[0].weight, network, jnp.asarray(weight, jnp.float32))
    network = eqx.tree_at(lambda network: network.layers[0].bias, network, jnp.zeros(2))
    exact = np.asarray(IMAGES, float).reshape(40, -1) @ np.float64(network.layers[0].weight)
    is_other = exact.argmax(axis=1) != np.asarray(network(IMAGES)).argmax(axis=1)
    found = certified_samples(network, IMAGES, radius=1e-9)
    assert not (found.is_certified & is_other).any()
    assert not found.is_certified[np.abs(exact[:, 0] - exact[:, 1]) < 1e-4].any()


@pytest.mark.parametrize("make", [mlp, pytest.param(cnn, marks=pytest.mark.slow)])
def test_neighbors_of_different_classes_are_not_certified_however_near(make: Any) -> None:
    """Pairs of images of different classes are bisected until float32 tells them no longer apart."""
    network, images = make(0), np.asarray(points(40, (4, 4, 1) if make is mlp else (6, 6, 1)))
    one, other = images[:20], images[20:]
    first = classes(network, one)
    is_pair = first != classes(network, other)
    for _ in range(60):
        middle = ((one + other) / 2).astype(np.float32)
        is_same = (classes(network, middle) == first)[:, None, None, None]
        one, other = np.where(is_same, middle, one), np.where(is_same, other, middle)
    radius = np.maximum(np.abs(one.astype(float) - other).max(axis=(1, 2, 3)), 1e-9) * (1 + 1e-6)
    assert is_pair.sum() >= 5
    assert radius[is_pair].max() < 1e-6
    certified = certified_samples(network, one, radius=radius)
    assert not certified.is_certified[is_pair].any()
    far = certified_samples(network, one, radius=1e-9).margin
    assert (far[is_pair] > -1e-3).all()


def test_vectors_are_certified_in_standard_deviations_as_a_search_sees_them() -> None:
    """Features of very different units, one of them constant."""
    deviation = jnp.array([1e-3, 1.0, 40.0, 2e5, 0.0])
    standardizer = Standardizer(jnp.array([5.0, -1.0, 0.0, 1e6, 3.0]), deviation)
    network = mlp(1, MLP((8,)), (5,), 3).standardized(standardizer)
    vectors = standardizer.undo(jax.random.normal(jax.random.key(2), (60, 5)))
    found = certified_samples(network, vectors, radius=0.05, standardizer=standardizer)
    searched = critical_samples(network, vectors, radius=0.05, standardizer=standardizer, key=jax.random.key(0))
    assert not (found.is_certified & np.asarray(searched.is_critical)).any()
    assert found.is_certified.sum() >= 40
    assert searched.is_critical.sum() >= 2


def test_bounds_of_inputs_make_the_box_smaller() -> None:
    """At images that are 0 or 1 everywhere, half of each box lies outside."""
    images, network = np.round(np.asarray(IMAGES)), mlp(3)
    plain = certified_samples(network, images, radius=0.1, tight=True)
    bounded = certified_samples(network, images, radius=0.1, bounds=(0, 1), tight=True)
    assert (bounded.margin >= plain.margin).all()
    assert bounded.is_certified.sum() > plain.is_certified.sum()
    assert bounded.upper_ratio == pytest.approx(1 - bounded.is_certified.mean())
    assert ((bounded.corner >= 0) & (bounded.corner <= 1)).all()


def test_samples_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """One image and few units at a time give the same margins as all together, up to float64 rounding."""
    whole = certified_samples(mlp(0), IMAGES, radius=0.02, tight=True)
    monkeypatch.setattr("byheart.critical.certified_samples.BLOCK_BYTES", 2000)
    parts = certified_samples(mlp(0), IMAGES, radius=np.full(40, 0.02), tight=True)
    np.testing.assert_allclose(parts.margin, whole.margin, atol=1e-10)
    np.testing.assert_array_equal(parts.is_certified, whole.is_certified)


def test_what_a_quick_proof_certifies_is_not_proven_again(monkeypatch: pytest.MonkeyPatch) -> None:
    network, blocks, margins = mlp(0), [], certifying._margins
    monkeypatch.setattr(certifying, "_margins", lambda *given: (blocks.append(given[-1]), margins(*given))[1])
    tight, n_tight = certified_samples(network, IMAGES, radius=0.02, tight=True), len(blocks)
    found, n_blocks = certified_samples(network, IMAGES, radius=0.02), len(blocks) - n_tight
    np.testing.assert_array_equal(found.is_certified, tight.is_certified)
    np.testing.assert_array_equal(found.margin[~found.is_certified], tight.margin[~found.is_certified])
    assert (found.margin <= tight.margin).all()
    assert (found.margin < tight.margin).any()
    assert blocks.count(None) == 3 + 3
    assert n_tight == 3 + 3 > n_blocks > 3


@pytest.mark.parametrize("make", [mlp, pytest.param(cnn, marks=pytest.mark.slow)])
def test_bounds_of_decided_units_need_not_be_improved(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    network = make(3)
    images = IMAGES[:16] if make is mlp else points(16, (6, 6, 1))
    found = certified_samples(network, images, radius=0.01, tight=True).margin
    for kind in (ReLU, MaxPool):
        monkeypatch.setattr(kind, "is_improved", lambda step, inputs: jnp.ones(inputs.low.shape, bool))
    monkeypatch.setattr(certifying, "MOST_UNITS", 31)  # Another program, for which the steps are asked again.
    whole = certified_samples(network, images, radius=0.01, tight=True).margin
    np.testing.assert_allclose(found, whole, atol=1e-5)
    assert (found <= whole + 1e-12).all()


def test_a_network_that_overflows_is_not_certified() -> None:
    network = mlp(0)
    network = eqx.tree_at(lambda network: network.layers[0].weight, network, network.layers[0].weight * 1e38)
    assert not certified_samples(network, IMAGES, radius=1e-6).is_certified.any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": curved()}, "`network` must be a built MLP or CNN of byheart, or a callable with a method `steps`"),
        ({"radius": 0.0}, "`radius` must be"),
        ({"inputs": IMAGES + 2, "bounds": (0, 1)}, "`inputs` must lie within (0, 1)"),
        ({"inputs": jnp.ones((2, 16))}, "`standardizer` must be given for vectors"),
        (
            {"network": jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), mlp(0))},
            "`network` must have float32 parameters",
        ),
    ],
)
def test_bad_arguments_are_refused(change: dict[str, Any], message: str) -> None:
    arguments = {"network": mlp(0), "inputs": IMAGES, "radius": 0.01, **change}
    with pytest.raises(BadInput, match=re.escape(message)):
        inspect.unwrap(certified_samples)(arguments.pop("network"), arguments.pop("inputs"), **arguments)


def test_traced_inputs_are_refused() -> None:
    with pytest.raises(BadInput, match="Call this outside `jit`"):
        jax.jit(lambda images: certified_samples(mlp(0), images, radius=0.01).margin)(IMAGES)
