"""Keras to LiteRT, in float32 or in int8."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_litert(network: Any, calibration: NDArray[np.float32] | None) -> bytes:
    """Write the network as a LiteRT file; input and outputs stay float32.

    Args:
        network: a keras.Model.
        calibration: faces, float32 (N, 48, 48, 1) in [0, 1]; with them it becomes int8.
    """
    import tensorflow

    converter = tensorflow.lite.TFLiteConverter.from_keras_model(network)
    whole = bytes(converter.convert())
    if calibration is None:
        return _shared(whole)

    def one_by_one() -> Iterator[list[NDArray[np.float32]]]:
        for row in range(len(calibration)):
            yield [calibration[row : row + 1]]

    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.representative_dataset = one_by_one
    # Only what debugs a conversion can leave an operation out of it.
    lite = tensorflow.lite.experimental
    options = lite.QuantizationDebugOptions(denylisted_nodes=_last(whole))
    debugger = lite.QuantizationDebugger(
        converter=converter, debug_dataset=one_by_one, debug_options=options
    )
    return _shared(bytes(debugger.get_nondebug_quantized_model()))


def _last(content: bytes) -> list[str]:
    """The names of the operations that stay in float32 at the end; why, `onnx` tells."""
    from tensorflow.lite.tools import flatbuffer_utils

    (graph,) = flatbuffer_utils.convert_bytearray_to_object(bytearray(content)).subgraphs
    answers = set(graph.outputs)
    sums = {name for step in graph.operators if answers & set(step.outputs) for name in step.inputs}
    ends = {name for step in graph.operators for name in step.outputs} & (answers | sums)
    return [graph.tensors[name].name.decode() for name in sorted(ends)]


def _shared(content: bytes) -> bytes:
    """The same file with equal vectors written once.

    The converter writes 64 bits of 0 for each channel of each tensor, a twentieth of an int8 file.
    """
    import flatbuffers
    from tensorflow.lite.tools import flatbuffer_utils

    class Builder(flatbuffers.Builder):  # type: ignore[misc]
        """Places a vector once, however often it is asked to."""

        def __init__(self) -> None:
            super().__init__(len(content))
            self.placed: dict[tuple[str, bytes], int] = {}

        def CreateNumpyVector(self, x: NDArray[Any]) -> int:  # noqa: N802 - its parent's name
            key = x.dtype.str, x.tobytes()
            if key not in self.placed:
                self.placed[key] = super().CreateNumpyVector(x)
            return self.placed[key]

    builder = Builder()
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
