"""Four experiments in one run on tables of scikit-learn, pictures in folders, arrays and embeddings."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_breast_cancer, load_wine

from byheart.data.loading.load import load
from tests.tiny_runs import numbers

pytestmark = pytest.mark.slow

Outcome = tuple[int, str, str]
NAMES = ("patterns-first", "easy-examples", "critical-samples", "regularization")
SETTINGS = (
    *("--seeds", "2", "--n-training", "60", "--n-validation", "20", "--architecture", "MLP((8,))"),
    *("--batch-size", "20", "--epochs", "2", "--measured-epochs", "0", "1", "2", "--noise-levels", "0.0", "0.4"),
    *("--search", "LASS(budget=3)", "--n-samples", "10"),
    *("--curves", "Curve((Dropout(),), ((0.3,), (0.6,)))", "--selected", "1"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write both tables as CSV; 100 digits as pictures, as arrays in the same order; and an embedding of them."""
    root = tmp_path_factory.mktemp("sources")
    for name, bunch in (("wine", load_wine(as_frame=True)), ("cancer", load_breast_cancer(as_frame=True))):
        bunch.data.assign(label=bunch.target_names[bunch.target]).to_csv(root / f"{name}.csv", index=False)
    digits = load("digits", training=100).training
    order = np.argsort(digits.labels, kind="stable")
    images, labels = np.round(255 * digits.inputs[order, ..., 0]).astype(np.uint8), digits.labels[order]
    for place, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = root / "pictures" / str(label) / f"{place:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    np.savez(root / "arrays.npz", images=images, labels=labels)
    np.save(root / "features.npy", np.concatenate([images.mean(1), images.mean(2)], axis=1, dtype=np.float32))
    return root


@pytest.fixture
def run(byheart: Callable[..., Outcome], folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that runs the experiments on a source, with options, and returns the directory."""

    def ran(source: str, *options: str) -> Path:
        out = tmp_path / source.replace(".", "-")
        status, _, err = byheart("run", *NAMES, *SETTINGS, "--data", str(folder / source), *options, "--out", str(out))
        assert status == 0, err
        return out

    return ran


@pytest.mark.parametrize(("table", "size"), [("wine.csv", "13 features"), ("cancer.csv", "30 features")])
def test_they_run_on_tables(table: str, size: str, run: Callable[..., Path]) -> None:
    page = (run(table) / "report.html").read_text()
    assert size in page
    assert all(f'id="{name}"' in page for name in NAMES)


def test_pictures_give_the_numbers_of_arrays_bit_by_bit(run: Callable[..., Path]) -> None:
    pictures, arrays = numbers(run("pictures", "--size", "8")), numbers(run("arrays.npz"))
    assert len(arrays) >= len(NAMES)
    for name, variables in arrays.items():
        found = {key: value for key, value in pictures[name].items() if key != "id"}
        assert found == variables, name


def test_they_run_on_an_embedding_and_show_its_pictures(run: Callable[..., Path], folder: Path) -> None:
    out = run("pictures", "--size", "8", "--embedding", str(folder / "features.npy"))
    page = (out / "report.html").read_text()
    assert "16 features" in page
    assert "The easiest and the hardest images" in page
    assert f'data-files="{(folder / "pictures").as_uri()}/"' in page
