"""A trainer of Hugging Face that logs its training batches."""

from typing import Any

from byheart import checks
from byheart.dynamics.dynamics import Dynamics
from byheart.dynamics.loops.libraries import library
from byheart.dynamics.loops.lightning import check_is_shard


class LogsDynamics:
    """Makes a `transformers.Trainer` log the logits of its training batches, without a second forward pass.

    Put it before the trainer: `class MyTrainer(LogsDynamics, Trainer): pass`, and pass `dynamics=`. Each example needs
    its position under the key "index": `WithIndex(dataset)`, or `dataset.add_column("index", range(len(dataset)))`. The
    position does not reach the model. `compute_loss` is extended, which any trainer may override, and the column is
    kept from `remove_unused_columns`.

    Args:
        dynamics: the log; with several processes, one in each, with `shard=True`.
        index: key of the positions.
        *args: those of the trainer.
        **options: those of the trainer.

    Raises:
        BadInput: transformers is not installed; or, in training, there is no position or the model gives no logits.
    """

    def __init__(self, *args: Any, dynamics: Dynamics, index: str = "index", **options: Any) -> None:
        self._dynamics, self._index = dynamics, index
        super().__init__(*args, **options)
        trainer: Any = self
        check_is_shard(dynamics, trainer.args.world_size)
        trainer.add_callback(_ends_epochs(dynamics))

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **options: Any) -> Any:
        """Return the loss, with the outputs if `return_outputs`; log the logits of a training batch."""
        others = {name: value for name, value in inputs.items() if name != self._index}
        base: Any = super()
        if not model.training:
            return base.compute_loss(model, others, return_outputs=return_outputs, **options)
        if self._index not in inputs:
            raise checks.BadInput(
                f"Each example must have its position under the key {self._index!r}; a batch has only "
                f"{', '.join(inputs)}. Wrap the data set in `WithIndex`; if it has the key, pass "
                "`remove_unused_columns=False` to `TrainingArguments`."
            )
        loss, outputs = base.compute_loss(model, others, return_outputs=True, **options)
        logits = outputs.get("logits") if hasattr(outputs, "get") else outputs[1]
        self._dynamics.batch(inputs[self._index], logits)
        return (loss, outputs) if return_outputs else loss

    def _set_signature_columns_if_needed(self) -> None:
        """Keep the positions where columns that the model does not take are removed."""
        base: Any = super()
        base._set_signature_columns_if_needed()
        trainer: Any = self
        if self._index not in trainer._signature_columns:
            trainer._signature_columns.append(self._index)


def _ends_epochs(dynamics: Dynamics) -> Any:
    base: Any = library("transformers", package="transformers").TrainerCallback

    class EndsEpochs(base):  # type: ignore[misc]
        """Ends the epoch of the log with that of the trainer."""

        def on_epoch_end(self, args: Any, state: Any, control: Any, **options: Any) -> None:
            """End the epoch."""
            del args, state, control, options
            if dynamics.is_open:
                dynamics.end_epoch()

    return EndsEpochs()
