"""The four functions this program began with, over the package that replaced them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from math import floor
from pathlib import Path
from time import monotonic
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from affect import faces, media, report
from affect.contracts import AnalysisOptions, Limits
from affect.emotions import VIEWS, restrict
from affect.errors import CameraError, SettingsError, UnreadableMedia
from affect.pipeline import READABLE, load_model

Gray = NDArray[np.uint8]
Pixels = NDArray[np.float32]

_VIEW = AnalysisOptions().view


def pred(image: str | Path | NDArray[Any]) -> tuple[str, Pixels] | tuple[int, int]:
    """The emotion of the largest face in a picture.

    Args:
        image: a picture file, or pixels, uint8 or float in [0, 1]: gray (H, W) or, as OpenCV has
            them, BGR (H, W, 3).

    Returns:
        (label, face), the face float32 (1, 48, 48, 1) in [0, 1]; (0, 0) without one.

    Raises:
        UnreadableMedia: the file or the array is no picture.
    """
    gray = _gray(image) if isinstance(image, np.ndarray) else _read(Path(image))
    found = [face for face in faces.HaarDetector().detect(gray) if face.score >= faces.SURE_SCORE]
    found.sort(key=lambda face: face.box.area, reverse=True)
    if not found:
        return 0, 0
    crops = np.stack([faces.crop(gray, face.box, face.tilt) for face in found])
    scores = load_model("ferplus").score(crops)  # of photographs right most often
    for crop, probabilities, readability in zip(
        crops, restrict(scores.probabilities, _VIEW), scores.readability, strict=True
    ):
        if readability >= READABLE:
            label = VIEWS[_VIEW][int(probabilities.argmax())]
            return label, (crop / np.float32(255)).reshape(1, 48, 48, 1)
    return 0, 0


def vidframe(path: str | Path | int, seconds: float = 10) -> tuple[list[str], list[Pixels]]:
    """The emotion of the largest face of each second, in order; faceless seconds are left out.

    Args:
        path: a video file, or the number of a camera of this computer.
        seconds: how long to watch a camera.

    Returns:
        (emotions, faces), each face as `pred` returns it.

    Raises:
        MediaError: the video cannot be analysed.
        CameraError: there is no such camera.
    """
    pictures = _watch(path, seconds) if isinstance(path, int) else _open(Path(path))
    results = [pred(picture) for picture in pictures]
    shown = [(label, face) for label, face in results if isinstance(label, str)]
    return [label for label, _ in shown], [np.asarray(face) for _, face in shown]


def ssimscore1(face_a: NDArray[np.floating], face_b: NDArray[np.floating]) -> float:
    """SSIM of two faces as `pred` returns them, values in [0, 1]; a float in [−1, 1]."""
    from skimage.metrics import structural_similarity

    a, b = (np.asarray(face, np.float64).reshape(48, 48) for face in (face_a, face_b))
    return float(structural_similarity(a, b, data_range=1.0))


def removeout(folder: str | Path) -> None:
    """Remove a folder of results this program wrote, and no other.

    Raises:
        SettingsError: the folder holds anything else.
    """
    if not report.is_results(Path(folder)):
        raise SettingsError(
            f"{folder} is not a folder of results, so it stays.",
            "Name a folder that an analysis wrote.",
        )
    shutil.rmtree(folder)


def _gray(pixels: NDArray[Any]) -> Gray:
    """Gray of gray, one-channel or BGR pixels; floats are taken to lie in [0, 1]."""
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if np.issubdtype(pixels.dtype, np.floating):
        pixels = np.clip(np.round(pixels * 255), 0, 255).astype(np.uint8)
    is_picture = pixels.ndim == 2 or pixels.shape[2:] == (3,)
    if pixels.dtype != np.uint8 or not is_picture or not pixels.size:
        raise UnreadableMedia(
            f"A picture cannot be {pixels.dtype} of shape {pixels.shape}.",
            "Pass gray (H, W) or BGR (H, W, 3), uint8 or float in [0, 1].",
        )
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    return np.asarray(pixels, np.uint8)


def _read(path: Path) -> Gray:
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise UnreadableMedia(
            f"{path.name} is not a picture that can be opened.", "Pass a file such as JPEG or PNG."
        )
    return np.asarray(pixels, np.uint8)


def _open(path: Path) -> Iterator[Gray]:
    with media.open_video(path, Limits()) as video:
        for frame in video.sample(1.0):
            yield frame.gray


def _watch(camera: int, seconds: float) -> Iterator[Gray]:
    """One picture a second from a local camera."""
    capture = cv2.VideoCapture(camera)
    try:
        if not capture.isOpened():
            raise CameraError(f"There is no camera number {camera} on this computer.")
        start = monotonic()
        wanted = 0.0
        while (now := monotonic() - start) < seconds:
            alive, picture = capture.read()
            if not alive:
                raise CameraError(f"Camera number {camera} gives no picture.")
            if now >= wanted:
                wanted = floor(now) + 1.0
                yield np.asarray(picture, np.uint8)
    finally:
        capture.release()
