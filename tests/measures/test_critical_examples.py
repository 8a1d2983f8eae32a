"""Critical training examples are those that `critical_samples` finds."""

import jax
import numpy as np
from worlds import blobs, curved, seen_by

from byheart.critical.critical_samples import critical_samples
from byheart.critical.lass import LASS
from byheart.critical.radius import Pixels
from byheart.data.rand_x import RandX
from byheart.measures.critical_examples import CriticalExamples


def test_the_flags_are_those_of_the_search() -> None:
    data, network, key, search = seen_by(blobs(30, 5), RandX(0.5)), curved(3), jax.random.key(3), LASS(budget=10)
    measure = CriticalExamples(Pixels(8), search)
    found = critical_samples(network, data.training.inputs, radius=Pixels(8), search=search, key=key)
    np.testing.assert_array_equal(measure(network, data, key)["is_critical"], found.is_critical)
    assert 0 < np.mean(found.is_critical) < 1
    assert measure.search_steps(30, 5) == 30 * 10 * (search.restarts + 1)
