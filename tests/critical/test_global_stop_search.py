"""The author's stop rule against its definition, and its pitfall."""

import jax
import numpy as np
import pytest
from worlds import linear, points

from byheart.critical.critical_samples import CriticalSamples, critical_samples
from byheart.critical.lass import LASS, EachSample, GlobalStop

KEY = jax.random.key(0)
CLASSIFIER, IMAGES = linear(2), points(60)


def found(n: int, stop: EachSample | GlobalStop, lanes: int | None = None) -> CriticalSamples:
    """A search in small steps, so that samples are found sweep after sweep."""
    search = LASS(budget=20, step_size=0.01, noise_scale=0.005, stop=stop)
    return critical_samples(CLASSIFIER, IMAGES[:n], radius=0.15, search=search, key=KEY, lanes=lanes)


@pytest.mark.parametrize("fewer_than", [1, 2, 20])
def test_the_search_stops_after_the_first_sweep_that_finds_too_few(fewer_than: int) -> None:
    each = found(60, EachSample())
    is_critical, steps = np.asarray(each.is_critical), np.asarray(each.steps)
    new_in_sweep = [(is_critical & (steps == sweep)).sum() for sweep in range(1, 21)]
    last = next((sweep for sweep, new in enumerate(new_in_sweep, start=1) if new < fewer_than), 20)
    stopped = found(60, GlobalStop(fewer_than))
    np.testing.assert_array_equal(stopped.is_critical, is_critical & (steps <= last))
    np.testing.assert_array_equal(stopped.steps, np.minimum(steps, last))
    kept = np.asarray(stopped.is_critical)
    np.testing.assert_allclose(stopped.critical_point[kept], each.critical_point[kept], atol=1e-6)


def test_with_the_global_stop_a_ratio_depends_on_the_size_of_the_set_and_without_it_does_not() -> None:
    """The ratio of the small set is an artifact, so `EachSample` is the default."""
    alone, among_others = found(10, GlobalStop(2)), found(60, GlobalStop(2))
    assert int(alone.is_critical.sum()) < int(among_others.is_critical[:10].sum())
    np.testing.assert_array_equal(found(10, EachSample()).is_critical, found(60, EachSample()).is_critical[:10])
    assert LASS().stop == EachSample()


def test_the_size_of_a_block_changes_nothing() -> None:
    """Points agree up to rounding of matrix products of other sizes; the last block of 7 is not full."""
    one, other = found(60, GlobalStop(2), lanes=7), found(60, GlobalStop(2))
    np.testing.assert_array_equal(one.is_critical, other.is_critical)
    np.testing.assert_array_equal(one.steps, other.steps)
    np.testing.assert_allclose(one.critical_point, other.critical_point, atol=1e-6)
