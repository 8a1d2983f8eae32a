"""Steps of networks: they are the forward pass, and what they return bounds it, rounding included."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from worlds import points

from byheart.networks.affine import Affine, dense
from byheart.networks.cnn import CNN
from byheart.networks.mlp import MLP
from byheart.networks.rounding import FLOAT32, float32_rounding, gamma
from byheart.networks.steps import Bounds, MaxPool, ReLU, Step

NETWORKS = {
    "mlp": MLP((6, 5)),
    "cnn": CNN((2,), (4,), crop=1, kernel=2, padding=1, pool=2, pool_stride=1),
    "tiles": CNN((2,), (), crop=0, kernel=2, pool=2),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_bounds_of_a_single_point_are_the_logits_up_to_rounding(name: str) -> None:
    network = NETWORKS[name].build((6, 6, 1), 3, jax.random.key(0))
    image = points(1, (6, 6, 1))[0]

    @eqx.filter_jit
    def logits(network: Any) -> Bounds:
        bounds = Bounds(image, image)
        for step in network.steps(image.shape):
            bounds = step.output_bounds(bounds)
        return bounds

    found, exact = logits(network), eqx.filter_jit(network)(image[None])[0]
    assert (found.low <= exact).all()
    assert (found.high >= exact).all()
    np.testing.assert_allclose(found.high, found.low, atol=1e-3)


@pytest.mark.parametrize("step", [ReLU(), MaxPool(2, 1), MaxPool(2, 2)])
def test_linear_lower_bounds_lie_below_the_function_and_intervals_contain_it(step: Step) -> None:
    """Any linear function of the outputs, at a hundred points of boxes around zero and away from it."""
    generator = np.random.default_rng(0)
    function = jax.nn.relu if isinstance(step, ReLU) else step._tiles  # type: ignore[attr-defined]
    for _ in range(20):
        middle, half = generator.normal(size=(2, 3, 4, 4))
        bounds = Bounds(jnp.asarray(middle - abs(half), jnp.float32), jnp.asarray(middle + abs(half), jnp.float32))
        inputs = jnp.asarray(generator.uniform(bounds.low, bounds.high, (100, 3, 4, 4)), jnp.float32)
        outputs = jax.vmap(function)(inputs)
        outputs = outputs if isinstance(step, ReLU) else outputs.max(axis=1)
        within = step.output_bounds(bounds)
        assert ((outputs >= within.low) & (outputs <= within.high)).all()
        row = jnp.asarray(generator.normal(size=outputs.shape[1:]), jnp.float32)
        slope, constant = step.relaxed(bounds)(row)
        below = (inputs * slope).sum(axis=(1, 2, 3)) + constant
        assert (below <= (outputs * row).sum(axis=(1, 2, 3)) + 1e-4).all()


def test_a_pooling_whose_largest_number_is_known_is_exact() -> None:
    low = jnp.array([[[1.0, 0.0], [0.5, 0.2]]])
    slope, constant = MaxPool(2, 2).relaxed(Bounds(low, low + 0.4))(jnp.array([[[-3.0]]]))
    assert slope.tolist() == [[[-3.0, 0.0], [0.0, 0.0]]]
    assert float(constant) == 0


@pytest.mark.parametrize("order", ["sorted", "alternating", "random"])
def test_float32_sums_are_within_the_stated_rounding_in_any_order(order: str) -> None:
    """Sums of 2,000 terms that nearly cancel, one after the other in float32."""
    generator = np.random.default_rng(0)
    weight = generator.lognormal(0, 3, (2000, 1)).astype(np.float32) * generator.choice([-1, 1], (2000, 1))
    weight = {"sorted": np.sort(weight, axis=0), "alternating": weight, "random": -weight}[order].astype(np.float32)
    x = generator.uniform(0, 1, 2000).astype(np.float32)
    step = dense(jnp.asarray(weight), jnp.zeros(1))
    total = np.float32(0)
    for one, other in zip(weight[:, 0], x, strict=True):
        total = np.float32(total + np.float32(one * other))
    error = abs(float(total) - float(np.float64(weight[:, 0]) @ np.float64(x)))
    assert 0 < error <= float(step.rounding(Bounds(jnp.asarray(x), jnp.asarray(x)))[0])


def test_reduced_precision_of_products_on_other_devices_widens_the_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    assert float32_rounding(10)[0] == gamma(10, FLOAT32)
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert float32_rounding(10)[0] > 2.0**-8
    with jax.default_matmul_precision("highest"):
        assert float32_rounding(10)[0] == gamma(10, FLOAT32)


def test_a_step_that_only_moves_numbers_rounds_nothing() -> None:
    first = MLP(()).build((6, 6, 1), 3, jax.random.key(0)).steps((6, 6, 1))[0]
    assert isinstance(first, Affine)
    image = points(1, (6, 6, 1))[0]
    bounds = first.output_bounds(Bounds(image - 0.5, image + 0.5))
    np.testing.assert_allclose(bounds.high - bounds.low, 1, rtol=1e-6)
    assert not first.rounding(Bounds(image, image)).any()
