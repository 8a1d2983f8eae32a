"""The known data sets: the table is complete, and official files have the published statistics."""

import re

import pytest

from byheart.data.loading.load import load
from byheart.data.loading.official import SOURCES


def test_every_source_names_hashes_and_two_mirrors() -> None:
    for source in SOURCES.values():
        hashes = [*source.md5.values(), *source.downloads.values()]
        assert all(re.fullmatch("[0-9a-f]{32}", value) for value in hashes)
        assert len(set(hashes)) == len(hashes)
        assert len(source.mirrors) == 2
        assert len(source.class_names) == 10


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "n_training", "shape", "mean", "deviation", "smallest", "largest"),
    [
        ("mnist", 60_000, (28, 28, 1), 0.1307, 0.3081, 5421, 6742),
        ("cifar10", 50_000, (32, 32, 3), 0.4734, 0.2516, 5000, 5000),
    ],
)
def test_official_files_have_the_known_statistics(
    name: str,
    n_training: int,
    shape: tuple[int, int, int],
    mean: float,
    deviation: float,
    smallest: int,
    largest: int,
) -> None:
    split = load(name, download=False)
    assert (len(split.training), len(split.validation), split.input_shape) == (n_training, 10_000, shape)
    assert (split.training.class_counts.min(), split.training.class_counts.max()) == (smallest, largest)
    assert split.training.mean == pytest.approx(mean, abs=5e-5)
    assert split.training.standard_deviation == pytest.approx(deviation, abs=5e-5)
