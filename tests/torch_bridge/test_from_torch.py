"""Torch modules as networks: equal numbers, statistics, parameters back, refusals that say where."""

import dataclasses

import jax
import numpy as np
import optax
import pytest

torch = pytest.importorskip("torch")

import made_modules  # noqa: E402  It needs torch.
from torch import nn  # noqa: E402

import byheart as bh  # noqa: E402
from byheart.torch_bridge import checked, export  # noqa: E402, F401  `export` fills the table.
from byheart.torch_bridge.operations.table import TABLE  # noqa: E402

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).random((6, 3, 16, 16), np.float32)


def as_byheart_has_them(images: np.ndarray) -> jax.Array:
    return jax.numpy.asarray(np.moveaxis(images, 1, -1))


def small() -> nn.Sequential:
    """Return a network with batch norm and dropout, whose statistics are not those at the start."""
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.4), nn.Flatten(), nn.Linear(196, 5)
    )
    module(torch.as_tensor(IMAGES) * 3)
    return module


@pytest.fixture(scope="module")
def module() -> nn.Sequential:
    return small()


@pytest.fixture(scope="module")
def network(module: nn.Sequential) -> bh.Network:
    return bh.from_torch(module, IMAGES, show=False)


@pytest.mark.parametrize("kind", made_modules.ALL, ids=lambda kind: kind.__name__)
def test_modules_as_people_write_them_agree_with_torch(kind: type[nn.Module]) -> None:
    torch.manual_seed(1)
    module = kind()
    network = bh.from_torch(module, IMAGES[:3], show=False)
    assert network.agreement.in_float64
    assert network.agreement.largest < 1e-9
    module.eval()
    for batch in (IMAGES[:1], IMAGES):  # Any batch size fits.
        expected = module(torch.as_tensor(batch)).detach().numpy()
        np.testing.assert_allclose(network(as_byheart_has_them(batch)), expected, rtol=1e-3, atol=1e-5)


def test_a_module_in_float64_agrees_to_the_last_digits_and_is_not_changed() -> None:
    module = small().double()
    before = {name: one.clone() for name, one in module.state_dict().items()}
    with jax.enable_x64(True):
        network = bh.from_torch(module, IMAGES.astype(float), show=False)
        logits = np.asarray(network(as_byheart_has_them(IMAGES.astype(float))))
    assert network.agreement.largest < 1e-13
    assert all((one == before[name]).all() for name, one in module.state_dict().items())
    assert module.training
    np.testing.assert_allclose(logits, module.eval()(torch.as_tensor(IMAGES).double()).detach(), atol=1e-13)


def test_training_moves_running_statistics_as_torch_does(module: nn.Sequential, network: bh.Network) -> None:
    twin = small()
    twin[3].p = 0.0
    expected = twin.train()(torch.as_tensor(IMAGES)).detach().numpy()
    logits, after = network.in_training(as_byheart_has_them(IMAGES))
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)
    for name in ("1.running_mean", "1.running_var", "1.num_batches_tracked"):
        np.testing.assert_allclose(after.buffers.arrays[name], dict(twin.named_buffers())[name], rtol=1e-5)
    assert set(network.parameters) == set(dict(module.named_parameters()))
    assert bh.n_parameters(network) == sum(one.numel() for one in module.parameters())


def test_a_step_of_training_is_torchs_step_and_can_be_written_back(network: bh.Network) -> None:
    """One update by SGD in both, then `to_torch`: parameters and logits agree."""
    twin, written = small(), small()
    twin[3].p = 0.0
    labels = np.arange(6) % 5
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.1)
    nn.functional.cross_entropy(twin.train()(torch.as_tensor(IMAGES)), torch.as_tensor(labels)).backward()
    optimizer.step()

    run = bh.network_run(network, optax.sgd(0.1), as_byheart_has_them(IMAGES), labels, np.arange(6)[None])
    trained = run.model(*(lambda state: (state.parameters, state.statistics))(run.step(run.start, run.batches[0])))
    assert trained.to_torch(written) is written
    for name, one in written.state_dict().items():
        np.testing.assert_allclose(one, twin.state_dict()[name], rtol=1e-4, atol=1e-6)
    logits = written.eval()(torch.as_tensor(IMAGES)).detach()
    np.testing.assert_allclose(trained(as_byheart_has_them(IMAGES)), logits, rtol=1e-4, atol=1e-5)


def test_what_does_not_fit_is_not_written(network: bh.Network) -> None:
    other = small()
    other[5] = nn.Linear(196, 7)
    before = other[0].weight.detach().clone()
    with pytest.raises(bh.BadInput, match=r"'5.bias' has the shape \(5,\) in the network and \(7,\) in the module"):
        network.to_torch(other)
    assert (other[0].weight == before).all()
    with pytest.raises(bh.BadInput, match=r"Only the network has '1\.bias'"):
        network.to_torch(nn.Sequential(nn.Conv2d(3, 4, 3)))


def test_regularizers_act_where_the_module_has_dropout(network: bh.Network) -> None:
    seen = []

    def hidden(activations: jax.Array, layer: bh.HiddenLayer) -> jax.Array:
        seen.append((layer.index, layer.is_dense, activations.shape))
        return 0 * activations

    logits, _ = network.in_training(as_byheart_has_them(IMAGES), hidden)
    assert seen == [(0, False, (6, 4, 7, 7))]
    np.testing.assert_allclose(logits, np.broadcast_to(network.parameters["5.bias"], (6, 5)), rtol=1e-5)
    assert "its 1 dropout layers are off" in network.conversion.notes[0]


def test_sensitivities_are_computed_through_the_training_of_a_module(network: bh.Network) -> None:
    labels, batches = np.arange(6) % 5, np.array([[0, 1, 2], [2, 3, 0], [3, 1, 0], [1, 2, 3]])
    run = bh.network_run(network, optax.sgd(0.1), as_byheart_has_them(IMAGES), labels, batches)
    found = bh.loss_sensitivity(run)
    assert (found[[4, 5]] == 0).all()
    assert (found[:4] > 0).all()


def test_an_operation_without_a_twin_names_itself_and_its_place_with_all_others() -> None:
    class Rare(nn.Module):
        def forward(self, x):
            return torch.special.i0(x).flatten(1)[:, :4] + torch.polygamma(1, x + 1).flatten(1)[:, :4]

    with pytest.raises(bh.BadInput) as raised:
        bh.from_torch(nn.Sequential(nn.Conv2d(3, 3, 1), Rare()), IMAGES)
    said = str(raised.value)
    assert "i0.default in 1 (Rare)" in said or "special_i0.default in 1 (Rare)" in said
    assert "polygamma.default in 1 (Rare)" in said
    assert "test_from_torch.py" in said
    assert "torch.special.i0(x)" in said


def test_a_branch_on_values_is_refused_with_its_line() -> None:
    class Branching(nn.Module):
        def forward(self, x):
            x = x.flatten(1)
            if x.sum() > 0:  # The branch.
                return x[:, :5]
            return x[:, 5:10]

    with pytest.raises(bh.BadInput, match=r"branches on the values of a tensor.*test_from_torch.py:\d+: if x.sum"):
        bh.from_torch(Branching(), IMAGES)


def test_a_fixed_batch_size_is_refused() -> None:
    class Fixed(nn.Module):
        def forward(self, x):
            return x.reshape(6, -1)[:, :5]

    with pytest.raises(bh.BadInput, match="fixes the batch size"):
        bh.from_torch(Fixed(), IMAGES)


def test_a_wrong_operation_is_noticed_and_located(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, "relu", lambda x: jax.numpy.maximum(x, 0.01))
    with pytest.raises(bh.BadInput) as raised:
        bh.from_torch(small(), IMAGES)
    assert "differs from torch, relative to torch's largest number, in outputs by" in str(raised.value)
    assert "The first operation that differs is relu.default in 2 (ReLU)" in str(raised.value)


def test_two_results_inputs_of_other_axes_and_no_module_are_refused() -> None:
    class Two(nn.Module):
        def forward(self, x):
            return x.flatten(1), x

    with pytest.raises(bh.BadInput, match="must return one tensor of logits"):
        bh.from_torch(Two(), IMAGES)
    with pytest.raises(bh.BadInput, match="`example_inputs` must be floats as the module takes them"):
        bh.from_torch(small(), IMAGES[0])
    with pytest.raises(bh.BadInput, match="`module` must be a torch module"):
        bh.from_torch(bh.MLP((8,)), IMAGES)
    with pytest.raises(bh.BadInput, match="There is no layout named"):
        bh.from_torch(small(), IMAGES, layout="HWCN")


def test_a_module_that_takes_channels_last_is_converted_as_such() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Flatten(), nn.Linear(768, 5))
    last = as_byheart_has_them(IMAGES)
    network = bh.from_torch(module, last, layout="NHWC", show=False)
    expected = module(torch.as_tensor(np.array(last))).detach()
    np.testing.assert_allclose(network(last), expected, rtol=1e-4, atol=1e-5)


def test_the_difference_is_kept_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    network = bh.from_torch(nn.Sequential(nn.Linear(4, 3)), np.ones((1, 4), np.float32), training=False)
    assert capsys.readouterr().out.startswith("Sequential: 15 parameters; relative differences from torch in float64: ")
    assert network.agreement.training_outputs is None
    assert dataclasses.asdict(network.agreement)["outputs"] < 1e-14
    with pytest.raises(bh.BadInput, match="was converted for evaluation alone"):
        network.in_training(jax.numpy.ones((2, 4)))


def test_a_last_layer_of_zeros_is_noted_since_it_hides_the_others() -> None:
    module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    nn.init.zeros_(module[2].weight)
    network = bh.from_torch(module, np.ones((2, 4), np.float32), training=False, show=False)
    assert "so little was compared" in network.conversion.notes[0]


def test_two_examples_are_enough_for_many_batch_norms() -> None:
    """Each batch norm over two values lets rounding grow ten times, so more examples are compared."""
    torch.manual_seed(0)
    layers = [layer for _ in range(12) for layer in (nn.Linear(3, 3), nn.BatchNorm1d(3))]
    network = bh.from_torch(nn.Sequential(*layers, nn.Linear(3, 2)), torch.randn(2, 3), show=False)
    assert network.conversion.agreement.training_gradients < 1e-10


def test_a_running_mean_that_is_0_but_for_rounding_is_no_difference() -> None:
    """Normalized maps have mean 0, and so has a convolution of them that has no bias."""
    norms = nn.BatchNorm2d(6, affine=False), nn.BatchNorm2d(5)
    first, second = nn.Conv2d(3, 6, 3, bias=False), nn.Conv2d(6, 5, 1, bias=False)
    module = nn.Sequential(first, norms[0], second, norms[1], nn.Flatten(), nn.Linear(5 * 36, 4))
    network = bh.from_torch(module, torch.randn(8, 3, 8, 8), show=False)
    assert network.agreement.statistics < 1e-6


def test_random_masks_are_at_their_means_in_torch_during_the_comparison() -> None:
    with checked.masks_at_their_means():
        x = torch.ones(3, 4)
        assert (nn.functional.dropout(x, 0.5) == 1).all()
        assert (torch.bernoulli(0.3 * x) == 0.3 * x).all()


class Tokens(nn.Module):
    """Attention over the columns of an image, and a linear layer over tokens whose axes were swapped."""

    def __init__(self) -> None:
        super().__init__()
        self.attention, self.head = nn.MultiheadAttention(8, 2, batch_first=True), nn.Linear(16, 5)

    def forward(self, x):
        tokens = x[:, 0, :8].transpose(1, 2)
        seen, _ = self.attention(tokens, tokens, tokens, need_weights=False)
        return self.head(seen.transpose(1, 2)).sum(1)


def test_weights_are_not_copied_for_each_token() -> None:
    """Decomposed by torch, such a product is one of batches, with an expanded weight."""
    network = bh.from_torch(Tokens(), IMAGES, training=False, show=False)
    operations = {step.operation.partition(".")[0] for step in network.conversion.evaluation.steps}
    assert "linear" in operations
    assert not operations & {"bmm", "expand"}
