"""OpenCV's Haar cascades (Viola and Jones 2001; Lienhart and Maydt 2002): windows on a picture."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from affect.errors import ModelError
from affect.faces.boxes import Rectangles

Gray = NDArray[np.uint8]

_of_thread = threading.local()

PROFILE_SHRINK = 0.8  # a profile window is wider than the frontal one of the same head


def windows(
    name: str, gray: Gray, smallest: int, largest: int, step: float, neighbours: int = 0
) -> Rectangles:
    """The windows one cascade accepts.

    Args:
        name: such as "frontalface_alt2".
        gray: uint8, shape (H, W).
        smallest, largest: side of the windows, pixels; a largest of 0 is the picture's.
        step: from one size of window to the next, above 1.
        neighbours: above 0, windows are grouped, and groups of fewer than that many dropped.

    Returns:
        float64, shape (N, 4).
    """
    found = _cascade(name).detectMultiScale(
        gray,
        scaleFactor=step,
        minNeighbors=neighbours,
        minSize=(smallest, smallest),
        maxSize=(largest, largest),
    )
    return np.asarray(found, dtype=np.float64).reshape(-1, 4)


def profile_windows(
    gray: Gray, smallest: int, largest: int, step: float, neighbours: int = 0
) -> Rectangles:
    """As `windows`, of the profile cascade and its mirror, shrunk to the frontal framing."""
    right = windows("profileface", gray, smallest, largest, step, neighbours)
    mirrored = np.ascontiguousarray(gray[:, ::-1])
    left = windows("profileface", mirrored, smallest, largest, step, neighbours)
    left[:, 0] = gray.shape[1] - left[:, 0] - left[:, 2]
    both = np.concatenate([right, left])
    both[:, :2] += both[:, 2:] * (1 - PROFILE_SHRINK) / 2
    both[:, 2:] *= PROFILE_SHRINK
    return both


def _cascade(name: str) -> cv2.CascadeClassifier:
    """The one of this thread: a cascade keeps what it is at in itself, and serves one at a time."""
    known: dict[str, cv2.CascadeClassifier] = vars(_of_thread)
    if name not in known:
        known[name] = _loaded(name)
    return known[name]


def _loaded(name: str) -> cv2.CascadeClassifier:
    path = Path(cv2.__file__).parent / "data" / f"haarcascade_{name}.xml"
    cascade = cv2.CascadeClassifier(str(path))
    if cascade.empty():  # OpenCV does not raise for a missing file
        raise ModelError(f"OpenCV's face cascade {path.name} is missing.")
    return cascade
