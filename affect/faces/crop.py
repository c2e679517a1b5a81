"""Cut a face out of a frame the way FER2013's faces are framed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from affect.contracts import CROP_SIZE, Box

FRAMING = 1.0  # side of the crop / side of the detector's box


def crop(gray: NDArray[np.uint8], box: Box, tilt: float = 0.0) -> NDArray[np.uint8]:
    """The face in a box, its head upright; beyond the frame's edge its last pixels go on.

    Args:
        gray: uint8, shape (H, W).
        box: on that frame; may reach beyond it.
        tilt: degrees the picture is turned around the middle of the box, anticlockwise.

    Returns:
        uint8, shape (48, 48), resampled by area.
    """
    side = FRAMING * max(box.width, box.height)
    size = max(1, round(side))
    left = round(box.x + (box.width - side) / 2)
    top = round(box.y + (box.height - side) / 2)
    if tilt:
        region = _turned(gray, left, top, size, tilt)
    else:
        # One index past each edge repeats the edge; a face is never stretched to fit.
        height, width = gray.shape
        rows = np.clip(np.arange(top, top + size), 0, height - 1)
        columns = np.clip(np.arange(left, left + size), 0, width - 1)
        region = gray[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        if region.shape != (size, size):
            region = gray[np.ix_(rows, columns)]
    resized = cv2.resize(region, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)


def _turned(
    gray: NDArray[np.uint8], left: int, top: int, size: int, tilt: float
) -> NDArray[np.uint8]:
    """The square turned around its middle, at the frame's own resolution."""
    turn = cv2.getRotationMatrix2D((left + (size - 1) / 2, top + (size - 1) / 2), tilt, 1.0)
    turn[:, 2] -= (left, top)
    turned = cv2.warpAffine(gray, turn, (size, size), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, dtype=np.uint8)
