"""Converted torch modules as steps with bounds: the same as those of byheart's layers, and never crossed."""

import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import byheart as bh
from byheart.checks import BadInput
from byheart.critical.certified_samples import check_can_be_certified
from byheart.networks.steps import Bounds

torch = pytest.importorskip("torch", reason="torch is missing; `make test-all` installs it")
nn = torch.nn

IMAGES = np.random.default_rng(0).random((12, 8, 8, 1)).astype(np.float32)


def converted(module: Any) -> Any:
    """Return a module of gray images of 8 x 8 pixels in evaluation mode as a network."""
    return bh.from_torch(module.eval(), torch.rand(3, 1, 8, 8), training=False, show=False)


@pytest.fixture(scope="module")
def convolutional() -> Any:
    """Return a converted CNN with batch norms that change something, one of them of negative scale."""
    torch.manual_seed(0)
    module = nn.Sequential(
        *(nn.ZeroPad2d(-1), nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Dropout(), nn.Flatten(), nn.Linear(27, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4)),
    )
    for norm in (module[2], module[8]):
        nn.init.normal_(norm.weight), nn.init.normal_(norm.bias), nn.init.normal_(norm.running_mean)
        nn.init.uniform_(norm.running_var, 0.5, 2)
    with torch.no_grad():  # No class is usual.
        module[-1].bias -= module.eval()(torch.tensor(IMAGES.transpose(0, 3, 1, 2))).mean(dim=0)
    return converted(module)


def test_steps_are_the_forward_pass(convolutional: Any) -> None:
    """Bounds of single points hold the logits, and are as narrow as rounding."""

    def bounds(image: Any) -> Bounds:
        steps = convolutional.steps((8, 8, 1))
        return functools.reduce(lambda found, step: step.output_bounds(found), steps, Bounds(image, image))

    found, logits = jax.jit(jax.vmap(bounds))(jnp.asarray(IMAGES)), convolutional(jnp.asarray(IMAGES))
    assert ((found.low <= logits) & (logits <= found.high)).all()
    assert float((found.high - found.low).max()) < 1e-3


def test_no_search_and_no_point_of_the_box_crosses_at_a_certified_sample(convolutional: Any) -> None:
    generator, n_certified, n_critical = np.random.default_rng(1), 0, 0
    classify = eqx.filter_jit(convolutional)
    for radius in (0.003, 0.03, 0.3):
        proof = bh.certified_samples(convolutional, IMAGES, radius=radius)
        found = bh.critical_samples(convolutional, IMAGES, radius=radius, key=jax.random.key(0))
        is_crossed = np.asarray(found.is_critical)
        for _ in range(20):
            those = IMAGES + radius * np.sign(generator.normal(size=IMAGES.shape)).astype(np.float32)
            is_crossed = is_crossed | (np.asarray(classify(jnp.asarray(those))).argmax(axis=1) != proof.predicted)
        assert not (is_crossed & proof.is_certified).any()
        n_certified, n_critical = n_certified + proof.is_certified.sum(), n_critical + is_crossed.sum()
    assert min(n_certified, n_critical) >= 3


class Products(nn.Module):
    """A product as an operator, one with a bias as a function, and tokens that share a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.other = nn.Parameter(torch.randn(64, 6) / 8), nn.Parameter(torch.randn(6, 4))
        self.shared = nn.Linear(2, 3)

    def forward(self, x):
        hidden = torch.relu(x.flatten(1) @ self.weight)
        tokens = torch.addmm(torch.ones(4), hidden, self.other).reshape(-1, 2, 2)
        return self.shared(tokens).flatten(1)


def test_products_in_any_writing_have_bounds() -> None:
    torch.manual_seed(0)
    network = converted(Products())
    image, box = jnp.asarray(IMAGES[0]), 0.01
    steps = network.steps((8, 8, 1))
    found = functools.reduce(lambda bounds, step: step.output_bounds(bounds), steps, Bounds(image - box, image + box))
    moved = image + np.random.default_rng(0).uniform(-box, box, (500, 8, 8, 1)).astype(np.float32)
    logits = network(moved)
    assert ((found.low <= logits) & (logits <= found.high)).all()
    assert float((found.high - found.low).max()) < 100 * box


def test_margins_are_those_of_an_mlp_with_the_same_weights() -> None:
    network = bh.MLP((6, 6)).build((8, 8, 1), 3, jax.random.key(0))
    module = nn.Sequential(nn.Flatten(), nn.Linear(64, 6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 3))
    with torch.no_grad():
        for ours, theirs in zip(network.layers, module[1::2], strict=True):
            theirs.weight.copy_(torch.tensor(np.asarray(ours.weight).T))
            theirs.bias.copy_(torch.tensor(np.asarray(ours.bias)))
    first, second = (bh.certified_samples(one, IMAGES, radius=0.02, tight=True) for one in (network, converted(module)))
    np.testing.assert_allclose(second.margin, first.margin, rtol=1e-9)
    assert first.is_certified.sum() > 0


class Residual(nn.Module):  # type: ignore[name-defined, misc]
    """A layer whose inputs are added to its outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(64, 64), nn.Linear(64, 3)

    def forward(self, x: Any) -> Any:
        x = x.flatten(1)
        return self.last(x + torch.relu(self.first(x)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 3), nn.Tanh()), "got tanh.default .*no bounds of it"),
        (lambda: nn.Sequential(nn.MaxPool2d(3, 2, 1), nn.Flatten(), nn.Linear(16, 3)), "got max_pool2d.*no bounds"),
        (Residual, "got add.Tensor .*uses an earlier result once more"),
    ],
)
def test_other_modules_are_refused_with_the_operation(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        bh.certified_samples(converted(make()), IMAGES, radius=0.01)


def test_architectures_are_checked_before_training_whatever_their_number_of_logits() -> None:
    def architecture(activation: Any) -> Any:
        return converted(nn.Sequential(nn.Flatten(), nn.Linear(64, 5), activation, nn.Linear(5, 7))).architecture

    check_can_be_certified("bracket", architecture(nn.ReLU()), (8, 8, 1))
    with pytest.raises(BadInput, match="tanh"):
        check_can_be_certified("bracket", architecture(nn.Tanh()), (8, 8, 1))
