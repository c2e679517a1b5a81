"""The report as a tidy table: one row a face."""

from __future__ import annotations

import csv
import io
from typing import Final

from affect.contracts import Moment, Reading, VideoReport
from affect.emotions import VIEWS

_PLACE: Final = ("frame", "time_s", "person", "x", "y", "width", "height", "detection_score")


def to_csv(report: VideoReport) -> str:
    """CSV (RFC 4180) with a header; what is absent is an empty cell, a smile is 1 or 0."""
    labels = VIEWS[report.options.view]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([*_PLACE, "emotion", *labels, "smile", "ssim"])
    for moment in report.moments:
        writer.writerows(_row(moment, face, labels) for face in moment.faces)
    return table.getvalue()


def _row(moment: Moment, face: Reading, labels: tuple[str, ...]) -> list[object]:
    box, scores = face.box, face.scores
    return [
        moment.index,
        f"{moment.time_s:.3f}",
        face.person,
        *(f"{side:.1f}" for side in (box.x, box.y, box.width, box.height)),
        f"{face.detection_score:.4f}",
        face.emotion,
        *(None if scores is None else f"{scores[label]:.4f}" for label in labels),
        int(face.smile) if face.readable else None,
        None if face.ssim is None else f"{face.ssim:.4f}",
    ]
