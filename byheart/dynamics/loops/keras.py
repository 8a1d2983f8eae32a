"""A callback of Keras 3."""

from typing import Any

import numpy as np

from byheart.dynamics.dynamics import Dynamics
from byheart.dynamics.loops.libraries import library
from byheart.dynamics.loops.outputs import log_probabilities
from byheart.dynamics.tensors import as_numpy


def keras_callback(dynamics: Dynamics, inputs: Any, *, probabilities: bool, batch_size: int | None = None) -> Any:
    """Return a callback for `model.fit` that logs all training examples after each epoch.

    Keras compiles its training step and gives callbacks no predictions, so `model.predict` is called: one more forward
    pass each epoch, in inference mode. There is no index to lose: examples are logged in the order of `inputs`.

    Args:
        dynamics: the log, whose labels are in the order of `inputs`.
        inputs: the training inputs, as for `model.predict`; not shuffled.
        probabilities: whether the model ends in a softmax; its logarithm is then logged.
        batch_size: of the prediction; None: that of Keras.

    Raises:
        BadInput: Keras is not installed.
    """
    base: Any = library("keras", package="keras").callbacks.Callback

    class DynamicsCallback(base):  # type: ignore[misc]
        """Logs all examples after each epoch."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            """Log all examples."""
            del epoch, logs
            outputs = as_numpy("logits", self.model.predict(inputs, batch_size=batch_size, verbose=0))
            dynamics.batch(np.arange(len(outputs)), log_probabilities(outputs) if probabilities else outputs)
            dynamics.end_epoch()

    return DynamicsCallback()
