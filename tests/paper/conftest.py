"""Fixtures that tests of figures share."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes


@pytest.fixture
def axis() -> Iterator[Axes]:
    """Return axes to draw on."""
    figure, axis = plt.subplots()
    yield axis
    plt.close(figure)
