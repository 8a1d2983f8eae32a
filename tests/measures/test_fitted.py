"""Whether a network predicts all its training examples as labelled."""

import jax
import numpy as np
from worlds import Linear, blobs, seen_by

from byheart.data.rand_y import RandY
from byheart.measures.fitted import Fitted


def test_a_network_has_fitted_when_no_training_example_is_left() -> None:
    split = blobs(30, 6, n_classes=2)
    clean, noisy = seen_by(split), seen_by(split, RandY(0.5))
    images, labels = clean.training.inputs.reshape(30, -1), np.asarray(clean.training.labels)
    signs = np.linalg.lstsq(np.c_[images, np.ones(30)], 2.0 * labels - 1, rcond=None)[0]
    separating = Linear(jax.numpy.c_[-signs[:-1], signs[:-1]], jax.numpy.array([-signs[-1], signs[-1]]))
    key = jax.random.key(0)
    assert (np.asarray(separating(clean.training.inputs)).argmax(1) == labels).all()
    assert bool(Fitted()(separating, clean, key)["is_fitted"])
    assert not bool(Fitted()(separating, noisy, key)["is_fitted"])
    assert set(Fitted()(separating, clean, key)) == set(Fitted.variables)
