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
    if calibration is not None:
        faces = calibration

        def one_by_one() -> Iterator[list[NDArray[np.float32]]]:
            for row in range(len(faces)):
                yield [faces[row : row + 1]]

        converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
        converter.representative_dataset = one_by_one
    return bytes(converter.convert())
