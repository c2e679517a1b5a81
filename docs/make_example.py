"""Make `static/example.mp4`: a public-domain face in motion, out of view for a moment.

The face is astronaut Eileen Collins, photographed by NASA, as `skimage.data.astronaut()` has it.
Run `python docs/make_example.py` in the checkout.
"""

from __future__ import annotations

import math
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

WIDTH, HEIGHT, RATE, SECONDS = 640, 480, 25, 7
FACE_CENTER = (222, 125)  # on the 512 × 512 photograph
AWAY_FROM, AWAY_UNTIL = 4.4, 5.6


def picture(photo: NDArray[np.uint8], time_s: float) -> NDArray[np.uint8]:
    """Show the photograph as a camera would that sways, turns a little and looks away once."""
    scale = 1.6 + 0.15 * math.cos(0.9 * time_s)
    angle = 4.0 * math.sin(1.3 * time_s)
    view = cv2.getRotationMatrix2D(FACE_CENTER, angle, scale)
    away = 1.0 / (1.0 + math.exp(-14 * (time_s - AWAY_FROM)))
    away -= 1.0 / (1.0 + math.exp(-14 * (time_s - AWAY_UNTIL)))
    view[0, 2] += WIDTH * (0.42 + 0.08 * math.sin(1.1 * time_s)) - FACE_CENTER[0]
    view[1, 2] += HEIGHT * (0.42 + 0.03 * math.cos(1.7 * time_s) - 0.6 * away) - FACE_CENTER[1]
    moved = cv2.warpAffine(
        photo, view, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT
    )
    return moved.astype(np.uint8)


def make(path: Path) -> None:
    """Write the clip as H.264 that every browser plays."""
    photo = data.astronaut()
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "29"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(RATE * SECONDS):
            frame = av.VideoFrame.from_ndarray(picture(photo, index / RATE), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


if __name__ == "__main__":
    make(Path(__file__).resolve().parent.parent / "static" / "example.mp4")
