"""A module's graph, exported by `torch.export`, decomposed to core ATen, and lowered to operations of JAX."""

import contextlib
import dataclasses
import logging
import operator
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax

from byheart import checks
from byheart.torch_bridge.installed import torch_module
from byheart.torch_bridge.lowered import Graph, NumberType, Ref, Step
from byheart.torch_bridge.operations import (  # noqa: F401  They fill the table.
    activations,
    arithmetic,
    borders,
    constants,
    convolutions,
    normalization,
    pooling,
    products,
    random_masks,
    reductions,
    resizing,
    shapes,
)
from byheart.torch_bridge.operations.table import found

KEPT_WHOLE = (
    *("silu.default", "hardswish.default", "hardsigmoid.default", "mish.default", "softplus.default"),
    *("linear.default", "matmul.default"),  # Decomposed, some are products of batches, with a copy of the weights each.
    *("scaled_dot_product_attention.default", "pixel_shuffle.default", "pixel_unshuffle.default"),
    *("_adaptive_avg_pool2d.default", "adaptive_max_pool2d.default", "_safe_softmax.default"),
    *("upsample_bicubic2d.vec", "upsample_linear1d.vec", "upsample_trilinear3d.vec"),
    *("_upsample_nearest_exact1d.vec", "_upsample_nearest_exact2d.vec", "_upsample_nearest_exact3d.vec"),
)
"""Operations that are not decomposed."""
DROPOUTS = ("native_dropout", "dropout")
ACTIVATIONS = (
    *("relu", "gelu", "silu", "tanh", "leaky_relu", "elu", "hardswish", "mish", "softplus", "_prelu_kernel"),
)
"""Where regularizers of hidden units act in a module without dropout."""
LEFT_OUT = {"layout", "device", "pin_memory", "memory_format", "generator", "non_blocking"}
"""Arguments that do not change numbers."""
WITHOUT_EFFECT = {
    "_assert_scalar",
    "_assert_tensor_metadata",
    "_assert_async",
    "sym_constrain_range_for_size",
    "sym_constrain_range",
}


def exported(module: Any, inputs: tuple[Any, ...], is_training: bool) -> Any:
    """Return the `ExportedProgram` of a module in one mode; any batch size fits it.

    Raises:
        BadInput: torch cannot export it, as where its code branches on the values of tensors.
    """
    torch = torch_module()
    mode = "training" if is_training else "evaluation"
    batch = torch.export.Dim("batch", min=1)
    table = torch.export.default_decompositions()
    for name in KEPT_WHOLE:
        operation, _, overload = name.partition(".")
        with contextlib.suppress(KeyError, AttributeError):
            table.pop(getattr(getattr(torch.ops.aten, operation), overload))
    module.train(is_training)
    with _quiet(), _slow_attention(torch):
        try:
            program = torch.export.export(module, inputs, dynamic_shapes=({0: batch},) * len(inputs), strict=False)
            return program.run_decompositions(table)
        except Exception as problem:
            raise checks.BadInput(_in_words(problem, mode)) from problem


def lowered(program: Any) -> Graph:
    """Return an exported program as operations of JAX.

    Raises:
        BadInput: operations that byheart does not have, all of them, each with its place in the module.
    """
    signature = program.graph_signature
    kinds = {spec.arg.name: spec for spec in signature.input_specs}
    user_inputs = tuple(name for name, spec in kinds.items() if spec.kind.name == "USER_INPUT")
    inputs = {name: spec.target for name, spec in kinds.items() if spec.kind.name in _ARRAYS}
    _check_signature(signature, kinds)
    steps, outputs = _steps(program.graph_module)
    updates = {spec.target: spec.arg.name for spec in signature.output_specs if spec.kind.name == "BUFFER_MUTATION"}
    own = [
        value for value, spec in zip(outputs, signature.output_specs, strict=True) if spec.kind.name == "USER_OUTPUT"
    ]
    return Graph(_with_hidden_layers(steps), inputs, user_inputs, tuple(own), updates)


_ARRAYS = {"PARAMETER", "BUFFER", "CONSTANT_TENSOR"}


def _check_signature(signature: Any, kinds: dict[str, Any]) -> None:
    for spec in kinds.values():
        if spec.kind.name not in {*_ARRAYS, "USER_INPUT"}:
            raise checks.BadInput(
                f"`module` uses {spec.target!r}, an input of kind {spec.kind.name}, which is no tensor."
            )
    for spec in signature.output_specs:
        if spec.kind.name not in {"USER_OUTPUT", "BUFFER_MUTATION"}:
            raise checks.BadInput(
                f"`module` changes {spec.target!r} in its forward pass ({spec.kind.name}); it may change buffers alone."
            )


def _steps(graph_module: Any) -> tuple[list[Step], tuple[Any, ...]]:
    """Return the operations of a graph, and references to its results."""
    steps: list[Step] = []
    outputs: tuple[Any, ...] = ()
    problems: list[str] = []
    for node in graph_module.graph.nodes:
        if node.op == "output":
            outputs = _argument(node.args[0])
        elif node.op == "call_function":
            name = operation_name(node.target)
            if name.partition(".")[0] in WITHOUT_EFFECT:
                continue
            function = _function(node.target, name)
            if function is None and "higher_order" in type(node.target).__module__ + str(node.target):
                function = _of_submodule(graph_module, node)
            if function is None:
                problems.append(f"{name} {place_of(node)}")
            else:
                steps.append(Step(node.name, name, function, _arguments(node)))
    if problems:
        shown = [f"{n} times " * (n > 1) + one for one, n in _counted(problems).items()]
        raise checks.BadInput("\n  - ".join(["`module` needs operations that byheart does not have:", *shown]))
    return steps, outputs


def _of_submodule(graph_module: Any, node: Any) -> Any:
    """Return the function of a block under `torch.no_grad()` or `torch.enable_grad()`; None for other blocks."""
    if "set_grad_enabled" not in str(node.target):
        return None
    is_enabled, inner = node.args[0], getattr(graph_module, node.args[1].target)
    steps, outputs = _steps(inner)
    names = tuple(one.name for one in inner.graph.nodes if one.op == "placeholder")
    graph = Graph(tuple(steps), {}, names, outputs, {})

    def function(*given: Any) -> Any:
        results, _ = graph({}, given[2:])
        return results if is_enabled else jax.lax.stop_gradient(results)

    return function


def operation_name(target: Any) -> str:
    """Return the name of a node's target, such as "add.Tensor"."""
    written = str(target) if hasattr(target, "_schema") else getattr(target, "__name__", str(target))
    return written.removeprefix("aten.").removeprefix("prims.")


def _function(target: Any, name: str) -> Any:
    if target is operator.getitem:
        return operator.getitem
    if not hasattr(target, "_schema"):
        module = getattr(target, "__module__", "")
        if module in ("_operator", "math", "builtins"):
            return target
        return arithmetic.SCALARS.get(name.removeprefix("_"))
    if name.startswith("sym_size"):
        return lambda x, axis: x.shape[axis]
    if name.startswith("sym_numel"):
        return lambda x: x.size
    return found(name)


def _arguments(node: Any) -> tuple[Any, ...]:
    """Return all arguments of a node in the order of its schema, with defaults."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return tuple(map(_argument, node.args))
    values = []
    for place, one in enumerate(schema.arguments):
        if one.name in LEFT_OUT:
            continue
        is_given = place < len(node.args)
        value = node.args[place] if is_given else node.kwargs.get(one.name, getattr(one, "default_value", None))
        values.append(_argument(value))
    return tuple(values)


def _argument(value: Any) -> Any:
    torch = torch_module()
    if isinstance(value, torch.fx.Node):
        return None if value.op == "get_attr" else Ref(value.name)
    if isinstance(value, list | tuple):
        return tuple(map(_argument, value))
    if isinstance(value, torch.dtype):
        return NumberType(str(value).removeprefix("torch."))
    if isinstance(value, torch.device | torch.layout | torch.memory_format):
        return None
    return value


def place_of(node: Any) -> str:
    """Return where a node stands in its module: the path of the submodule, and the line of its source."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    path, kind = stack[-1] if stack else ("", "")
    path = path.removeprefix("L['self']").strip(".") or "the module itself"
    kind = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
    lines = [one.strip() for one in (node.meta.get("stack_trace") or "").splitlines() if one.strip()]
    at = [one for one in lines if one.startswith("File ")]
    where = f", {at[-1].removeprefix('File ')}" if at else ""
    code = f": {lines[-1]}" if at and not lines[-1].startswith("File ") else ""
    return f"in {path} ({kind.rpartition('.')[2]}){where}{code}"


def _with_hidden_layers(steps: list[Step]) -> tuple[Step, ...]:
    """Mark the activations of hidden layers: at each dropout, or at each activation function if there is none."""

    def is_one(step: Step, of: tuple[str, ...]) -> bool:
        name = step.operation.partition(".")[0]
        return name in of and not (name in DROPOUTS and not step.arguments[1])

    kinds = DROPOUTS if any(is_one(step, DROPOUTS) for step in steps) else ACTIVATIONS
    marked, n = [], 0
    for step in steps:
        if is_one(step, kinds):
            step, n = dataclasses.replace(step, hidden=n), n + 1
        marked.append(step)
    return tuple(marked)


def _counted(texts: list[str]) -> dict[str, int]:
    return {text: texts.count(text) for text in texts}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence torch's warnings about its own parts, and its log, while it exports."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


@contextlib.contextmanager
def _slow_attention(torch: Any) -> Iterator[None]:
    """Export attention as its parts, and not as torch's one fused operation for evaluation."""
    was = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.enable_grad():
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was)


def _in_words(problem: Exception, mode: str) -> str:
    """Return what torch says of a failed export, for the user."""
    said = " ".join(str(problem).split())
    kind = type(problem).__name__
    own = _own_line(problem)
    if "DataDependent" in kind or "data-dependent" in said or "DynamicControlFlow" in kind:
        reason = "branches on the values of a tensor, so it has no fixed graph"
    elif "Constraint" in kind or "constraint" in said.lower():
        reason = "fixes the batch size, such as by a number in a reshape"
    else:
        reason = "cannot be exported by torch"
    at = f", at {own}" if own else ""
    return f"`module` {reason} in {mode} mode{at}. torch says: {kind}: {said[:600]}"


def _own_line(problem: BaseException) -> str:
    """Return the last line of the traceback outside torch and byheart, as file:line: code; empty if there is none."""
    folders = [str(Path(checks.__file__).parent), str(Path(torch_module().__file__ or "").parent)]
    frames = traceback.extract_tb(problem.__traceback__)
    own = [one for one in frames if one.line and not one.filename.startswith(tuple(folders))]
    return f"{own[-1].filename}:{own[-1].lineno}: {own[-1].line}" if own else ""
