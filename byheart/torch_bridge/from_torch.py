"""`from_torch`: a torch module becomes a network of byheart, checked against torch."""

import copy
import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np

from byheart import checks
from byheart.networks.network import n_parameters
from byheart.torch_bridge.agreement import Agreement
from byheart.torch_bridge.arrays import Arrays, arrays_of, first_names
from byheart.torch_bridge.installed import checked_module, torch_module
from byheart.torch_bridge.lowered import Graph
from byheart.torch_bridge.network import LAYOUTS, Buffers, Conversion, TorchNetwork

CONSTANT = "="
"""Before the name of an array that is no parameter or buffer of the module."""


def from_torch(
    module: Any,
    example_inputs: Any,
    *,
    layout: str = "NCHW",
    training: bool = True,
    tolerance: float | None = None,
    show: bool = True,
) -> TorchNetwork:
    """Return a torch module as a network of byheart, with the module's present parameters.

    The module is exported by `torch.export` in evaluation and in training mode, and lowered to operations of JAX. Its
    outputs, input gradients and running statistics are compared with torch's on the examples, in float64. Any batch
    size fits the network. The module itself is not changed.

    Args:
        module: a classifier, from one tensor (batch, ...) to logits (batch, class).
        example_inputs: a few inputs as the module takes them, a tensor or an array: (batch, channel, height, width) of
            images, or (batch, feature) of vectors.
        layout: axes of the images that the module takes. byheart's images are (batch, height, width, channel); with
            "NCHW" the network moves their channels first, with "NHWC" it gives them to the module as they are.
        training: convert the training mode, too; False gives a network that can be measured, but not trained.
        tolerance: largest relative difference from torch that passes; None takes 1e-6, or 1e-3 for a module that
            computes only in float32.
        show: print the differences from torch.

    Raises:
        BadInput: torch is not installed, `module` is no torch module, cannot be exported, needs operations that byheart
            does not have (all of them are named), or differs from torch.

    Cost: two exports, and two compiled programs for the comparison: seconds to a minute.
    """
    from byheart.torch_bridge.architecture import ModuleCopies

    checked_module("module", module)
    own = _copied(module)
    conversion = converted(own, example_inputs, layout, training, tolerance)
    network = network_of(conversion, own, ModuleCopies(own, conversion))
    if show:
        print(f"{conversion.name}: {n_parameters(network):,} parameters; {conversion.agreement}.")
        for note in conversion.notes:
            print(f"  {note}")
    return network


def converted(
    module: Any, example_inputs: Any, layout: str = "NCHW", training: bool = True, tolerance: float | None = None
) -> Conversion:
    """Return the graphs of a module, checked; the arguments are those of `from_torch`."""
    from byheart.torch_bridge.checked import Differs, agreement_of
    from byheart.torch_bridge.differing import first_difference
    from byheart.torch_bridge.export import exported, lowered

    checks.known("layout", layout, LAYOUTS)
    inputs = _examples(example_inputs, module)
    names = first_names(module)
    programs = [exported(module, (inputs,), is_training) for is_training in (False, True)[: 1 + training]]
    graphs = [_with_names(lowered(program), names) for program in programs]
    constants = _constants(programs, graphs)
    shape = tuple(inputs.shape[1:])
    n_classes = _n_classes(programs[0])
    try:
        agreement = agreement_of(module, inputs, constants, graphs[0], graphs[1] if training else None, tolerance)
    except Differs as problem:
        at = problem.is_in_training
        where = first_difference(programs[at], graphs[at], module.train(at), inputs, constants)
        raise checks.BadInput(f"{problem} {where}") from None
    return Conversion(
        type(module).__name__,
        graphs[0],
        graphs[1] if training else None,
        layout,
        (*shape[1:], shape[0]) if len(shape) == 3 and layout == "NCHW" else shape,
        n_classes,
        agreement,
        (*_vacuous(agreement), *(_notes(graphs[-1]) if training else ())),
        constants,
    )


def network_of(conversion: Conversion, module: Any, architecture: Any, standardizer: Any = None) -> TorchNetwork:
    """Return a converted module with the arrays of `module`."""
    parameters, buffers = arrays_of(module)
    return TorchNetwork(
        {name: jnp.asarray(one) for name, one in parameters.items()},
        Buffers({name: jnp.asarray(one) for name, one in {**buffers, **conversion.constants}.items()}),
        standardizer,
        conversion,
        architecture,
    )


def _copied(module: Any) -> Any:
    """Return a copy of a module on the CPU, in float32 or float64."""
    torch = torch_module()
    try:
        own = copy.deepcopy(module).cpu()
    except Exception as problem:
        raise checks.BadInput(
            f"`module` cannot be copied: {type(problem).__name__}: {problem}. Convert it before hooks, or "
            "tensors with a history, are attached to it."
        ) from None
    for part in own.modules():
        if isinstance(part, torch.nn.modules.dropout._DropoutNd):
            part.inplace = False  # In place it would be exported as a random mask, and not as a dropout.
    kinds = {one.dtype for one in own.parameters()}
    return own.float() if kinds & {torch.float16, torch.bfloat16} else own


def _examples(given: Any, module: Any) -> Any:
    """Return examples as a tensor of at least two, on the CPU, in the type of the module."""
    torch = torch_module()
    inputs = given.detach().cpu() if isinstance(given, torch.Tensor) else torch.as_tensor(np.array(given))
    if inputs.ndim not in (2, 4) or len(inputs) == 0 or not inputs.is_floating_point():
        raise checks.BadInput(
            "`example_inputs` must be floats as the module takes them, (batch, channel, height, width) of images or "
            f"(batch, feature) of vectors; got {inputs.dtype} of shape {tuple(inputs.shape)}."
        )
    kind = next((one.dtype for one in module.parameters() if one.is_floating_point()), inputs.dtype)
    if len(inputs) == 1:  # torch takes a batch of 1 as a fixed size; and batch norm needs two.
        inputs = torch.cat([inputs, inputs.flip(-1) * 0.5])
    return inputs.to(kind)


def _with_names(graph: Graph, names: Any) -> Graph:
    """Return a graph whose arrays have the first of their names in the module, and constants a mark before theirs."""
    inputs = {name: names.get(target, f"{CONSTANT}{target}") for name, target in graph.inputs.items()}
    updates = {names[target]: name for target, name in graph.updates.items()}
    return dataclasses.replace(graph, inputs=inputs, updates=updates)


def _constants(programs: list[Any], graphs: list[Graph]) -> Arrays:
    found: Arrays = {}
    for program, graph in zip(programs, graphs, strict=True):
        for target in graph.inputs.values():
            if target.startswith(CONSTANT):
                found[target] = program.constants[target.removeprefix(CONSTANT)].detach().cpu().numpy()
    return found


def _n_classes(program: Any) -> int:
    outputs = [spec.arg.name for spec in program.graph_signature.output_specs if spec.kind.name == "USER_OUTPUT"]
    found = {one.name: one for one in program.graph_module.graph.nodes}
    value = found[outputs[0]].meta.get("val") if len(outputs) == 1 and outputs[0] in found else None
    if value is None or value.ndim != 2:
        what = f"{len(outputs)} results" if len(outputs) != 1 else f"the shape {tuple(getattr(value, 'shape', ()))}"
        raise checks.BadInput(
            f"`module` must return one tensor of logits (batch, class); got {what}. "
            "Wrap it in a module that returns the logits alone."
        )
    return int(value.shape[1])


def _vacuous(agreement: Agreement) -> tuple[str, ...]:
    """Return a note if the comparison could not see the inside of the module."""
    said = "The module's outputs do not depend on the examples, as with a last layer of zeros, so little was compared."
    return () if agreement.saw_gradients else (said,)


def _notes(graph: Graph) -> tuple[str, ...]:
    """Return what differs in training from torch, in words."""
    operations = [step.operation.partition(".")[0] for step in graph.steps]
    n_dropouts = sum(step.hidden is not None for step in graph.steps if step.operation.startswith(("native_d", "drop")))
    notes = []
    if n_dropouts:
        notes.append(
            f"In training its {n_dropouts} dropout layers are off; byheart's regularizers, such as Dropout(0.5), act "
            "at their places."
        )
    if "bernoulli" in operations:
        notes.append("In training its other random masks, such as those of stochastic depth, are at their means.")
    return tuple(notes)
