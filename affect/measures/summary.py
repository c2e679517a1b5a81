"""From readings to what the video, and each person in it, showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from affect.contracts import Moment, Person, Reading, Summary
from affect.emotions import VIEWS
from affect.measures.posture import posture
from affect.measures.smile import smile_index, smile_interval


def shares(faces: Sequence[Reading], view: str) -> dict[str, float]:
    """Share of the readable faces with each emotion of the view; empty without one."""
    counts = Counter(face.emotion for face in faces if face.readable)
    total = counts.total()
    return {label: counts[label] / total for label in VIEWS[view]} if total else {}


def dominant(emotions: Mapping[str, float]) -> str | None:
    """The emotion with the largest share, the view's order deciding a tie; None without any."""
    return max(emotions, key=lambda label: emotions[label], default=None)


def summarize(moments: Sequence[Moment], view: str) -> Summary:
    """The whole video."""
    faces = [face for moment in moments for face in moment.faces]
    scores = [face.scores for face in faces if face.scores is not None]
    emotions = shares(faces, view)
    seen = sum(any(face.readable for face in moment.faces) for moment in moments)
    return Summary(
        emotions=emotions,
        dominant=dominant(emotions),
        smile_index=smile_index(faces),
        smile_interval=smile_interval(moments),
        smile_intensity=_mean([score["happy"] for score in scores]),
        posture=posture(face.ssim for face in faces) if emotions else None,
        coverage=seen / len(moments) if moments else 0.0,
        unreadable=_mean([not face.readable for face in faces]),
        confidence=_mean([max(score.values()) for score in scores]),
    )


def summarize_people(
    moments: Sequence[Moment], view: str, thumbnails: Mapping[int, NDArray[np.uint8]]
) -> tuple[Person, ...]:
    """Each person, by number; `thumbnails` holds a face of each, uint8 (48, 48)."""
    return tuple(
        _person(number, moments, view, thumbnails[number]) for number in sorted(thumbnails)
    )


def _person(
    number: int, moments: Sequence[Moment], view: str, thumbnail: NDArray[np.uint8]
) -> Person:
    seen = [
        (moment.time_s, face)
        for moment in moments
        for face in moment.faces
        if face.person == number
    ]
    faces = [face for _, face in seen]
    emotions = shares(faces, view)
    return Person(
        id=number,
        first_s=seen[0][0],
        last_s=seen[-1][0],
        faces=len(faces),
        emotions=emotions,
        dominant=dominant(emotions),
        smile_index=smile_index(faces),
        posture=posture(face.ssim for face in faces) if emotions else None,
        thumbnail=thumbnail,
    )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
