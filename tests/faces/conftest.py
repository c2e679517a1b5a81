"""Pictures with a public-domain face in them, and pictures without."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

Gray = NDArray[np.uint8]


@pytest.fixture(scope="session")
def astronaut() -> Gray:
    """512×512, one face of about 100 pixels around (225, 115)."""
    return cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)


@pytest.fixture(scope="session")
def put_face(astronaut: Gray) -> Callable[[Gray, int, int], Gray]:
    """A copy of a picture with the face, 160×160, put at a place."""
    face = astronaut[30:190, 145:305]

    def put(gray: Gray, left: int, top: int) -> Gray:
        picture = gray.copy()
        picture[top : top + 160, left : left + 160] = face
        return picture

    return put


@pytest.fixture(scope="session")
def wall() -> Gray:
    """480×720 of soft light, no face."""
    return np.tile(np.linspace(90, 150, 720).astype(np.uint8), (480, 1))
