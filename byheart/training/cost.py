"""Cost of training: operations and bytes of the traced program, and a lower bound of the seconds they take.

The bound holds for a machine of stated speed.
"""

import dataclasses
import functools
import math
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.extend as jex
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from byheart import checks
from byheart.data.member_view import TracedView
from byheart.inputs import Inputs, InputShape, Standardizer, checked_shape
from byheart.networks.network import Network, is_trainable
from byheart.training.epoch import TracedMember, TrainState, initial_state
from byheart.training.memory import bytes_of
from byheart.training.recipe import Recipe
from byheart.training.step import step_of

PASSES_OVER_PARAMETERS = 6
"""Passes of one update over the parameters.

Weights are read forward and backward, their gradient is written and read, and the weights are read and written.
"""
PASSES_OVER_OTHER_STATE = 2
"""Passes of one update over optimizer state and running statistics, which are read and written.

Optimizer state is, for example, momentum or Adam's moments.
"""
CLASSIFIED_AT_ONCE = 250
"""Largest number of examples in a forward pass that classifies, as in `networks.blocks`."""


@dataclasses.dataclass(frozen=True)
class Machine:
    """Speed and memory of one device: a CPU core or a GPU.

    Attributes:
        name: name in tables.
        operations_per_second: floating-point operations per second in large float32 matrix products.
        bytes_per_second: bandwidth between memory and arithmetic units.
        seconds_per_update: overhead of an update, however small the network. Members that share every operation also
            share the overhead.
        memory_bytes: memory of the device.
    """

    name: str
    operations_per_second: float
    bytes_per_second: float
    seconds_per_update: float
    memory_bytes: float

    def __post_init__(self) -> None:
        checks.fields(self, operations_per_second=checks.positive, bytes_per_second=checks.positive)
        checks.fields(self, memory_bytes=checks.positive, seconds_per_update=checks.not_negative)


CPU_CORE = Machine("one core of an AMD EPYC", 90e9, 18e9, 80e-6, 12e9)
"""One of the two cores of the machine of benchmarks/README.md, in round numbers.

Both speeds are half of those measured on two cores, with a large product and with a copy. The overhead of an update was
measured with a small MLP and minibatches of 50.
"""

H100 = Machine("NVIDIA H100 SXM", 67e12, 3.35e12, 5e-5, 80e9)
"""Peaks of NVIDIA's data sheet: 67 TFLOP/s in float32, 3.35 TB/s, 80 GB.

Data sheet: https://www.nvidia.com/en-us/data-center/h100/.
On recent GPUs JAX may use TF32 for float32 products (https://docs.jax.dev/en/latest/201/precision.html). Its peak is
495 TFLOP/s. Products with the few rows of a minibatch stay far below that peak, so the lower one is used. For dense
layers and minibatches of 32 examples, bytes dominate with either peak.
The overhead of 50 us per update was measured with MLPs (docs/scaling.md).
"""


@dataclasses.dataclass(frozen=True)
class Cost:
    """Cost of training on any machine.

    Costs of different members add up; `cost * n` is the cost of n such members.

    Attributes:
        operations: floating-point operations of matrix products and convolutions. One multiplication and one addition
            count as two.
        bytes_moved: bytes of parameters, gradients and optimizer state that are read or written.
        updates: number of updates.
        state_bytes: bytes of parameters, running statistics and optimizer state.
    """

    operations: float
    bytes_moved: float
    updates: float
    state_bytes: float

    def __post_init__(self) -> None:
        checks.fields(self, **{field.name: checks.not_negative for field in dataclasses.fields(self)})

    def __add__(self, other: "Cost") -> "Cost":
        """Return the cost of the members of both."""
        return Cost(*(a + b for a, b in zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)))

    def __mul__(self, n_members: int) -> "Cost":
        """Return the cost of `n_members` such members."""
        checks.count("n_members", n_members, at_least=0)
        return Cost(*(n_members * value for value in dataclasses.astuple(self)))

    def seconds(self, machine: Machine, at_once: int = 1) -> float:
        """Return a lower bound of the seconds on one device, one member after another.

        max(operations / operations_per_second, bytes_moved / bytes_per_second) + updates * seconds_per_update / at_once

        If `at_once` members share every operation, this is the share of each. The bound excludes compilation,
        measures other than classifying, activations, elementwise operations, data, and everything that keeps a machine
        below its peaks. Weights that stay in a cache may be read faster than from memory.

        >>> slow = Machine("slow", 10.0, 100.0, 0.5, 1e9)
        >>> Cost(operations=40.0, bytes_moved=100.0, updates=2.0, state_bytes=8.0).seconds(slow)
        5.0
        """
        checks.count("at_once", at_once)
        products, memory = self.operations / machine.operations_per_second, self.bytes_moved / machine.bytes_per_second
        return max(products, memory) + self.updates * machine.seconds_per_update / at_once


def training_cost(
    recipe: Recipe, n_training: int, input_shape: InputShape, n_classes: int, classified_each_epoch: int = 0
) -> Cost:
    """Return the cost of one member of `recipe` that trains to its last epoch; nothing is allocated.

    Operations are counted on the traced update by one minibatch, with regularizers and optimizer, times the number of
    updates, and on the traced network for up to `CLASSIFIED_AT_ONCE` examples. A loop of unknown length counts once; a
    branch counts as its most expensive case.

    Args:
        recipe: the recipe, with any architecture.
        n_training: number of training examples.
        input_shape: (height, width, channel) of images, or (feature,) of vectors.
        n_classes: number of classes.
        classified_each_epoch: examples classified after each epoch, as `Fitted` and `Accuracy` do.

    Raises:
        BadInput: the recipe cannot train on such data.
    """
    checks.instance("recipe", recipe, Recipe, "a Recipe, such as Recipe(MLP((256, 256)))")
    shape = checked_shape("input_shape", input_shape)
    n_training, n_classes = checks.count("n_training", n_training), checks.count("n_classes", n_classes)
    classified = checks.count_from_0("classified_each_epoch", classified_each_epoch)
    return _cost(recipe, n_training, shape, n_classes, classified)


@functools.cache
def _cost(recipe: Recipe, n_training: int, input_shape: InputShape, n_classes: int, classified_each_epoch: int) -> Cost:
    recipe.check(input_shape, n_training)
    state = initial_shapes(recipe, input_shape, n_classes)
    parameters = bytes_of(jax.eval_shape(lambda network: eqx.filter(network, is_trainable(network)), state.network))
    held = bytes_of((state.network, state.optimizer_state))
    updates = (recipe.epochs - 1) * (n_training // recipe.batch_size) + recipe.steps_in_last_epoch(n_training)
    at_once = max(1, min(CLASSIFIED_AT_ONCE, classified_each_epoch))
    blocks = recipe.epochs * -(-classified_each_epoch // at_once)

    def inputs(n: int) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct((n, *input_shape), jnp.float32)

    labels = jax.ShapeDtypeStruct((recipe.batch_size,), jnp.int32)
    update = jax.make_jaxpr(functools.partial(_step, recipe))(
        state.network, state.optimizer_state, inputs(recipe.batch_size), labels
    )
    forward = jax.make_jaxpr(lambda network, inputs: network(inputs))(state.network, inputs(at_once))
    moved = PASSES_OVER_PARAMETERS * parameters + PASSES_OVER_OTHER_STATE * (held - parameters)
    return Cost(
        operations=float(updates * operations(update.jaxpr) + blocks * operations(forward.jaxpr)),
        bytes_moved=float(updates * moved + blocks * bytes_of(state.network)),
        updates=float(updates),
        state_bytes=float(held),
    )


def initial_shapes(recipe: Recipe, input_shape: InputShape, n_classes: int) -> TrainState:
    """Return the shapes of the state of a new network; nothing is allocated."""

    def made(seed: Int[Array, ""], learning_rate: Float[Array, ""]) -> TrainState:
        strengths = jnp.zeros(len(recipe.regularizers))
        member = TracedMember(seed, TracedView(), learning_rate, strengths)
        return initial_state(recipe, member, input_shape, n_classes)

    return jax.eval_shape(made, jax.ShapeDtypeStruct((), jnp.int32), jax.ShapeDtypeStruct((), jnp.float32))


def seconds_here(cost: Cost, members_on_a_device: Sequence[int]) -> float:
    """Return the estimated seconds that chunks take on this machine, one after another.

    Args:
        cost: cost of one member.
        members_on_a_device: number of members on each device, one number for each chunk. CPU cores count as `CPU_CORE`,
            other devices as `H100`.
    """
    if jax.default_backend() == "cpu":
        return sum(members_on_a_device) * cost.seconds(CPU_CORE)
    return math.fsum(n * cost.seconds(H100, at_once=n) for n in members_on_a_device)


def operations(program: jex.core.Jaxpr) -> int:
    """Return the floating-point operations of all matrix products and convolutions in a traced program."""
    return sum(_operations_of(equation) for equation in program.eqns)


def _operations_of(equation: jex.core.JaxprEqn) -> int:
    shapes = [getattr(variable.aval, "shape", ()) for variable in (*equation.invars, *equation.outvars)]
    if equation.primitive.name == "dot_general":
        (contracted, _), _ = equation.params["dimension_numbers"]
        return 2 * math.prod(shapes[2]) * math.prod(shapes[0][axis] for axis in contracted)
    if equation.primitive.name == "conv_general_dilated":
        window = math.prod(shapes[1]) // shapes[1][equation.params["dimension_numbers"].rhs_spec[0]]
        return 2 * math.prod(shapes[2]) * window // math.prod(equation.params["lhs_dilation"])
    if equation.primitive.name == "cond":
        return max(operations(branch.jaxpr) for branch in equation.params["branches"])
    inside = [getattr(value, "jaxpr", value) for value in equation.params.values()]
    times = equation.params["length"] if equation.primitive.name == "scan" else 1
    return times * sum(operations(program) for program in inside if isinstance(program, jex.core.Jaxpr))


def _step(
    recipe: Recipe,
    network: Network,
    optimizer_state: PyTree,
    inputs: Inputs,
    labels: Int[Array, " batch"],
) -> PyTree:
    standardizer = Standardizer.none_for(inputs.shape[1:])
    strengths = jnp.zeros(len(recipe.regularizers))
    step = step_of(recipe, jnp.array(0.0), strengths, jax.random.key(0), 1, standardizer)
    return step(network, optimizer_state, inputs, labels, jnp.array(0))
