"""Large weights of an ONNX file as int8, which makes it a quarter of its size."""

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

# Biases and norms below this size stay as they are.
SMALLEST = 4096
FRONT_END = ("dft", "frontend")


def quantise(path: Path) -> None:
    """Rewrites the file: every large weight becomes int8 with one scale an output channel, and a DequantizeLinear."""
    model = onnx.load(str(path))
    graph = model.graph
    nodes = []
    for tensor in list(graph.initializer):
        weights = numpy_helper.to_array(tensor)
        in_front_end = any(part in tensor.name for part in FRONT_END)
        if weights.dtype != np.float32 or weights.size < SMALLEST or in_front_end:
            continue
        operators = {node.op_type for node in graph.node if tensor.name in node.input}
        axis = 1 if operators == {"MatMul"} and weights.ndim == 2 else 0
        graph.initializer.remove(tensor)
        nodes.append(_dequantise(graph, tensor.name, weights, axis))
    for node in reversed(nodes):
        graph.node.insert(0, node)
    onnx.save(model, str(path))


def _dequantise(graph: onnx.GraphProto, name: str, weights: np.ndarray, axis: int) -> onnx.NodeProto:
    """Puts `weights` into the graph as int8, scaled along `axis`; the node gives them back under their old name."""
    others = tuple(i for i in range(weights.ndim) if i != axis)
    scale = np.abs(weights).max(axis=others) / 127 + 1e-12
    rounded = np.round(weights / np.expand_dims(scale, others))
    parts = {
        f"{name}_q": np.clip(rounded, -127, 127).astype(np.int8),
        f"{name}_s": scale.astype(np.float32),
        f"{name}_z": np.zeros_like(scale, np.int8),
    }
    graph.initializer.extend(numpy_helper.from_array(array, part) for part, array in parts.items())
    return helper.make_node("DequantizeLinear", list(parts), [name], axis=axis)
