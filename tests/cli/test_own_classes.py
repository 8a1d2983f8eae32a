"""Networks, optimizers and losses of a user's own module, named on the command line, stored, resumed and reported."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from slow_cases import slow_rows_after
from tiny_runs import words

from byheart.literals import text
from byheart.runs.record import Record

OWN = """
import dataclasses

import byheart as bh
import equinox as eqx
import jax
import jax.numpy as jnp
import optax


class Network(bh.Network):
    first: eqx.nn.Linear
    last: eqx.nn.Linear

    def __call__(self, images):
        return self.in_training(images)[0]

    def in_training(self, images, hidden=lambda activations, layer: activations):
        once = jax.nn.gelu(jax.vmap(self.first)(images.reshape(len(images), -1)))
        return jax.vmap(self.last)(hidden(once, bh.HiddenLayer(0, is_dense=True))), self


@dataclasses.dataclass(frozen=True)
class Net:
    width: int = 8
    depth: int = 1

    def resized(self, width, depth):
        return Net(self.width if width is None else width)

    def check(self, input_shape):
        if input_shape[2] != 1:
            raise bh.BadInput("Net is for grey images.")

    def build(self, input_shape, n_classes, key):
        first, last = jax.random.split(key)
        n_pixels = input_shape[0] * input_shape[1] * input_shape[2]
        return Network(
            eqx.nn.Linear(n_pixels, self.width, key=first), eqx.nn.Linear(self.width, n_classes, key=last)
        )


@dataclasses.dataclass(frozen=True)
class Nesterov:
    learning_rate: float = 0.1
    momentum: float = 0.9

    def transformation(self, learning_rate, steps_per_epoch):
        schedule = optax.cosine_decay_schedule(learning_rate, 2 * steps_per_epoch)
        return optax.sgd(schedule, self.momentum, nesterov=True)


@dataclasses.dataclass(frozen=True)
class SquaredError:
    def __call__(self, logits, targets):
        wanted = targets if targets.ndim == 2 else jax.nn.one_hot(targets, logits.shape[1])
        return ((logits - wanted) ** 2).sum(axis=1)


@dataclasses.dataclass(frozen=True)
class HalfANetwork:
    width: int = 8


def clipped(learning_rate):
    return optax.chain(optax.clip(0.1), optax.adam(learning_rate))
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the name of a module in the working directory; remove it from `sys.modules` at the end."""
    (tmp_path / "own_classes.py").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield "own_classes"
    sys.modules.pop("own_classes", None)


Byheart = Callable[..., tuple[int, str, str]]


@pytest.mark.slow
def test_an_own_network_and_optimizer_are_trained_stored_resumed_and_reported(
    byheart: Byheart, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = words("critical-samples", architecture=f"{module}:Net(12)", optimizer=f"{module}:Nesterov(0.2)", seeds=1)
    status, out, err = byheart(*given, "--out", "run")
    assert (status, "0 of 1 chunks are stored" in err) == (0, True), err
    assert out.rstrip().endswith("report.html")
    settings = json.loads(Path("run/experiment.json").read_text())["experiments"][0]["settings"]
    assert settings["architecture"] == "own_classes:Net(width=12, depth=1)"
    assert settings["optimizer"] == "own_classes:Nesterov(learning_rate=0.2, momentum=0.9)"
    page = Path("run/report.html").read_text(encoding="utf-8")
    assert "own_classes:Net(width=12, depth=1)" in page

    sys.modules.pop(module)  # As in another process.
    read = Record.read(Path("run/experiment.json")).parts[0].experiment
    assert text(read.settings()["architecture"]) == settings["architecture"]
    monkeypatch.setattr("byheart.execution.local_executor.computed", None)  # From here on nothing can be trained.
    for command in (given, ["run", "run/experiment.json"]):
        status, _, err = byheart(*command, "--out", "run")
        assert (status, "1 of 1 chunks are stored" in err) == (0, True), err
    assert byheart("report", "run")[0] == 0

    Path("own_classes.py").rename("moved.py")
    sys.modules.pop(module)
    status, _, err = byheart("report", "run")
    assert status == 2
    assert "There is no module 'own_classes' in the working directory" in " ".join(err.split())


@pytest.mark.usefixtures("module", "untrained")
@pytest.mark.parametrize(
    ("name", "option", "value", "phrase"),
    [
        (
            "patterns-first",
            "--architecture",
            "own_classes:HalfANetwork()",
            "It must be CNN(...) or MLP(...) or TorchModule(...) or your own",
        ),
        (
            "patterns-first",
            "--optimizer",
            "own_classes:Net()",
            "It must be Adam(...) or AdamW(...) or Optax(...) or SGD(...)",
        ),
        ("patterns-first", "--architecture", "own_classes:Ned()", "There is no name in own_classes named 'Ned'. Did"),
        ("patterns-first", "--architecture", "own_classes:Net(w=3)", "cannot be made: got an unexpected keyword"),
        ("patterns-first", "--architecture", "other_classes:Net()", "There is no module 'other_classes'"),
        (
            "patterns-first",
            "--optimizer",
            "own_classes:clipped(0.1)",
            "`own_classes:clipped` must be a frozen dataclass",
        ),
        ("patterns-first", "--optimizer", "Optax('own_classes:clopped',0.1)", "Did you mean clipped?"),
        ("sensitivity-inequality", "--loss", "own_classes:Nesterov()", "It must be CrossEntropy(...) or Floored"),
        ("sensitivity-inequality", "--batches", "CrossEntropy()", "It must be Shuffled(...) or WithReplacement(...)"),
        ("sensitivity-inequality", "--optimizer", "Adam(0.001)", "Give it an `eps_root`, as in Adam(0.001, eps_root="),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence_before_any_work(
    byheart: Byheart, monkeypatch: pytest.MonkeyPatch, name: str, option: str, value: str, phrase: str
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    status, out, err = byheart("run", name, option, value)
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    assert phrase in " ".join(err.replace("│", " ").split())
    assert not Path("runs").exists() or not list(Path("runs").rglob("*.json"))


@pytest.mark.usefixtures("module", "untrained")
@pytest.mark.parametrize(
    ("name", "words"),
    slow_rows_after(
        2,
        [
            ("capacity", ["--architecture", "own_classes:Net(8)"]),
            ("patterns-first", ["--optimizer", "Optax('own_classes:clipped', 0.001)"]),
            ("patterns-first", ["--optimizer", "Optax('optax:lion', 0.001, {'b1': 0.8})"]),
            ("patterns-first", ["--optimizer", "Adam(0.001)"]),
            ("patterns-first", ["--optimizer", "AdamW(0.001, weight_decay=0.01)"]),
            (
                "sensitivity-inequality",
                ["--optimizer", "Adam(0.001, eps_root=1e-8)", "--loss", "own_classes:SquaredError()"],
            ),
        ],
    ),
    ids=str,
)
def test_what_can_be_used_gets_as_far_as_training(
    byheart: Byheart, monkeypatch: pytest.MonkeyPatch, name: str, words: list[str]
) -> None:
    """Training fails, after the settings have been stored."""
    with pytest.raises(AssertionError, match="something is trained"):
        byheart("run", name, "--seeds", "1", *words, "--out", "run")
    (part,) = Record.read(Path("run/experiment.json")).parts
    assert part.experiment.name == name


def test_the_help_shows_defaults_that_can_be_pasted_back(byheart: Byheart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    status, out, _ = byheart("run", "patterns-first", "--help")
    assert status == 0
    assert "MLP(widths=(128, 128))" in out
    assert 'your own as "my_module:MyNet(64)"' in " ".join(out.replace("│", " ").split())
