"""The report as files in a folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from affect.contracts import VideoReport
from affect.report.as_csv import to_csv
from affect.report.as_json import to_json
from affect.report.page import page
from affect.report.pie import pie
from affect.report.timeline import timeline

_OURS = re.compile(r"report\.(json|csv|html)|pie\.png|timeline\.png|person-\d+\.png")


def write(report: VideoReport, folder: Path) -> None:
    """Write every form of the report into an existing folder.

    `report.json`, `report.csv`, `report.html`, `person-<id>.png` for each person and, when a
    face could be read, `pie.png` and `timeline.png`.

    Raises:
        OSError: a file cannot be written.
    """
    pictures = {f"person-{person.id}": _thumbnail(person.thumbnail) for person in report.people}
    if report.summary.dominant is not None:
        pictures["pie"] = pie(report.summary.emotions)
        pictures["timeline"] = timeline(report)
    for name, png in pictures.items():
        (folder / f"{name}.png").write_bytes(png)
    texts = {
        "report.json": json.dumps(to_json(report), allow_nan=False, separators=(",", ":")) + "\n",
        "report.csv": to_csv(report),
        "report.html": page(report, pictures),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())


def is_results(folder: Path) -> bool:
    """Whether a folder holds a report and nothing that `write` does not write."""
    if not (folder / "report.json").is_file():
        return False
    return all(_OURS.fullmatch(entry.name) and entry.is_file() for entry in folder.iterdir())


def _thumbnail(face: NDArray[np.uint8]) -> bytes:
    import cv2  # a library of 60 MB, so not before it is needed

    return cv2.imencode(".png", face)[1].tobytes()
