"""Faces of a stream of frames: search all of a frame now and then, follow in between."""

from __future__ import annotations

import math

from affect.contracts import Box, Face, FaceDetector, Frame
from affect.faces.boxes import overlaps, rectangles
from affect.faces.haar import SAME_PLACE
from affect.faces.track import SURE_SCORE, Tracker

SEARCH_EVERY_S = 1.0  # whole frames, while nobody is followed
NEWCOMERS_EVERY_S = 2.0  # whole frames, beside those who are followed


class FaceFinder:
    """Finds and follows faces. Frames must come in order of time."""

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self._tracker = Tracker()
        self._searched_s = -math.inf
        self._samples = 0

    def find(self, frame: Frame) -> tuple[Face, ...]:
        """The faces on the next frame."""
        self._samples += 1
        places = self._tracker.live(frame.time_s)
        # A hundredth of slack: samples of real videos do not fall on whole seconds exactly.
        pause_s = NEWCOMERS_EVERY_S if places else SEARCH_EVERY_S
        search = frame.time_s - self._searched_s >= pause_s - 0.01
        if search:
            self._searched_s = frame.time_s
            places += _elsewhere(self._detector.places(frame.gray), places)
        detections = self._detector.look(frame.gray, places)
        if search and not any(found.score >= SURE_SCORE for found in detections):
            places += _elsewhere(self._detector.rare_places(frame.gray), places)
            detections = self._detector.look(frame.gray, places)
        return self._tracker.update(frame, detections)

    def people(self) -> frozenset[int]:
        """Which tracks so far are people rather than noise."""
        return self._tracker.people(self._samples)


def _elsewhere(found: tuple[Box, ...], known: tuple[Box, ...]) -> tuple[Box, ...]:
    """The places found that are not known already."""
    if not found or not known:
        return found
    new = overlaps(rectangles(found), rectangles(known)).max(axis=1) < SAME_PLACE
    return tuple(box for box, is_new in zip(found, new, strict=True) if is_new)
