"""How still a face is from one second to the next, which the page calls posture."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np

from affect.contracts import GOOD_POSTURE, Face, Posture

APART_S = 1.0  # between the two faces of a pair, whatever the sampling rate
TOLERANCE_S = 0.1  # at least; half the time between looks where that is more
MOST_TOLERANCE_S = 0.35
ROUNDING_S = 1e-6


class Stillness:
    """Compares each face with the same person's face one second earlier.

    The measure is SSIM (Wang et al. 2004, "Image quality assessment: from error visibility to
    structural similarity") of the two 48×48 crops in [0, 1]. It keeps about one second of crops.

    Args:
        rate: looks a second. Below 0.741 (1 / 1.35) no two are near enough to one second apart.
    """

    def __init__(self, rate: float) -> None:
        self._tolerance_s = max(TOLERANCE_S, min(0.5 / rate, MOST_TOLERANCE_S))
        self._recent: deque[Face] = deque()

    def compare(self, face: Face) -> float | None:
        """SSIM with the face of the same track closest to one second earlier, in [−1, 1].

        None where the closest is further from that time than the tolerance. Faces must come in
        order of time.
        """
        from skimage.metrics import structural_similarity

        wanted = face.time_s - APART_S
        recent = self._recent
        while recent and wanted - recent[0].time_s > self._tolerance_s + ROUNDING_S:
            recent.popleft()
        same = [earlier for earlier in recent if earlier.track == face.track]
        recent.append(face)
        earlier = min(same, key=lambda seen: abs(seen.time_s - wanted), default=None)
        if earlier is None or abs(earlier.time_s - wanted) > self._tolerance_s + ROUNDING_S:
            return None
        return float(structural_similarity(earlier.crop / 255.0, face.crop / 255.0, data_range=1.0))


def posture(likenesses: Iterable[float | None]) -> Posture | None:
    """The mean of the pairs there are, "Good" from 0.6 on; None without a pair.

    Over several people the mean weighs each pair the same, and so each person by their pairs.
    """
    pairs = [likeness for likeness in likenesses if likeness is not None]
    if not pairs:
        return None
    score = float(np.mean(pairs))
    return Posture(score, "Good" if score >= GOOD_POSTURE else "Not good", len(pairs))
