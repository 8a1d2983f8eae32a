"""Critical samples of a torch module as it is: the same points as in JAX, and the module as it was."""

import jax
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import byheart as bh  # noqa: E402

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).random((30, 1, 6, 6), np.float32)
KEY = jax.random.key(3)


@pytest.fixture(scope="module")
def module() -> nn.Sequential:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(64, 3)
    )


@pytest.fixture(scope="module")
def network(module: nn.Sequential) -> bh.Network:
    return bh.from_torch(module, IMAGES[:3], show=False)


@pytest.mark.parametrize(
    "search",
    [
        bh.LASS(budget=30),
        bh.LASS(budget=5, restarts=2, bounds=((0.0,), (1.0,))),
        bh.LASS(budget=30, noise_scale=0, clip_pixels=True),
        bh.LASS(budget=30, stop=bh.GlobalStop(3)),
    ],
    ids=["noise", "restarts", "circles", "global"],
)
def test_the_points_of_torch_are_those_of_jax(module: nn.Sequential, network: bh.Network, search: bh.LASS) -> None:
    images = np.moveaxis(IMAGES, 1, -1)
    radius = np.linspace(0.02, 0.2, len(IMAGES)).astype(np.float32)
    expected = bh.critical_samples(network, images, radius=radius, search=search, key=KEY)
    found = bh.critical_samples(module, torch.as_tensor(IMAGES), radius=radius, search=search, key=KEY, lanes=7)
    assert 0 < expected.ratio < 1
    np.testing.assert_array_equal(found.is_critical, expected.is_critical)
    np.testing.assert_array_equal(found.steps, expected.steps)
    np.testing.assert_allclose(np.moveaxis(np.asarray(found.critical_point), 1, -1), expected.critical_point, atol=1e-5)


def test_vectors_are_searched_in_standard_deviations() -> None:
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).double()
    vectors = np.random.default_rng(0).normal(2, [1, 2, 3, 0.1], (25, 4)).astype(np.float32)
    scale = bh.Standardizer(jax.numpy.asarray(vectors.mean(0)), jax.numpy.asarray(vectors.std(0)))
    network = bh.from_torch(module, vectors[:3], show=False)
    expected, found = (
        bh.critical_samples(one, vectors, radius=bh.StandardDeviations(0.4), key=KEY, standardizer=scale)
        for one in (network, module)
    )
    assert 0 < found.ratio < 1
    np.testing.assert_array_equal(found.is_critical, expected.is_critical)
    np.testing.assert_allclose(found.critical_point, expected.critical_point, atol=1e-5)
    assert bh.critical_sample_ratio(module, vectors, radius=0.4, key=KEY, standardizer=scale) == float(found.ratio)


def test_modes_and_gradients_of_the_module_stay_as_they_were(module: nn.Sequential) -> None:
    module.train()
    module[1].eval()
    module[0].weight.grad = torch.ones_like(module[0].weight)
    before = {name: one.clone() for name, one in module.state_dict().items()}
    bh.critical_samples(module, IMAGES, radius=0.1, key=KEY)
    wrong = nn.Sequential(module, nn.Softmax(1))
    with pytest.raises(bh.BadInput, match="must return logits"):
        bh.critical_samples(wrong, IMAGES, radius=0.1, key=KEY)
    assert [part.training for part in module] == [True, False, True, True, True, True]
    assert (module[0].weight.grad == 1).all()
    assert module[5].weight.grad is None
    assert all((one == before[name]).all() for name, one in module.state_dict().items())


def test_modules_without_logits_or_gradients_are_refused(module: nn.Sequential) -> None:
    class Detached(nn.Module):
        def forward(self, x):
            return x.detach().flatten(1)[:, :3]

    class DependsOnBatch(nn.Module):
        def forward(self, x):
            return (x - x.mean(0)).flatten(1)[:, :3]

    for wrong, said in (
        (Detached(), "have no gradient in its inputs"),
        (DependsOnBatch(), "the same logits for a sample alone and in a batch"),
        (nn.Flatten(0), "must return one tensor of logits"),
    ):
        with pytest.raises(bh.BadInput, match=said):
            bh.critical_samples(wrong, IMAGES, radius=0.1, key=KEY)
