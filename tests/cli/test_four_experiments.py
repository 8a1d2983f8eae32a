"""Four experiments in one run on tables of scikit-learn, pictures in folders, arrays and embeddings."""

import itertools
from collections.abc import Callable, Iterator, Sequence
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
COMMON = (
    *("--seeds", "2", "--n-training", "60", "--architecture", "MLP((8,))", "--batch-size", "20", "--epochs", "2"),
)
SEARCH = ("--n-validation", "20", "--measured-epochs", "0", "1", "2", "--search", "LASS(budget=3)", "--n-samples", "10")
OWN = {
    "patterns-first": (*SEARCH, "--noise-levels", "0.0", "0.4"),
    "easy-examples": (),
    "critical-samples": SEARCH,
    "regularization": ("--curves", "Curve((Dropout(),), ((0.3,), (0.6,)))", "--selected", "1"),
}
"""Settings of each experiment besides the common ones."""


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


def _grouped(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield each option with its values."""
    starts = [place for place, word in enumerate(words) if word.startswith("--")]
    for start, end in itertools.pairwise([*starts, len(words)]):
        yield tuple(words[start:end])


@pytest.fixture
def run(byheart: Callable[..., Outcome], folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that runs experiments on a source, with options, and returns the directory."""

    def ran(source: str, *options: str, names: Sequence[str] = NAMES) -> Path:
        out = tmp_path / source.replace(".", "-")
        settings = dict.fromkeys(own for name in names for own in _grouped(OWN[name]))
        words = (*names, *COMMON, *(word for group in settings for word in group), *options)
        status, _, err = byheart("run", *words, "--data", str(folder / source), "--out", str(out))
        assert status == 0, err
        return out

    return ran


def test_they_run_on_a_table(run: Callable[..., Path]) -> None:
    page = (run("wine.csv") / "report.html").read_text()
    assert "13 features" in page
    assert all(f'id="{name}"' in page for name in NAMES)


def test_a_search_runs_on_a_table_of_other_units(run: Callable[..., Path]) -> None:
    page = (run("cancer.csv", names=("critical-samples",)) / "report.html").read_text()
    assert "30 features" in page
    assert "standard deviations" in page


def test_pictures_give_the_numbers_of_arrays_bit_by_bit(run: Callable[..., Path]) -> None:
    """That easy-examples does so is tested with its table (test_own_sources.py)."""
    names = ("patterns-first", "critical-samples")
    pictures, arrays = (numbers(run(*source, names=names)) for source in (("pictures", "--size", "8"), ("arrays.npz",)))
    assert len(arrays) >= len(names)
    for name, variables in arrays.items():
        found = {key: value for key, value in pictures[name].items() if key != "id"}
        assert found == variables, name


def test_they_run_on_an_embedding_and_show_its_pictures(run: Callable[..., Path], folder: Path) -> None:
    features = ("--embedding", str(folder / "features.npy"))
    out = run("pictures", "--size", "8", *features, names=("easy-examples", "regularization"))
    page = (out / "report.html").read_text()
    assert "16 features" in page
    assert "The easiest and the hardest images" in page
    assert f'data-files="{(folder / "pictures").as_uri()}/"' in page
