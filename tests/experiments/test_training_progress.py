"""Values read off when training has made a certain progress."""

import numpy as np
import pytest
import xarray as xr

from byheart.experiments.training_progress import halfway, when_reached

EPOCHS = {"epoch": [0, 1, 5, 9]}


def curve(*numbers: float) -> xr.DataArray:
    return xr.DataArray(np.array([numbers], float), EPOCHS, ("seed", "epoch"))


@pytest.mark.parametrize(
    ("progress", "level", "expected"),
    [
        ((0.0, 0.2, 0.6, 1.0), 0.4, 15.0),
        ((0.0, 0.2, 0.6, 1.0), 0.2, 10.0),
        ((0.0, 0.8, 0.2, 1.0), 0.4, 5.0),
        ((0.5, 0.6, 0.7, 1.0), 0.4, 0.0),
        ((0.0, 0.2, 0.6, 1.0), 1.1, np.nan),
        ((0.0, np.nan, 0.6, 1.0), 0.4, np.nan),
    ],
)
def test_a_value_is_read_on_a_line_between_epochs_at_the_first_crossing(
    progress: tuple[float, ...], level: float, expected: float
) -> None:
    found = when_reached(curve(0, 10, 20, 0), curve(*progress), level)
    np.testing.assert_allclose(found, [expected])


def test_halfway_lies_between_the_first_and_the_last_number_and_nowhere_without_a_rise() -> None:
    np.testing.assert_allclose(halfway(curve(0, 10, 20, 0), curve(0.2, 0.4, 0.8, 1.0)), [15])
    for flat in (curve(0.3, 0.3, 0.3, 0.3), curve(0.9, 0.5, 0.4, 0.3)):
        assert np.isnan(halfway(curve(0, 10, 20, 0), flat)).all()


def test_chance_in_the_values_moves_no_position() -> None:
    """The largest of values that differ by chance alone is too high; a value read off elsewhere is right on average."""
    rng = np.random.default_rng(0)
    values = xr.DataArray(rng.normal(size=(4000, 4)), EPOCHS, ("seed", "epoch"))
    progress = curve(0.0, 0.3, 0.7, 1.0).isel(seed=0) + xr.DataArray(
        0.02 * rng.normal(size=values.shape), values.coords
    )
    assert abs(halfway(values, progress).mean()) < 0.06 < 1 < values.max("epoch").mean()
