"""Whether memory stays flat over a long video."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from meters import forget_highest, highest_mb, rss_mb
from skimage import data

from affect import pipeline
from affect.contracts import ExpressionModel, Progress


@dataclass(frozen=True)
class LongVideo:
    """Memory in MB over a long video, a tenth of the way in and at its highest."""

    minutes: float
    seconds: float
    early_mb: float
    peak_mb: float
    faces: int


def write(path: Path, minutes: float) -> None:
    """A face that wanders over a gray picture: 640×360, 10 frames a second."""
    face = data.astronaut()[0:256, 96:352]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for i in range(int(minutes * 60 * 10)):
            picture = np.full((360, 640, 3), 127, np.uint8)
            x, y = int(192 + 180 * np.sin(i / 40)), int(52 + 50 * np.sin(i / 23))
            picture[y : y + 256, x : x + 256] = face
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def measure(model: ExpressionModel, minutes: float) -> LongVideo:
    """Analyse a generated video at five looks a second and watch the memory."""
    early = 0.0

    def watch(progress: Progress) -> None:
        nonlocal early
        if progress.done_s <= minutes * 6:
            early = max(early, rss_mb())

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.mp4"
        write(path, minutes)
        forget_highest()
        start = time.perf_counter()
        report = pipeline.analyze(path, rate=5, model=model, on_progress=watch)
        seconds = time.perf_counter() - start
        peak = highest_mb()
    faces = sum(len(moment.faces) for moment in report.moments)
    return LongVideo(minutes, seconds, early, peak, faces)
