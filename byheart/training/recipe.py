"""Recipes: the settings that all networks of one compiled program share.

A recipe fixes shapes and code; a member holds the settings that may differ inside one program. A sweep is a grid of
(recipe, member). The members of one recipe form a population and train as one program.
"""

import dataclasses
from collections.abc import Iterable

from byheart import checks, literals
from byheart.inputs import InputShape
from byheart.networks.losses import CrossEntropy, Loss, check_loss
from byheart.networks.network import Architecture
from byheart.training.optimizers import SGD, Optimizer, as_optimizer
from byheart.training.regularizer import Regularizer


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Settings by which every member of a population is built and trained.

    Attributes:
        architecture: the network, for example `MLP((256, 256))` or `CNN((32, 32))`.
        optimizer: the update rule: `SGD`, `Adam`, `AdamW`, `Optax`, an `Optimizer` of your own, or any
            `optax.GradientTransformation`, which is kept as `Optax`.
        batch_size: examples in a minibatch. Each epoch shuffles the examples and drops the last, incomplete batch.
        epochs: passes over the training data.
        steps: number of updates after which training ends, within the last epoch; None trains to the end of it.
        regularizers: regularizers, applied together. Their strengths are the defaults of members.
        loss: a function of logits and targets. Training minimizes its mean over a minibatch plus penalties.
    """

    architecture: Architecture
    optimizer: Optimizer = SGD()
    batch_size: int = 32
    epochs: int = 100
    steps: int | None = None
    regularizers: tuple[Regularizer, ...] = ()
    loss: Loss = dataclasses.field(default=CrossEntropy(), metadata=literals.ADDED_LATER)

    def __post_init__(self) -> None:
        literals.check_is_a("architecture", self.architecture, Architecture)
        object.__setattr__(self, "optimizer", as_optimizer(self.optimizer))
        check_loss("loss", self.loss)
        kept = checks.several("regularizers", self.regularizers, Regularizer, "regularizers, such as Dropout()")
        object.__setattr__(self, "regularizers", kept)
        names = [one.name for one in self.regularizers]
        if len(set(names)) < len(names):
            raise checks.BadInput(f"Each regularizer can be used once; got {', '.join(names)}.")
        checks.fields(self, batch_size=checks.count, epochs=checks.count, steps=checks.optional(checks.count))

    def check_rates(self, rates: Iterable[float | None]) -> None:
        """Raise `BadInput` if a member has its own learning rate and the optimizer cannot use it."""
        if self.optimizer.learning_rate is None and any(rate is not None for rate in rates):
            raise checks.BadInput(
                "`learning_rate` of a member must be None with a transformation of Optax, which has its own inside. "
                "Give the recipe a function of the learning rate, such as Optax(optax.lion, 1e-4)."
            )

    def steps_in_last_epoch(self, n_training: int) -> int:
        """Return the number of updates in the last epoch.

        >>> from byheart.networks.mlp import MLP
        >>> Recipe(MLP((4,)), batch_size=10, epochs=2, steps=13).steps_in_last_epoch(100)
        3
        """
        in_epoch = n_training // self.batch_size
        return in_epoch if self.steps is None else self.steps - (self.epochs - 1) * in_epoch

    def check(self, input_shape: InputShape, n_training: int) -> None:
        """Raise `BadInput` if the recipe cannot train on `n_training` inputs of this shape."""
        self.architecture.check(input_shape)
        if n_training < self.batch_size:
            raise checks.BadInput(
                f"`batch_size` must be at most the number of training examples, {n_training}; got {self.batch_size}."
            )
        in_epoch = n_training // self.batch_size
        if not 1 <= self.steps_in_last_epoch(n_training) <= in_epoch:
            raise checks.BadInput(
                f"`steps` must end in epoch {self.epochs}, the last one: {(self.epochs - 1) * in_epoch + 1} to "
                f"{self.epochs * in_epoch}; got {self.steps}. "
                f"`epochs` must be {-(-(self.steps or 0) // in_epoch)} for it."
            )

    def check_measured_epochs(self, epochs: Iterable[int] | None) -> tuple[int, ...]:
        """Return `epochs` if they are strictly increasing within 0 to `self.epochs`; for None, the last epoch alone."""
        chosen = (self.epochs,) if epochs is None else checks.each(checks.whole)("measured_epochs", epochs)
        if not chosen or list(chosen) != sorted(set(chosen)) or chosen[0] < 0 or chosen[-1] > self.epochs:
            raise checks.BadInput(
                f"`measured_epochs` must be strictly increasing within 0 to {self.epochs}, the number of epochs; "
                f"got {chosen}."
            )
        return chosen
