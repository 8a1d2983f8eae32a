"""Architectures of torch modules: each network has parameters of its own, drawn by torch's own initialization."""

import copy
import dataclasses
import functools
import threading
import warnings
from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np

from byheart import checks, literals
from byheart.inputs import InputShape, Standardizer, are_images, in_words
from byheart.keys import KeyLike, one_key
from byheart.networks.network import Network
from byheart.torch_bridge.arrays import Arrays, arrays_of
from byheart.torch_bridge.from_torch import converted
from byheart.torch_bridge.installed import checked_module, torch_module
from byheart.torch_bridge.network import LAYOUTS, Buffers, Conversion, TorchNetwork

_LOCK = threading.Lock()
"""torch has one random state for all threads."""
EXAMPLES = 3
"""Number of random inputs with which a module named by text is converted."""
KEPT = 8
"""Number of conversions that stay in memory."""


class _TorchArchitecture:
    """Base class of architectures of torch modules. `width` and `depth` are read from the module's parameters."""

    def conversion_for(self, input_shape: InputShape) -> Conversion:
        """Return the graphs for inputs of this shape."""
        raise NotImplementedError

    def made(self) -> Any:
        """Return a module with fresh parameters, drawn from torch's present random state."""
        raise NotImplementedError

    @property
    def width(self) -> int:
        """Number of units, or channels, that the module's first layer with weights has; 0 if it is the only one."""
        weights = self._weights()
        return int(weights[0].shape[0]) if len(weights) > 1 else 0

    @property
    def depth(self) -> int:
        """Number of layers with weights, without the last one."""
        return max(len(self._weights()) - 1, 0)

    def resized(self, width: int | None, depth: int | None) -> Self:
        """Return the same architecture; a torch module has its sizes among its own arguments.

        Raises:
            BadInput: a width or a depth is asked for.
        """
        if width is not None or depth is not None:
            raise checks.BadInput(
                "A torch module cannot be resized by `width` or `depth`. Give its sizes among its own arguments, such "
                "as torch:my_module:Net(64)."
            )
        return self

    def check(self, input_shape: InputShape) -> None:
        """Raise `BadInput` if the module cannot be converted for inputs of this shape."""
        self.conversion_for(tuple(input_shape))

    def n_logits(self, input_shape: InputShape) -> int:
        """Return the number of logits, whatever the classes of the data."""
        return self.conversion_for(tuple(input_shape)).n_classes

    def build(self, input_shape: InputShape, n_classes: int, key: KeyLike) -> Network:
        """Return a network with parameters by torch's own initialization, from a seed that the key determines.

        Vectors are standardized first, with mean and deviation of the training data.
        """
        conversion = self.conversion_for(tuple(input_shape))
        if conversion.n_classes != n_classes:
            raise checks.BadInput(
                f"{conversion.name} has {conversion.n_classes} logits, but the data have {n_classes} classes."
            )
        trained, others = arrays_of(self._any())
        kinds = jax.tree.map(lambda one: jax.ShapeDtypeStruct(one.shape, jnp.asarray(one).dtype), (trained, others))
        words = jax.random.key_data(one_key(key))
        parameters, buffers = jax.pure_callback(self._drawn, kinds, words, vmap_method="sequential")
        constants = {name: jnp.asarray(one) for name, one in conversion.constants.items()}
        standardizer = Standardizer.none_for(input_shape)
        return TorchNetwork(parameters, Buffers({**buffers, **constants}), standardizer, conversion, self)

    def _any(self) -> Any:
        """Return a module whose numbers do not matter; torch's random state stays as it was."""
        with _LOCK, torch_module().random.fork_rng(devices=[]):
            return self.made()

    def _weights(self) -> list[Any]:
        return [one for one in self._any().parameters() if one.ndim > 1]

    def _drawn(self, words: Any) -> tuple[Arrays, Arrays]:
        """Return the arrays of a fresh module whose seed is the two words of a key."""
        torch = torch_module()
        high, low = (int(word) for word in np.asarray(words).ravel()[-2:])
        with _LOCK, torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(high << 32 | low)
            found = arrays_of(self.made())
        with jax.enable_x64(False):
            return jax.tree.map(lambda one: one.astype(jax.dtypes.canonicalize_dtype(one.dtype)), found)


@dataclasses.dataclass(frozen=True, eq=False)
class ModuleCopies(_TorchArchitecture):
    """Networks like a converted module: copies of it after `reset_parameters` of each part that is not frozen.

    Attributes:
        module: the module.
        conversion: its graphs.
    """

    module: Any
    conversion: Conversion

    @property
    def unwritable(self) -> str:
        """Why the architecture has no text."""
        return (
            f"A module in memory, {self.conversion.name}, has no text that means the same in another process. Name the "
            "class and its arguments instead, as in TorchModule('my_module:Net(64)')."
        )

    def conversion_for(self, input_shape: InputShape) -> Conversion:
        """Return the graphs, which are for inputs of one shape."""
        if input_shape != self.conversion.input_shape:
            raise checks.BadInput(
                f"{self.conversion.name} was converted for inputs of {in_words(self.conversion.input_shape)}; the data "
                f"have {in_words(input_shape)}."
            )
        check_can_be_reset(self.module)
        return self.conversion

    def made(self) -> Any:
        """Return a copy with fresh parameters."""
        fresh = copy.deepcopy(self.module)
        for part in reversed(list(fresh.modules())):  # Parts first, as when a module is made.
            own = list(part.parameters(recurse=False))
            if not own or any(one.requires_grad for one in own):
                getattr(part, "reset_parameters", getattr(part, "_reset_parameters", _nothing))()
        return fresh


@literals.register
@dataclasses.dataclass(frozen=True)
class TorchModule(_TorchArchitecture):
    """Networks of a torch module named by text; each is made anew, so its parameters are torch's initialization.

    On the command line `torch:my_module:Net(64)` is short for `TorchModule('my_module:Net(64)')`.

    Attributes:
        call: the module's class, or a function that returns a module, with its arguments: `my_module:Net(64)`. It is
            imported from the working directory or from Python's path; arguments are literals of Python.
        layout: axes of the images that the module takes, "NCHW" or "NHWC".

    Raises:
        BadInput: there is no such class, or it makes no torch module.
    """

    call: str
    layout: str = "NCHW"

    def __post_init__(self) -> None:
        checks.known("layout", self.layout, LAYOUTS)
        checks.instance("call", self.call, str, "a text such as 'my_module:Net(64)'")
        torch_module()  # Before the user's module fails to import it.
        checked_module("call", self._any())

    def made(self) -> Any:
        """Return a new module."""
        return literals.called(self.call)

    def conversion_for(self, input_shape: InputShape) -> Conversion:
        """Return the graphs for inputs of this shape, which are made once."""
        return _conversion(self, input_shape)


@functools.lru_cache(KEPT)
def _conversion(architecture: TorchModule, input_shape: InputShape) -> Conversion:
    """Return the conversion of a module for random inputs: pixels in [0, 1], or standard normal vectors."""
    torch = torch_module()
    random = np.random.default_rng(0)
    shape = (EXAMPLES, *input_shape)
    inputs = random.random(shape) if are_images(input_shape) else random.standard_normal(shape)
    if are_images(input_shape) and architecture.layout == "NCHW":
        inputs = np.moveaxis(inputs, -1, 1)
    with jax.ensure_compile_time_eval(), _LOCK, torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = converted(architecture.made(), inputs.astype(np.float32), architecture.layout)
    for note in found.notes:
        warnings.warn(f"{architecture.call}: {note}", checks.Caution, stacklevel=2)
    return found


def check_can_be_reset(module: Any) -> None:
    """Raise `BadInput` if a part with parameters of its own has no `reset_parameters`, so that it has no fresh ones."""
    without = [
        f"{name or 'the module itself'} ({type(part).__name__})"
        for name, part in module.named_modules()
        if any(one.requires_grad for one in part.parameters(recurse=False))
        and not (hasattr(part, "reset_parameters") or hasattr(part, "_reset_parameters"))
    ]
    if without:
        raise checks.BadInput(
            f"Fresh parameters need a `reset_parameters` of every part with parameters; {', '.join(without)} has none. "
            "Name the class instead, which is then made anew for each seed: TorchModule('my_module:Net(64)')."
        )


def _nothing() -> None:
    """Reset a part that has no parameters of its own."""
