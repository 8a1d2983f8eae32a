"""The check that an optimizer's update has a derivative where a parameter has no gradient."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from byheart import checks
from byheart.jax_settings import usual_settings
from byheart.training.optimizers import Optimizer, rate_of


def check_differentiable(optimizer: Optimizer) -> None:
    """Raise `BadInput` unless an update has a derivative where some gradients are 0, as for inactive units.

    The first update of two parameters is differentiated, with a gradient of 0 for one of them. Adam without `eps_root`
    has no derivative there, that of its square root.
    """
    if not _is_differentiable(optimizer):
        raise checks.BadInput(
            "`optimizer` must have a derivative where a gradient is 0, since training is differentiated through; "
            f"{checks.shown(optimizer)} has none. Give it an `eps_root`, as in Adam(0.001, eps_root=1e-8)."
        )


@functools.lru_cache(maxsize=64)
@usual_settings()
def _is_differentiable(optimizer: Optimizer) -> bool:
    transformation = optimizer.transformation(rate_of(optimizer), 1)

    @jax.jit
    @jax.grad
    def derivative(gradient: Float[Array, "2"]) -> Float[Array, ""]:
        parameters = jnp.ones(2)
        change, _ = transformation.update(gradient, transformation.init(parameters), parameters)
        return change.sum()

    return bool(jnp.isfinite(derivative(jnp.array([0.0, 1.0]))).all())
