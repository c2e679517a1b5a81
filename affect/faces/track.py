"""Join detections into tracks, so that "person 1" stays one person.

Detections and live tracks are matched one to one by the least total cost (Kuhn 1955), where the
cost falls with overlap and with likeness. Two people on one frame are therefore never one track.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from affect.contracts import Box, Detection, Face, Frame
from affect.faces.boxes import overlaps, rectangles
from affect.faces.crop import crop

FORGET_S = 2.0  # a track unseen for longer, though it was looked for, has ended
SURE_SCORE = 22.0  # windows: a track whose best detection has fewer is no person
BEYOND_DOUBT = 35.0  # windows: a face even where it cannot be read; of false alarms 32 were seen
MIN_OVERLAP = 0.15  # below it only likeness can join
STILL_OVERLAP = 0.6  # of two boxes of one face that hardly moved
NEAR = 1.5  # how many face widths a like face may have moved
ALIKE = 0.6  # correlation of two crops from which they look alike


@dataclass
class _Track:
    """What is remembered of one track: where and how it was last seen."""

    number: int
    box: Box
    crop: NDArray[np.uint8]
    last_s: float
    seen: int
    best_score: float


class Tracker:
    """Follows faces from sample to sample. Frames must come in order of time."""

    def __init__(self) -> None:
        self._started = 0
        self._live: list[_Track] = []
        self._looked_s = -math.inf
        self._sure: dict[int, int] = {}  # how often each track that was sure once was seen

    def live(self, time_s: float) -> tuple[Box, ...]:
        """Where the tracks that have not ended were last seen."""
        self._forget(time_s)
        return tuple(track.box for track in self._live)

    def update(self, frame: Frame, detections: tuple[Detection, ...]) -> tuple[Face, ...]:
        """The frame's detections as faces, each with the number of its track."""
        crops = [crop(frame.gray, found.box, found.tilt) for found in detections]
        self._forget(frame.time_s)
        matched = _match(self._live, detections, crops)
        faces = []
        for index, (detection, pixels) in enumerate(zip(detections, crops, strict=True)):
            track = matched.get(index) or self._start(detection, pixels)
            track.box = _steadied(track.box, detection.box)
            track.crop = crop(frame.gray, track.box, detection.tilt)
            track.last_s = frame.time_s
            track.seen += 1
            track.best_score = max(track.best_score, detection.score)
            if track.best_score >= SURE_SCORE:
                self._sure[track.number] = track.seen
            faces.append(
                Face(
                    frame.index,
                    frame.time_s,
                    track.number,
                    track.box,
                    detection.score,
                    track.crop,
                )
            )
        self._looked_s = frame.time_s
        return tuple(faces)

    def people(self, samples: int) -> frozenset[int]:
        """The tracks that are people: seen twice (or in the only sample), and once for sure."""
        enough = min(2, samples)
        return frozenset(number for number, seen in self._sure.items() if seen >= enough)

    def _forget(self, time_s: float) -> None:
        # Looks may lie farther apart: who was there at the latest one has not been missed yet.
        self._live = [
            track
            for track in self._live
            if time_s - track.last_s <= FORGET_S or track.last_s == self._looked_s
        ]

    def _start(self, detection: Detection, pixels: NDArray[np.uint8]) -> _Track:
        track = _Track(self._started, detection.box, pixels, 0.0, 0, 0.0)
        self._started += 1
        self._live.append(track)
        return track


def _match(
    tracks: list[_Track], detections: tuple[Detection, ...], crops: list[NDArray[np.uint8]]
) -> dict[int, _Track]:
    """The track of each detection that has one, by the detection's position."""
    if not tracks or not detections:
        return {}
    places = rectangles([track.box for track in tracks])
    found = rectangles([detection.box for detection in detections])
    overlap = overlaps(places, found)
    alike = _likeness([track.crop for track in tracks], crops)
    width = np.sqrt(places[:, None, 2] * found[None, :, 2])
    distance = np.linalg.norm(_centres(places)[:, None] - _centres(found)[None], axis=2)
    possible = (overlap >= MIN_OVERLAP) | ((distance <= NEAR * width) & (alike >= ALIKE))
    cost = np.where(possible, 2 - overlap - np.clip(alike, 0, 1), 1e6)
    rows, columns = linear_sum_assignment(cost)
    return {
        int(column): tracks[row]
        for row, column in zip(rows, columns, strict=True)
        if possible[row, column]
    }


def _steadied(before: Box, now: Box) -> Box:
    """Halfway from the last box, unless the face moved: a detector's boxes tremble."""
    b, n = rectangles([before]), rectangles([now])
    if overlaps(b, n)[0, 0] < STILL_OVERLAP:
        return now
    return Box(*((b + n) / 2)[0])


def _centres(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(boxes[:, :2] + boxes[:, 2:] / 2)


def _likeness(a: list[NDArray[np.uint8]], b: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Correlation of each pair of crops, shape (len(a), len(b)), in [−1, 1]."""

    def standardised(crops: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
        flat = np.stack(crops).reshape(len(crops), -1).astype(np.float64)
        flat -= flat.mean(axis=1, keepdims=True)
        return np.asarray(flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9))

    return standardised(a) @ standardised(b).T
