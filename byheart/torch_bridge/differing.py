"""Search for the first operation that differs from torch: both graphs are run operation by operation."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from byheart.torch_bridge.arrays import Arrays, arrays_of
from byheart.torch_bridge.checked import difference, least_scale, masks_at_their_means
from byheart.torch_bridge.export import operation_name, place_of
from byheart.torch_bridge.installed import torch_module
from byheart.torch_bridge.lowered import Graph
from byheart.torch_bridge.operations.examples_last import in_order

NOTICED = 1e-3
"""Difference in float32, relative to torch's largest number, far above rounding."""


def first_difference(program: Any, graph: Graph, module: Any, inputs: Any, constants: Arrays) -> str:
    """Return, in words, the first operation whose result differs from torch's."""
    torch = torch_module()
    trained, others = arrays_of(module)
    arrays = {**constants, **others, **trained}
    own = in_order(
        graph.values({name: jnp.asarray(one) for name, one in arrays.items()}, (jnp.asarray(inputs.detach().numpy()),))
    )
    torchs: dict[str, Any] = {}

    class Recorder(torch.fx.Interpreter):  # type: ignore[misc, name-defined]
        def run_node(self, node: Any) -> Any:
            torchs[node.name] = super().run_node(node)
            return torchs[node.name]

    names = [node.name for node in program.graph_module.graph.nodes if node.op == "placeholder"]
    given = [torch.as_tensor(arrays[graph.inputs[name]]) if name in graph.inputs else inputs for name in names]
    with masks_at_their_means(), torch.no_grad():
        Recorder(program.graph_module).run(*given)
    for node in program.graph_module.graph.nodes:
        if node.op == "call_function" and _differs(own.get(node.name), torchs[node.name]):
            return f"The first operation that differs is {operation_name(node.target)} {place_of(node)}."
    return "Each operation agrees forward, so a derivative differs."


def _differs(own: Any, torchs: Any) -> bool:
    if hasattr(torchs, "detach") and hasattr(own, "shape"):
        return not difference(np.asarray(own), torchs.detach().numpy(), least_scale(np.float32)) <= NOTICED
    return False
