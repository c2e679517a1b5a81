"""How still a face is from one second to the next, which the page calls posture."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from affect.contracts import Face, Posture

APART_S = 1.0  # between the two faces of a pair, whatever the sampling rate
TOLERANCE_S = 0.1
GOOD = 0.6  # from this mean SSIM on


class Stillness:
    """Compares each face with the same person's face one second earlier.

    The measure is SSIM (Wang et al. 2004, "Image quality assessment: from error visibility to
    structural similarity") of the two 48×48 crops in [0, 1]. It keeps one second of crops a
    track and no more.
    """

    def __init__(self) -> None:
        self._recent: dict[int, deque[tuple[float, NDArray[np.float64]]]] = {}

    def compare(self, face: Face) -> float | None:
        """SSIM with the face of the same track closest to one second earlier, in [−1, 1].

        None where there is none within a tenth of a second of that time. Faces of one track
        must come in order of time.
        """
        from skimage.metrics import structural_similarity

        recent = self._recent.setdefault(face.track, deque())
        while recent and face.time_s - recent[0][0] > APART_S + TOLERANCE_S:
            recent.popleft()
        pixels = face.crop / 255.0
        wanted = face.time_s - APART_S
        earlier = min(recent, key=lambda seen: abs(seen[0] - wanted), default=None)
        recent.append((face.time_s, pixels))
        if earlier is None or abs(earlier[0] - wanted) > TOLERANCE_S:
            return None
        return float(structural_similarity(earlier[1], pixels, data_range=1.0))


def posture(likenesses: Iterable[float | None]) -> Posture | None:
    """The mean of the pairs there are, "Good" from 0.6 on; None without a pair.

    Over several people the mean weighs each pair the same, and so each person by their pairs.
    """
    pairs = [likeness for likeness in likenesses if likeness is not None]
    if not pairs:
        return None
    score = float(np.mean(pairs))
    return Posture(score, "Good" if score >= GOOD else "Not good", len(pairs))
