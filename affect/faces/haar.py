"""Find faces with OpenCV's Haar cascades (Viola and Jones 2001; Lienhart and Maydt 2002).

A cascade alone calls shirts and flowers faces. So a whole frame is only searched for *places to
look at*; each is then looked at again, at one size, by two frontal cascades, the profile cascade
and its mirror, and the score is how many windows of all four agree on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from affect.contracts import Box, Detection
from affect.errors import ModelError
from affect.faces.boxes import Rectangles, overlaps

Gray = NDArray[np.uint8]

SEARCH_SIDE = 480  # longest side of the frame that is searched, pixels
SMALLEST_SHARE = 1 / 14  # of that frame's shorter side: smaller faces hold no expression
LOOK_FACE = 48  # side of the expected face when a place is looked at, pixels
LOOK_MARGIN = 0.55  # of the face, around it
SEARCH_STEP, LOOK_STEP = 1.2, 1.1  # from one size of window to the next
CERTAIN = 25  # frontal windows that need no profile beside them
MIN_SCORE = 8.0  # windows; the median of what is no face is 6, of faces 76
PROFILE_SHRINK = 0.8  # a profile window is wider than the frontal one of the same head
NO_LIMIT = 0  # what OpenCV takes for "as large as the picture"
SAME_PLACE = 0.4  # overlap (intersection over union) from which two boxes mean one face


@cache
def _cascade(name: str) -> cv2.CascadeClassifier:
    path = Path(cv2.__file__).parent / "data" / f"haarcascade_{name}.xml"
    cascade = cv2.CascadeClassifier(str(path))
    if cascade.empty():  # OpenCV does not raise for a missing file
        raise ModelError(f"OpenCV's face cascade {path.name} is missing.")
    return cascade


class HaarDetector:
    """Faces on one gray frame, as square boxes with scores."""

    def places(self, gray: Gray) -> tuple[Box, ...]:
        """Where on the whole frame a face might be.

        Args:
            gray: uint8, shape (H, W).
        """
        scale = min(1.0, SEARCH_SIDE / max(gray.shape))
        small = _resize(gray, scale)
        smallest = max(20, round(min(small.shape) * SMALLEST_SHARE))
        found = _windows("frontalface_alt2", small, smallest, NO_LIMIT, SEARCH_STEP, neighbours=1)
        if not len(found):
            found = _profile_windows(small, smallest, NO_LIMIT, SEARCH_STEP, neighbours=2)
        return tuple(Box(*(row / scale)) for row in found)

    def look(self, gray: Gray, places: Iterable[Box]) -> tuple[Detection, ...]:
        """The faces at the given places, each about as large as expected there.

        Args:
            gray: uint8, shape (H, W).
            places: boxes on it.

        Returns:
            Detections with a score of at least `MIN_SCORE`, the surest first.
        """
        return _suppressed([found for place in places for found in _look(gray, place)])

    def detect(self, gray: Gray) -> tuple[Detection, ...]:
        """The faces on the whole frame, as `look` returns them."""
        return self.look(gray, self.places(gray))


def _look(gray: Gray, place: Box) -> list[Detection]:
    """The best face around one place, at the size expected there; empty without one."""
    margin = LOOK_MARGIN * max(place.width, place.height)
    left, top = max(0, int(place.x - margin)), max(0, int(place.y - margin))
    right, bottom = int(place.x + place.width + margin), int(place.y + place.height + margin)
    region = gray[top:bottom, left:right]
    scale = LOOK_FACE / max(place.width, place.height)
    if min(region.shape, default=0) * scale < LOOK_FACE / 2:
        return []
    region = _resize(region, scale)
    smallest, largest = int(LOOK_FACE * 0.65), int(LOOK_FACE * 1.5)
    frontal = np.concatenate(
        [
            _windows(name, region, smallest, largest, LOOK_STEP)
            for name in ("frontalface_default", "frontalface_alt2")
        ]
    )
    windows = frontal
    if len(frontal) < CERTAIN:
        profile = _profile_windows(region, smallest, largest, LOOK_STEP)
        windows = np.concatenate([frontal, profile])
    if not len(windows):
        return []
    support = (overlaps(windows, windows) >= SAME_PLACE).sum(axis=1)
    near = overlaps(windows[support.argmax()][None], windows)[0] >= SAME_PLACE
    # Frontal windows frame the face more tightly; profile ones decide only alone.
    trusted = near[: len(frontal)]
    chosen = frontal[trusted] if trusted.any() else windows[near]
    x, y, width, height = chosen.mean(axis=0) / scale
    return [Detection(Box(x + left, y + top, width, height), float(near.sum()))]


def _windows(
    name: str, gray: Gray, smallest: int, largest: int, step: float, neighbours: int = 0
) -> Rectangles:
    """Windows one cascade accepts, float64 (N, 4); grouped when neighbours are asked for."""
    found = _cascade(name).detectMultiScale(
        gray,
        scaleFactor=step,
        minNeighbors=neighbours,
        minSize=(smallest, smallest),
        maxSize=(largest, largest),
    )
    return np.asarray(found, dtype=np.float64).reshape(-1, 4)


def _profile_windows(
    gray: Gray, smallest: int, largest: int, step: float, neighbours: int = 0
) -> Rectangles:
    """Windows of the profile cascade and of its mirror, shrunk to the frontal framing."""
    right = _windows("profileface", gray, smallest, largest, step, neighbours)
    mirrored = np.ascontiguousarray(gray[:, ::-1])
    left = _windows("profileface", mirrored, smallest, largest, step, neighbours)
    left[:, 0] = gray.shape[1] - left[:, 0] - left[:, 2]
    both = np.concatenate([right, left])
    both[:, :2] += both[:, 2:] * (1 - PROFILE_SHRINK) / 2
    both[:, 2:] *= PROFILE_SHRINK
    return both


def _resize(gray: Gray, scale: float) -> Gray:
    if scale == 1.0:
        return gray
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
    return np.asarray(cv2.resize(gray, size, interpolation=interpolation), dtype=np.uint8)


def _suppressed(detections: list[Detection]) -> tuple[Detection, ...]:
    """Non-maximum suppression; the surest first, none below `MIN_SCORE`."""
    boxes = [(d.box.x, d.box.y, d.box.width, d.box.height) for d in detections]
    scores = [d.score for d in detections]
    kept = cv2.dnn.NMSBoxes(boxes, scores, MIN_SCORE, SAME_PLACE / 2)
    return tuple(detections[i] for i in np.ravel(kept).astype(int))
