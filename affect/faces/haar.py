"""Find faces with Haar cascades, and know how sure that is.

A cascade alone calls shirts and flowers faces. So a whole frame is only searched for *places to
look at*; each is then looked at again, at one size, by two frontal cascades and, where these are
not certain, by the profile cascade and its mirror, and with the head tilted either way. The score
is how many windows agree.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from affect.contracts import Box, Detection
from affect.faces.boxes import Rectangles, overlaps
from affect.faces.cascades import profile_windows, windows

Gray = NDArray[np.uint8]

SEARCH_SIDE = 480  # longest side of the frame that is searched, pixels
SMALLEST_SHARE = 1 / 14  # of that frame's shorter side: smaller faces hold no expression
LOOK_FACE = 48  # side of the expected face when a place is looked at, pixels
LOOK_MARGIN = 0.55  # of the face, around it
SEARCH_STEP, LOOK_STEP = 1.2, 1.1  # from one size of window to the next
NO_LIMIT = 0  # windows may be as large as the picture
TILT = 28.0  # degrees a head may lean to either side; upright cascades bear about half of it
CERTAIN = 25  # windows that need no second look
MIN_SCORE = 8.0  # windows; the median of what is no face is 6, of faces 76
SAME_PLACE = 0.4  # overlap (intersection over union) from which two boxes mean one face


class HaarDetector:
    """Faces on one gray frame, as square boxes with scores."""

    def places(self, gray: Gray) -> tuple[Box, ...]:
        """Where on the whole frame, uint8 (H, W), an upright face might be."""
        small, smallest, scale = _shrunk(gray)
        found = windows("frontalface_alt2", small, smallest, NO_LIMIT, SEARCH_STEP, neighbours=1)
        return _boxes(found / scale)

    def rare_places(self, gray: Gray) -> tuple[Box, ...]:
        """Where a face turned to the side or tilted might be; takes several times as long."""
        small, smallest, scale = _shrunk(gray)
        found = [profile_windows(small, smallest, NO_LIMIT, SEARCH_STEP, neighbours=2)]
        for angle in (-TILT, TILT):
            tilted, back = _tilted(small, angle)
            found.append(
                _turned(
                    windows(
                        "frontalface_alt2", tilted, smallest, NO_LIMIT, SEARCH_STEP, neighbours=2
                    ),
                    back,
                )
            )
        return _boxes(np.concatenate(found) / scale)

    def look(self, gray: Gray, places: Iterable[Box]) -> tuple[Detection, ...]:
        """The faces at the given places, each about as large as expected there.

        Args:
            gray: uint8, shape (H, W).
            places: boxes on it.

        Returns:
            Detections with a score above `MIN_SCORE`, the surest first.
        """
        found = [_look(gray, place) for place in places]
        return _suppressed([detection for detection in found if detection is not None])

    def detect(self, gray: Gray) -> tuple[Detection, ...]:
        """The faces on the whole frame, as `look` returns them."""
        return self.look(gray, self.places(gray)) or self.look(gray, self.rare_places(gray))


def _look(gray: Gray, place: Box) -> Detection | None:
    """The best face around one place, at the size expected there."""
    margin = LOOK_MARGIN * max(place.width, place.height)
    left, top = max(0, int(place.x - margin)), max(0, int(place.y - margin))
    right = max(0, int(place.x + place.width + margin))
    bottom = max(0, int(place.y + place.height + margin))
    region = gray[top:bottom, left:right]
    scale = LOOK_FACE / max(place.width, place.height)
    if min(region.shape, default=0) * scale < LOOK_FACE / 2:
        return None
    region = _resized(region, scale)
    found, score = _agreed(region)
    tilt = 0.0
    if score < CERTAIN:
        for angle in (-TILT, TILT):
            tilted, back = _tilted(region, angle)
            found_tilted, score_tilted = _agreed(tilted)
            if score_tilted > score:
                found, score, tilt = _turned(found_tilted, back), score_tilted, angle
    if not score:
        return None
    x, y, width, height = found[0] / scale
    return Detection(Box(x + left, y + top, width, height), float(score), tilt)


def _agreed(region: Gray) -> tuple[Rectangles, int]:
    """The face that most windows agree on, float64 (1, 4) or (0, 4), and how many do."""
    smallest, largest = int(LOOK_FACE * 0.65), int(LOOK_FACE * 1.5)
    frontal = np.concatenate(
        [
            windows(name, region, smallest, largest, LOOK_STEP)
            for name in ("frontalface_default", "frontalface_alt2")
        ]
    )
    every = frontal
    if len(frontal) < CERTAIN:
        profile = profile_windows(region, smallest, largest, LOOK_STEP)
        every = np.concatenate([frontal, profile])
    if not len(every):
        return every, 0
    support = (overlaps(every, every) >= SAME_PLACE).sum(axis=1)
    near = overlaps(every[support.argmax()][None], every)[0] >= SAME_PLACE
    # Frontal windows frame the face more tightly; profile ones decide only alone.
    trusted = near[: len(frontal)]
    chosen = frontal[trusted] if trusted.any() else every[near]
    return chosen.mean(axis=0, keepdims=True), int(near.sum())


def _shrunk(gray: Gray) -> tuple[Gray, int, float]:
    """The frame as it is searched, the smallest face there, and its scale."""
    scale = min(1.0, SEARCH_SIDE / max(gray.shape))
    small = _resized(gray, scale)
    return small, max(20, round(min(small.shape) * SMALLEST_SHARE)), scale


def _tilted(gray: Gray, angle: float) -> tuple[Gray, NDArray[np.float64]]:
    """The picture turned around its middle, and the matrix that turns it back."""
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    tilted = cv2.warpAffine(gray, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(tilted, np.uint8), np.asarray(cv2.invertAffineTransform(turn), np.float64)


def _turned(found: Rectangles, matrix: NDArray[np.float64]) -> Rectangles:
    """Upright squares around the same middles, moved by a matrix (2, 3)."""
    middles = found[:, :2] + found[:, 2:] / 2
    moved = middles @ matrix[:, :2].T + matrix[:, 2]
    return np.concatenate([moved - found[:, 2:] / 2, found[:, 2:]], axis=1)


def _boxes(found: Rectangles) -> tuple[Box, ...]:
    return tuple(Box(*row) for row in found.tolist())


def _resized(gray: Gray, scale: float) -> Gray:
    if scale == 1.0:
        return gray
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
    return np.asarray(cv2.resize(gray, size, interpolation=interpolation), dtype=np.uint8)


def _suppressed(detections: list[Detection]) -> tuple[Detection, ...]:
    """Non-maximum suppression; the surest first, none up to `MIN_SCORE`."""
    boxes = [(d.box.x, d.box.y, d.box.width, d.box.height) for d in detections]
    scores = [d.score for d in detections]
    kept = cv2.dnn.NMSBoxes(boxes, scores, MIN_SCORE, SAME_PLACE / 2)
    return tuple(detections[i] for i in np.ravel(kept).astype(int))
