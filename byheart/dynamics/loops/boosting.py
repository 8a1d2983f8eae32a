"""Callbacks of XGBoost and LightGBM: a boosting round counts as an epoch."""

from typing import Any

import numpy as np

from byheart.dynamics.dynamics import Dynamics
from byheart.dynamics.loops.libraries import library
from byheart.dynamics.loops.outputs import two_columns


def xgboost_callback(dynamics: Dynamics, data: Any) -> Any:
    """Return a callback for `xgboost.train` that logs all examples after each round.

    Args:
        dynamics: the log, whose labels are in the order of `data`.
        data: the `DMatrix` that is trained on: XGBoost keeps its predictions, so a round costs one tree for each class.

    Raises:
        BadInput: XGBoost is not installed.
    """
    base: Any = library("xgboost.callback", package="xgboost").TrainingCallback

    class DynamicsCallback(base):  # type: ignore[misc]
        """Logs all examples after each round."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            """Log a round; return False, to go on."""
            del epoch, evals_log
            _log_round(dynamics, model.predict(data, output_margin=True))
            return False

    return DynamicsCallback()


def lightgbm_callback(dynamics: Dynamics, inputs: Any) -> Any:
    """Return a callback for `lightgbm.train` and `LGBMClassifier.fit` that logs all examples after each round.

    LightGBM gives callbacks no predictions, so the new trees of a round predict: the cost of a round does not grow with
    the number of rounds. With `boosting="dart"`, which changes earlier trees, all trees predict at each round.

    Args:
        dynamics: the log, whose labels are in the order of `inputs`.
        inputs: (example, feature), as for `Booster.predict`: those that are trained on.
    """
    total: Any = 0.0
    done = 0

    def log_round(env: Any) -> None:
        nonlocal total, done
        if "dart" in [env.params.get(name) for name in ("boosting", "boosting_type", "boost")]:
            total, done = 0.0, 0
        n_rounds = env.model.current_iteration()
        total = total + env.model.predict(inputs, raw_score=True, start_iteration=done, num_iteration=n_rounds - done)
        done = n_rounds
        _log_round(dynamics, total)

    return log_round


def _log_round(dynamics: Dynamics, margins: Any) -> None:
    logits = two_columns(margins)
    dynamics.batch(np.arange(len(logits)), logits)
    dynamics.end_epoch()
