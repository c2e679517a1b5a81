"""The faces by which an int8 network's whole numbers get their ranges."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from affect.datasets.fer2013 import FaceSet
from affect.training.readability import spoil

FACES: Final = 512
SPOILT: Final = 8  # one of so many


def calibration_faces(learned: FaceSet) -> NDArray[np.uint8]:
    """Up to 512 faces, spread over those learned, every eighth of them made unreadable.

    Were all of them clear, "this cannot be read" would lie outside the range of the answer.

    Returns:
        uint8, shape (N, 48, 48).
    """
    rows = np.linspace(0, len(learned) - 1, min(FACES, len(learned))).astype(np.intp)
    faces = learned.images[rows]
    rng = np.random.default_rng(0)
    faces[::SPOILT] = [spoil(face, rng) for face in faces[::SPOILT]]
    return faces
