"""Encoders of torch: what they get, what is refused, and the file of vectors that the command writes."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import byheart as bh  # noqa: E402
from byheart.cli.main import main  # noqa: E402
from byheart.results import row_file  # noqa: E402
from byheart.torch_bridge.encoder import Encoder  # noqa: E402

pytestmark = pytest.mark.slow

OWN = """
import torch
from torch import nn

SEEN = []


class Net(nn.Module):
    def __init__(self, channels=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        SEEN.append((tuple(x.shape), x.min().item(), x.max().item(), torch.is_grad_enabled()))
        return self.drop(self.norm(self.conv(x))).relu().mean((2, 3))


def encoder(weights="weights.pt"):
    net = Net()
    net.load_state_dict(torch.load(weights, weights_only=True))
    return net


def fresh():
    return Net()


def of_texts():
    return lambda texts: [[len(text), sum(map(ord, text))] for text in texts]


def in_training():
    net = encoder().train()
    return lambda x: net(x)


def maps():
    return Net().conv


def broken():
    return lambda x: x.flatten(1) / (x.flatten(1)[:, :1] - x.flatten(1)[:, 1:2])


def number():
    return 3


def words():
    return lambda x: "word"


def last():
    return lambda x: x[:, :, 0].flatten(1)
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Write a module of encoders with weights in a file, and work beside it."""
    (tmp_path / "own_encoders.py").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(row_file, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr("byheart.results.checkpoint.SHARE_OF_TIME", 1e9)
    sys.modules.pop("own_encoders", None)
    sys.path.insert(0, str(tmp_path))
    import own_encoders

    torch.manual_seed(1)
    torch.save(own_encoders.Net().state_dict(), "weights.pt")
    yield tmp_path
    sys.modules.pop("own_encoders", None)
    sys.path.remove(str(tmp_path))


def embedded(*more: str, out: str = "features.npy", encoder: str = "encoder()") -> int:
    return main(
        ["embed", "digits", "--encoder", f"torch:own_encoders:{encoder}", "--out", out, "--batch", "500", *more]
    )


def test_the_vectors_are_those_of_the_module_in_evaluation_mode_in_the_order_of_the_source(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert embedded() == 0
    assert "features.npy: 1,797 vectors of 4 features." in capsys.readouterr().out
    import own_encoders

    assert not any(has_gradients for *_, has_gradients in own_encoders.SEEN)
    assert {shape[1:] for shape, *_ in own_encoders.SEEN} == {(1, 8, 8)}
    assert (min(low for _, low, *_ in own_encoders.SEEN), max(high for *_, high, _ in own_encoders.SEEN)) == (0.0, 1.0)
    vectors, split = np.load("features.npy"), bh.load_data("digits")
    module = own_encoders.encoder().eval()
    with torch.no_grad():
        images = torch.tensor(np.moveaxis(split.validation.inputs, -1, 1).copy())
        np.testing.assert_allclose(vectors[split.validation.index], module(images).numpy(), rtol=1e-4, atol=1e-6)
    found = bh.load_data("digits", embedding="features.npy")
    np.testing.assert_array_equal(found.training.inputs, vectors[split.training.index])
    record = json.loads(Path("features.npy.json").read_text())
    assert (record["source"], record["encoder"], record["done"]) == ("digits", "torch:own_encoders:encoder()", 1797)


def test_an_interrupted_command_goes_on_and_ends_with_the_same_bytes(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert embedded(out="whole.npy") == 0
    import own_encoders

    true_forward, calls = own_encoders.Net.forward, []

    def interrupted(self: nn.Module, x: torch.Tensor) -> torch.Tensor:
        calls.append(len(x))
        if len(calls) == 5:
            raise KeyboardInterrupt
        return true_forward(self, x)

    monkeypatch.setattr(own_encoders.Net, "forward", interrupted)
    assert embedded() == 130
    assert not Path("features.npy").exists()
    assert calls == [8, 1, 500, 500, 500]
    assert embedded("--size", "9") == 2  # The digits take no size; nothing is lost.
    capsys.readouterr()
    assert embedded() == 0
    assert "1,000 are stored." in capsys.readouterr().err
    assert calls[5:] == [8, 1, 500, 297]
    assert Path("features.npy").read_bytes() == Path("whole.npy").read_bytes()
    assert embedded() == 0
    assert "features.npy is complete" in capsys.readouterr().out
    assert calls[9:] == [8, 1]


def test_other_weights_or_options_do_not_go_on(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert embedded() == 0
    import own_encoders

    torch.save(own_encoders.Net().state_dict(), "weights.pt")
    capsys.readouterr()
    assert embedded() == 2
    assert "gives other vectors than those in features.npy" in capsys.readouterr().err
    assert embedded("--layout", "NHWC", encoder="last()") == 2
    assert "holds other vectors: encoder 'torch:own_encoders:encoder()'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("encoder", "said"),
    [
        ("in_training()", "gives an example another vector alone than among 8. Is a part of it in training mode?"),
        ("maps()", "must return a tensor of shape (8, feature); got the shape (8, 4, 6, 6). Flatten or average"),
        ("number()", "must return a torch module or a function of a batch; got int."),
        ("words()", "must return a tensor of shape (8, feature); got str."),
        ("broken()", "gives NaN or infinity for"),
        ("encoder('none.pt')", "cannot be made: FileNotFoundError"),
        ("encodr()", "Did you mean encoder?"),
        ("encoder", "is not a value; write it like"),
    ],
)
def test_what_is_no_encoder_is_refused(encoder: str, said: str, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert embedded(encoder=encoder) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not Path("features.npy").exists()


def test_an_encoder_of_other_channels_says_what_it_got(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert embedded("--layout", "NHWC") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "torch:own_encoders:encoder() fails for a tensor of shape (8, 8, 8, 1): RuntimeError" in said


def test_an_encoder_of_texts_gets_the_column_to_show(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [f"note {place}{'a' * (place % 5)}" for place in range(20)]
    rows = [f"{text},author {place},{'xy'[place % 2]}" for place, text in enumerate(texts)]
    Path("notes.csv").write_text("\n".join(["text,author,label", *rows]))
    words = ["embed", "notes.csv", "--show", "text", "--out", "texts.npy"]
    assert main([*words, "--encoder", "torch:own_encoders:of_texts()"]) == 0, capsys.readouterr().err
    expected = [[len(text), sum(map(ord, text))] for text in texts]
    np.testing.assert_array_equal(np.load("texts.npy"), expected)
    split = bh.load_data("notes.csv", show="text", embedding="texts.npy")
    np.testing.assert_array_equal(split.training.inputs, np.array(expected)[split.training.index])
    assert split.notes[-1].endswith("reports show the source (texts).")


def test_vectors_and_half_precision_go_to_the_module_as_it_is(own: Path) -> None:
    module = nn.Linear(5, 3).to(torch.bfloat16)
    import own_encoders

    own_encoders.linear = lambda: module
    vectors = np.random.default_rng(0).normal(size=(9, 5))
    with torch.no_grad():
        expected = module(torch.tensor(vectors, dtype=torch.float32).to(torch.bfloat16)).float().numpy()
    np.testing.assert_array_equal(Encoder("torch:own_encoders:linear()")(vectors), expected)


PAGE = Path(__file__).parent.parent.parent / "docs" / "embeddings.md"


@pytest.mark.skipif(not PAGE.exists(), reason="there are no pages")
def test_the_encoder_of_the_page_embeds_a_folder_of_pictures(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as problem:  # RuntimeError: built for another version of torch.
        pytest.skip(f"torchvision cannot be used: {problem}")
    (block,) = re.findall(
        r'^```python title="my_encoders.py"\n(.*?)^```', PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    Path("my_encoders.py").write_text(block, encoding="utf-8")
    monkeypatch.delitem(sys.modules, "my_encoders", raising=False)
    torch.save(models.resnet18().state_dict(), "resnet18.pth")
    for place in range(6):
        folder = Path("pets") / "ab"[place % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(place).integers(0, 256, (40, 50, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{place}.png")
    words = ["embed", "pets", "--size", "32", "--encoder", "torch:my_encoders:resnet()", "--out", "f.npy"]
    assert main(words) == 0, capsys.readouterr().err
    split = bh.load_data("pets", embedding="f.npy")
    assert split.input_shape == (512,)
    network = models.resnet18()
    network.load_state_dict(torch.load("resnet18.pth", weights_only=True))
    network.fc = nn.Identity()
    images = torch.tensor(np.moveaxis(bh.load_data("pets").training.inputs, -1, 1).copy())
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        expected = network.eval()((images - mean[:, None, None]) / deviation[:, None, None])
    np.testing.assert_allclose(split.training.inputs, expected, rtol=1e-3, atol=1e-4)
