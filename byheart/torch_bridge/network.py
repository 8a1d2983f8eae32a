"""A torch module as a network of byheart: its arrays are leaves, its graphs fix the program."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from byheart import checks
from byheart.inputs import Inputs, InputShape, Standardizer, in_words
from byheart.networks import affine
from byheart.networks.network import Architecture, Hidden, Network, Untrained, untouched
from byheart.networks.steps import Step
from byheart.torch_bridge.agreement import Agreement
from byheart.torch_bridge.bounded import steps_of
from byheart.torch_bridge.lowered import Graph

LAYOUTS = ("NCHW", "NHWC")
"""Axes of the images that a module takes; byheart's images are NHWC."""


class Buffers(Untrained):
    """Buffers and frozen parameters of a torch module, by name, such as running statistics."""

    arrays: dict[str, Shaped[Array, "..."]]


@dataclasses.dataclass(frozen=True, eq=False)
class Conversion:
    """The converted graphs of a module, and facts about them. Conversions are compared by identity.

    Attributes:
        name: of the module's class.
        evaluation: the forward pass in evaluation mode.
        training: the forward pass in training mode; None if only evaluation was converted.
        layout: axes of the images that the module takes, "NCHW" or "NHWC".
        input_shape: shape of one input, as byheart has it.
        n_classes: number of logits.
        agreement: the differences from torch.
        notes: what differs in training from torch, in words.
        constants: arrays of the graphs that are no parameters or buffers, by name.
    """

    name: str
    evaluation: Graph
    training: Graph | None
    layout: str
    input_shape: InputShape
    n_classes: int
    agreement: Agreement
    notes: tuple[str, ...]
    constants: Mapping[str, Any]


class TorchNetwork(Network):
    """A converted torch module.

    Calling it is the module in evaluation mode. `in_training` is the module in training mode, with its own dropout off:
    regularizers of byheart act where the module has dropout, or else after its activation functions.

    Attributes:
        parameters: by their names in the module.
        buffers: buffers and frozen parameters.
        standardizer: applied to vectors before the module; None for images, and for a module converted by itself.
        conversion: the graphs and their agreement with torch.
        architecture: builds such networks with fresh parameters.
    """

    parameters: dict[str, Float[Array, "..."]]
    buffers: Buffers
    standardizer: Standardizer | None
    conversion: Conversion = eqx.field(static=True)
    architecture: Architecture = eqx.field(static=True)

    @property
    def agreement(self) -> Agreement:
        """The differences from torch at the conversion."""
        return self.conversion.agreement

    def standardized(self, standardizer: Standardizer) -> Self:
        """Return the network with this standardizer, if it has one."""
        return self if self.standardizer is None else dataclasses.replace(self, standardizer=standardizer)

    def __call__(self, inputs: Inputs) -> Float[Array, "batch class"]:
        """Return the logits in evaluation mode."""
        return self._passed(self.conversion.evaluation, inputs, None)[0]

    def in_training(self, inputs: Inputs, hidden: Hidden = untouched) -> tuple[Float[Array, "batch class"], Self]:
        """Return the logits in training mode, and the network with its buffers updated."""
        graph = self.conversion.training
        if graph is None:
            raise checks.BadInput(
                f"{self.conversion.name} was converted for evaluation alone; convert it with `training=True` to train."
            )
        logits, changed = self._passed(graph, inputs, hidden)
        kept = self.buffers.arrays
        updated = {name: changed[name].astype(old.dtype) if name in changed else old for name, old in kept.items()}
        return logits, dataclasses.replace(self, buffers=Buffers(updated))

    def steps(self, input_shape: InputShape) -> tuple[Step, ...]:
        """Return the steps of the forward pass in evaluation mode, for bounds of its outputs.

        Raises:
            BadInput: the module is not made of affine maps, ReLUs and max poolings without padding, one after another.
        """
        layout = self.conversion.layout
        first = affine.moved(lambda x: moved(x[None], layout)[0])
        if self.standardizer is not None:
            first = affine.standardized(self.standardizer)
        arrays = {name: jnp.asarray(one) for name, one in {**self.buffers.arrays, **self.parameters}.items()}
        shape = jax.eval_shape(lambda: moved(jnp.zeros((1, *input_shape)), layout)).shape[1:]
        return (first, *steps_of(self.conversion.evaluation, arrays, shape, self.conversion.name))

    def to_torch(self, module: Any) -> Any:
        """Write parameters and buffers into a torch module of the same kind, in place, and return it.

        Args:
            module: the module that was converted, or another one with the same names and shapes.

        Raises:
            BadInput: names or shapes differ; then nothing is written.
        """
        from byheart.torch_bridge.to_torch import write

        return write({**self.buffers.arrays, **self.parameters}, self.standardizer, module)

    def _passed(
        self, graph: Graph, inputs: Inputs, hidden: Hidden | None
    ) -> tuple[Float[Array, "batch class"], Mapping[str, Array]]:
        if inputs.shape[1:] != self.conversion.input_shape:
            raise checks.BadInput(
                f"{self.conversion.name} was converted for inputs of {in_words(self.conversion.input_shape)}; "
                f"got the shape {inputs.shape[1:]}."
            )
        seen = inputs if self.standardizer is None else self.standardizer(inputs)
        # Trained networks lie on the host, as arrays of NumPy.
        arrays = {name: jnp.asarray(one) for name, one in {**self.buffers.arrays, **self.parameters}.items()}
        (logits,), changed = graph(arrays, (jnp.asarray(moved(seen, self.conversion.layout)),), hidden)
        return logits, changed


def moved(inputs: Inputs, layout: str) -> Float[Array, "batch *moved"]:
    """Return byheart's inputs as a module of this layout takes them; vectors stay."""
    return jnp.moveaxis(inputs, -1, 1) if inputs.ndim == 4 and layout == "NCHW" else inputs
