"""A callback of Lightning."""

from typing import Any

from byheart import checks
from byheart.dynamics.dynamics import Dynamics
from byheart.dynamics.loops.libraries import library


def lightning_callback(dynamics: Dynamics, index: str = "index", logits: str = "logits") -> Any:
    """Return a callback for the `Trainer` of Lightning (or PyTorch Lightning) that logs what `training_step` returns.

    `training_step` returns a dictionary with the loss, the positions of the examples and the logits, such as
    `{"loss": loss, "index": index, "logits": logits}`. There is no second forward pass. Let the data set yield the
    index (`WithIndex`).

    Args:
        dynamics: the log; with several processes, one in each, with `shard=True`.
        index: key of the positions.
        logits: key of the logits.

    Raises:
        BadInput: Lightning is not installed; or, in training, a key is missing.
    """
    base: Any = library("lightning.pytorch", "pytorch_lightning", package="lightning").Callback

    class DynamicsCallback(base):  # type: ignore[misc]
        """Logs batches and ends epochs."""

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            """Check that logs of several processes can be merged."""
            del pl_module
            check_is_shard(dynamics, trainer.world_size)

        def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
            """Log a batch."""
            del trainer, pl_module, batch, batch_idx
            if not isinstance(outputs, dict) or not {index, logits} <= set(outputs):
                came = f"the keys {', '.join(outputs)}" if isinstance(outputs, dict) else type(outputs).__name__
                raise checks.BadInput(
                    f"`training_step` must return a dictionary with the keys loss, {index} and {logits}; got {came}."
                )
            dynamics.batch(outputs[index], outputs[logits])

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            """End the epoch."""
            del trainer, pl_module
            if dynamics.is_open:
                dynamics.end_epoch()

    return DynamicsCallback()


def check_is_shard(dynamics: Dynamics, n_processes: int) -> None:
    """Raise `BadInput` if one of several processes logs without `shard=True`."""
    if n_processes > 1 and not dynamics.is_shard:
        raise checks.BadInput(
            f"There are {n_processes} processes, and each sees a part of the examples: pass `shard=True` to "
            "`Dynamics`, save each, and put them together by `Dynamics.merge`."
        )
