"""Whether an exported file answers as the network it came from."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from affect.contracts import CROP_SIZE
from affect.errors import ModelError
from affect.expression.runtimes import Runtime, run

# The largest difference in a probability that is still rounding; int8 rounds much more, and one
# odd face of many may move far while accuracy stays.
TOLERANCE: Final = {"float32": 0.001, "int8": 0.5}


def difference(runtime: Runtime, original: Runtime, faces: NDArray[np.uint8], kind: str) -> float:
    """The largest difference between any probability of the two, over faces uint8 (N, 48, 48).

    Raises:
        ModelError: it is more than `TOLERANCE` of the kind, "float32" or "int8", allows.
    """
    expected, found = run(original, faces), run(runtime, faces)
    largest = max(float(np.abs(expected[name] - found[name]).max()) for name in expected)
    if not largest <= TOLERANCE[kind]:
        raise ModelError(
            f"The exported file's probabilities differ from Keras' by up to {largest:.3f}.",
            "It was not kept; other calibration faces may help.",
        )
    return largest


def sample_faces() -> NDArray[np.uint8]:
    """A hundred small photographs of faces that scikit-image brings along, uint8 (100, 48, 48)."""
    from skimage.data import lfw_subset

    size = (CROP_SIZE, CROP_SIZE)
    faces = [cv2.resize(face, size) for face in lfw_subset()[:100].astype(np.float32)]
    return np.asarray(np.clip(np.stack(faces) * 255, 0, 255), np.uint8)
