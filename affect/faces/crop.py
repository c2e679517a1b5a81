"""Cut a face out of a frame the way FER2013's faces are framed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from affect.contracts import CROP_SIZE, Box

FRAMING = 1.0  # side of the crop / side of the detector's box


def crop(gray: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The face in a box; beyond the frame's edge its last pixels go on.

    Args:
        gray: uint8, shape (H, W).
        box: on that frame; may reach beyond it.

    Returns:
        uint8, shape (48, 48), resampled by area.
    """
    side = FRAMING * max(box.width, box.height)
    left = round(box.x + (box.width - side) / 2)
    top = round(box.y + (box.height - side) / 2)
    size = max(1, round(side))
    height, width = gray.shape
    # One index past each edge repeats the edge; a face is never stretched to fit.
    rows = np.clip(np.arange(top, top + size), 0, height - 1)
    columns = np.clip(np.arange(left, left + size), 0, width - 1)
    inside = rows[0] == top and rows[-1] == top + size - 1
    inside = inside and columns[0] == left and columns[-1] == left + size - 1
    region = gray[top : top + size, left : left + size] if inside else gray[np.ix_(rows, columns)]
    resized = cv2.resize(region, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)
