"""The report as a JSON object; `docs/report.schema.json` describes it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from affect.contracts import Moment, Person, Posture, Reading, Summary, VideoReport

_PIXEL_DIGITS = 1
_TIME_DIGITS = 3
_SHARE_DIGITS = 6  # of an hour, one face still shows
_LOOK_DIGITS = 4


def to_json(report: VideoReport) -> dict[str, object]:
    """What `json.dumps` takes: absent and non-finite values are None, numbers are rounded."""
    return {
        "video": {
            "name": report.video.name,
            "duration_s": _number(report.video.duration_s, _TIME_DIGITS),
            "width": report.video.width,
            "height": report.video.height,
            "frame_rate": _number(report.video.frame_rate, _TIME_DIGITS),
            "sampled": report.sampled,
            "partial": report.partial,
        },
        "settings": {
            "rate": report.options.rate,
            "emotions": report.options.view,
            "head": report.options.head,
        },
        "summary": _summary(report.summary),
        "people": [_person(person) for person in report.people],
        "frames": [_moment(moment) for moment in report.moments],
        "model": {"name": report.model.name, "sha256": report.model.sha256},
    }


def _summary(summary: Summary) -> dict[str, object]:
    interval = summary.smile_interval
    return {
        "emotions": _shares(summary.emotions),
        "dominant": summary.dominant,
        "smile_index": _number(summary.smile_index),
        "smile_interval": None if interval is None else [_number(end) for end in interval],
        "smile_intensity": _number(summary.smile_intensity),
        "posture": _posture(summary.posture),
        "coverage": _number(summary.coverage),
        "unreadable": _number(summary.unreadable),
        "confidence": _number(summary.confidence),
    }


def _person(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "first_s": _number(person.first_s, _TIME_DIGITS),
        "last_s": _number(person.last_s, _TIME_DIGITS),
        "faces": person.faces,
        "emotions": _shares(person.emotions),
        "dominant": person.dominant,
        "smile_index": _number(person.smile_index),
        "posture": _posture(person.posture),
    }


def _moment(moment: Moment) -> dict[str, object]:
    return {
        "time_s": _number(moment.time_s, _TIME_DIGITS),
        "faces": [_face(face) for face in moment.faces],
    }


def _face(face: Reading) -> dict[str, object]:
    box = face.box
    return {
        "person": face.person,
        "box": [_number(side, _PIXEL_DIGITS) for side in (box.x, box.y, box.width, box.height)],
        "detection_score": _number(face.detection_score, _LOOK_DIGITS),
        "readable": face.readable,
        "emotion": face.emotion,
        "scores": None if face.scores is None else _shares(face.scores, _LOOK_DIGITS),
        "ssim": _number(face.ssim, _LOOK_DIGITS),
    }


def _posture(posture: Posture | None) -> dict[str, object] | None:
    if posture is None:
        return None
    return {"score": _number(posture.score, _LOOK_DIGITS), "label": posture.label}


def _shares(shares: Mapping[str, float], digits: int = _SHARE_DIGITS) -> dict[str, float | None]:
    return {label: _number(share, digits) for label, share in shares.items()}


def _number(value: float | None, digits: int = _SHARE_DIGITS) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0  # never −0.0
