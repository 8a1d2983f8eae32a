"""MNIST written as pictures is, bit by bit, MNIST in arrays."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from byheart.data.loading.load import load
from byheart.data.loading.load_data import load_data


@pytest.mark.real_data
@pytest.mark.parametrize("ending", ["png", "bmp", "tiff"])
def test_pictures_of_mnist_have_the_fingerprint_of_its_arrays(ending: str, tmp_path: Path) -> None:
    mnist = load("mnist", training=500, validation=100)
    arrays = {}
    for name, prefix, part in (("train", "", mnist.training), ("test", "validation_", mnist.validation)):
        order = np.argsort(part.labels, kind="stable")
        images, labels = np.round(255 * part.inputs[order, ..., 0]).astype(np.uint8), part.labels[order]
        for place, (image, label) in enumerate(zip(images, labels, strict=True)):
            path = tmp_path / "pictures" / name / str(label) / f"{place:03}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
        arrays |= {f"{prefix}images": images, f"{prefix}labels": labels}
    np.savez(tmp_path / "arrays.npz", **arrays)
    pictures = load_data(tmp_path / "pictures", size=28)
    assert pictures.fingerprint == load_data(tmp_path / "arrays.npz").fingerprint
    assert pictures.training.ids is not None
    assert pictures.training.ids[0] == f"train/0/000.{ending}"
