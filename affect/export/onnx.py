"""Keras to ONNX, and ONNX in float32 to ONNX in int8."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.expression.runtimes import BATCH

# How many convolutions stay in float32, and what stands before them. A face's variance has no room
# in eight bits; and the first depthwise convolution multiplies some channels by thirty, and how far
# they were rounded as well. It costs neither time nor size, and halves how far answers move.
FLOAT_DEPTH = 2


def to_onnx(network: Any) -> bytes:
    """Write the network as an ONNX file in float32; the number of faces stays free."""
    import onnx
    from tf2onnx.graph import GraphUtil

    network.predict_on_batch(np.zeros((1, *network.input_shape[1:]), np.float32))  # Keras asks it
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "float.onnx")
        network.export(file, format="onnx", verbose=False)
        # Now and then the first pass leaves transpositions of one-pixel maps behind.
        model = GraphUtil.optimize_model_proto(onnx.load(file))
    return _renamed(model)


def to_int8(content: bytes, calibration: NDArray[np.float32]) -> bytes:
    """Make weights int8 and activations uint8, scaled by what the faces bring about.

    Args:
        content: an ONNX file in float32.
        calibration: faces, float32 (N, 48, 48, 1) in [0, 1].
    """
    import onnx
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    (name,) = (one.name for one in onnx.load_from_string(content).graph.input)

    class Batches(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._starts = iter(range(0, len(calibration), BATCH))

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            start = next(self._starts, None)
            return None if start is None else {name: calibration[start : start + BATCH]}

    with tempfile.TemporaryDirectory() as folder:
        whole, prepared, small = (Path(folder, f"{step}.onnx") for step in ("a", "b", "c"))
        whole.write_bytes(content)
        quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
        graph = onnx.load(prepared).graph
        quantize_static(
            str(prepared),
            str(small),
            Batches(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # Seven bits of them: processors without VNNI add two products of eight in sixteen
            # bits, which overflow, so that the same file would answer worse on older machines.
            reduce_range=True,
            nodes_to_exclude=[*_first(graph), *_last(graph)],
            # The usual range of a batch, not the widest ever seen: one odd face costs all others.
            extra_options={"CalibMovingAverage": True},
        )
        return _renamed(onnx.load(small))


def _first(graph: Any) -> list[str]:
    """The names of the nodes that stay in float32: all with at most `FLOAT_DEPTH` convolutions."""
    depths: dict[str, int] = {}
    first = []
    for node in graph.node:  # each stands after those that it hears
        heard = max((depths.get(name, 0) for name in node.input), default=0)
        depth = heard + (node.op_type == "Conv")
        depths.update(dict.fromkeys(node.output, depth))
        if depth <= FLOAT_DEPTH:
            first.append(node.name)
    return first


def _last(graph: Any) -> list[str]:
    """The names of the nodes that stay in float32 at the end: what makes the answers, of sums.

    In eight bits a probability is told to four thousandths, and how video is read rests on
    logarithms. And a sum goes no lower than the faces bring about that its range is chosen by; all
    of these can be read, and so, it would say, can everything.
    """
    answers = {one.name for one in graph.output}
    sums = {name for node in graph.node if answers.intersection(node.output) for name in node.input}
    return [node.name for node in graph.node if (answers | sums).intersection(node.output)]


def _renamed(model: Any) -> bytes:
    """Give nodes and inner tensors short names that depend on their place alone.

    Converters name them by path, which fills a tenth of a small file.
    """
    graph = model.graph
    names: dict[str, str] = {one.name: one.name for one in (*graph.input, *graph.output)} | {"": ""}

    def short(name: str) -> str:
        return names.setdefault(name, f"t{len(names)}")

    for place, node in enumerate(graph.node):
        node.name = f"n{place}"
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
    for constant in graph.initializer:
        constant.name = short(constant.name)
    kept = sorted(graph.initializer, key=lambda constant: constant.name)
    del graph.value_info[:], graph.initializer[:]
    graph.initializer.extend(kept)
    graph.name = "expression"
    for end in (*graph.input, *graph.output):
        end.type.tensor_type.shape.dim[0].dim_param = "faces"
    return bytes(model.SerializeToString(deterministic=True))
