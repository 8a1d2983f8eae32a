"""Populations of torch modules: fresh parameters for each seed, settings as text, the command line."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import byheart as bh  # noqa: E402
from byheart import literals  # noqa: E402
from byheart.cli.main import main  # noqa: E402

pytestmark = pytest.mark.slow

OWN = """
from torch import nn
from torch.nn import functional


class Net(nn.Module):
    def __init__(self, width=4, classes=10, rate=0.0):
        super().__init__()
        self.conv = nn.Conv2d(1, width, 3)
        self.norm = nn.BatchNorm2d(width)
        self.drop = nn.Dropout(rate)
        self.head = nn.Linear(width * 9, classes)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.norm(self.conv(x))), 2)
        return self.head(self.drop(x.flatten(1)))


def of_vectors():
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3))


def no_module():
    return 3
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the name of a module in the working directory; remove it from `sys.modules` at the end."""
    (tmp_path / "own_torch.py").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield "own_torch"
    sys.modules.pop("own_torch", None)


@pytest.fixture(scope="module")
def digits() -> bh.Split:
    return bh.load("digits", training=120, validation=40)


def test_each_seed_has_its_own_initialization_by_torch(own: str) -> None:
    architecture = literals.parse(f"torch:{own}:Net(3)")
    one, again, other = (architecture.build((8, 8, 1), 10, jax.random.key(n)) for n in (0, 0, 1))
    np.testing.assert_array_equal(one.parameters["conv.weight"], again.parameters["conv.weight"])
    assert (one.parameters["conv.weight"] != other.parameters["conv.weight"]).all()
    assert abs(np.asarray(one.parameters["conv.weight"])).max() <= 1 / 3  # torch's bound for 9 inputs.
    assert (architecture.width, architecture.depth) == (3, 1)
    assert architecture.resized(None, None) is architecture
    with pytest.raises(bh.BadInput, match="cannot be resized"):
        architecture.resized(16, None)
    with pytest.raises(bh.BadInput, match="has 10 logits, but the data have 4 classes"):
        architecture.build((8, 8, 1), 4, jax.random.key(0))


def test_a_torch_module_is_a_setting_that_can_be_read_back(own: str) -> None:
    architecture = literals.parse(f"torch:{own}:Net(3, rate=0.5)")
    assert literals.text(architecture) == f"TorchModule(call='{own}:Net(3, rate=0.5)', layout='NCHW')"
    assert literals.parse(literals.text(architecture)) == architecture
    for call, said in (
        ("Nut(3)", "Did you mean Net?"),
        ("Net(3, 4, 5, 6, 7)", "cannot be made"),
        ("no_module()", "`call` must be a torch module"),
        ("Net", "write it like"),
        ("Net(3)(4)", "must be a call"),
    ):
        with pytest.raises(bh.BadInput, match=said.replace("?", r"\?")):
            literals.parse(f"torch:{own}:{call}")


def test_populations_of_a_converted_module_train_alike_alone_and_together(digits: bh.Split) -> None:
    module = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(108, 10))
    network = bh.from_torch(module, torch.rand(3, 1, 8, 8), show=False)
    recipe = bh.Recipe(network.architecture, bh.SGD(0.1), batch_size=20, epochs=2)
    members = bh.grid(seed=range(2), rand_y=[0.0, 0.4])
    alone, together = (
        bh.train(
            recipe,
            members,
            digits,
            measures=[bh.Accuracy(), bh.CriticalSampleRatio(bh.Pixels(10))],
            layout=bh.Layout(1, at_once),
            show_progress=False,
        )
        for at_once in (1, 4)
    )
    np.testing.assert_allclose(alone.trace.batch_loss, together.trace.batch_loss, rtol=1e-4)
    assert (alone.trace.validation_accuracy.mean() > 0.2) & np.isfinite(alone.trace.batch_loss).all()
    one = jax.tree.map(lambda leaf: leaf[1], alone.networks)
    one.to_torch(module)
    images = np.array(digits.validation.inputs)
    expected = module.eval()(torch.as_tensor(np.moveaxis(images, -1, 1).copy())).detach()
    np.testing.assert_allclose(one(jax.numpy.asarray(images)), expected, rtol=1e-3, atol=1e-4)
    with pytest.raises(bh.BadInput, match="A module in memory, Sequential, has no text"):
        literals.text(network.architecture)


def test_parts_without_reset_parameters_are_named(digits: bh.Split) -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(64))

        def forward(self, x):
            return x.flatten(1) * self.scale

    network = bh.from_torch(nn.Sequential(Scaled(), nn.Linear(64, 10)), torch.rand(3, 1, 8, 8), show=False)
    with pytest.raises(bh.BadInput, match=r"of every part with parameters; 0 \(Scaled\) has none"):
        bh.train(bh.Recipe(network.architecture), bh.grid(seed=range(1)), digits, show_progress=False)


def test_frozen_parts_keep_their_numbers_and_torchs_random_state_stays() -> None:
    module = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
    module[0].requires_grad_(False)
    network = bh.from_torch(module, torch.rand(3, 5), show=False)
    state = torch.random.get_rng_state()
    fresh = network.architecture.build((5,), 3, jax.random.key(0))
    assert (torch.random.get_rng_state() == state).all()
    assert set(fresh.parameters) == {"2.weight", "2.bias"}
    np.testing.assert_array_equal(fresh.buffers.arrays["0.weight"], module[0].weight)
    assert (np.asarray(fresh.parameters["2.weight"]) != module[2].weight.detach().numpy()).all()


def test_vectors_are_standardized_before_a_module_of_a_population(own: str) -> None:
    network = literals.parse(f"torch:{own}:of_vectors()").build((5,), 3, jax.random.key(0))
    vectors = jax.numpy.asarray(np.random.default_rng(0).normal(3, 2, (20, 5)), jax.numpy.float32)
    scale = bh.Standardizer(vectors.mean(0), vectors.std(0))
    np.testing.assert_allclose(network.standardized(scale)(vectors), network(scale(vectors)), rtol=1e-5)
    with pytest.raises(bh.BadInput, match="The network standardizes its inputs"):
        network.standardized(scale).to_torch(nn.Linear(5, 3))


def test_an_experiment_of_a_torch_module_runs_from_the_command_line(own: str, capsys: pytest.CaptureFixture) -> None:
    words = ["run", "critical-samples", "--scale", "tiny", "--seeds", "1", "--out", "run"]
    words += ["--architecture", f"torch:{own}:Net(3, rate=0.5)"]
    words += ["--n-training", "60", "--n-validation", "30", "--n-samples", "10"]
    assert main(words) == 0, capsys.readouterr().err
    said = capsys.readouterr()
    assert "In training its 1 dropout layers are off" in " ".join((said.err + said.out).split())
    settings = json.loads(Path("run/experiment.json").read_text())["experiments"][0]["settings"]
    assert settings["architecture"] == f"TorchModule(call='{own}:Net(3, rate=0.5)', layout='NCHW')"
    assert f"{own}:Net(3, rate=0.5)" in Path("run/report.html").read_text(encoding="utf-8")
