"""Make a clean face look as faces in videos do: moved, turned, blurred, compressed, half lit."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


def augment(image: NDArray[np.uint8], rng: np.random.Generator) -> Image:
    """One random variant of a face.

    Args:
        image: uint8, shape (48, 48).
        rng: the source of chance; the same state gives the same variant.

    Returns:
        float32, shape (48, 48), in [0, 1].
    """
    if rng.random() < 0.15:
        image = _compressed(image, rng)
    face = _moved(image.astype(np.float32) / np.float32(255), rng, turn=15, scale=0.2, shift=5)
    if rng.random() < 0.2:
        face = _coarse(face, rng)
    face = _relit(face, rng)
    if rng.random() < 0.4:
        _erase(face, rng)
    return np.clip(face, 0, 1)


def touch_up(image: NDArray[np.uint8], rng: np.random.Generator) -> Image:
    """A variant for the last epochs, most of them close to the face itself; as `augment`.

    Three of four faces are only mirrored and moved a little: what the network is asked for in
    the end is faces as they are, which strong changes keep it from fitting well.
    """
    if rng.random() < 0.25:
        return augment(image, rng)
    face = image.astype(np.float32) / np.float32(255)
    return np.clip(_moved(face, rng, turn=6, scale=0.07, shift=2), 0, 1)


def _compressed(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    quality = int(rng.integers(15, 60))
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _moved(face: Image, rng: np.random.Generator, turn: float, scale: float, shift: float) -> Image:
    """Mirror, turn by at most so many degrees, scale by such a share, shift by such pixels."""
    size = face.shape[0]
    centre = (size - 1) / 2
    matrix = cv2.getRotationMatrix2D(
        (centre, centre), rng.uniform(-turn, turn), float(np.exp(rng.uniform(-scale, scale)))
    )
    matrix[:, 2] = matrix[:, 2] + rng.uniform(-shift, shift, 2)
    if rng.random() < 0.5:
        face = face[:, ::-1]
    moved = cv2.warpAffine(
        np.ascontiguousarray(face),
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, dtype=np.float32)


def _coarse(face: Image, rng: np.random.Generator) -> Image:
    """Make it a face that was small, or out of focus."""
    if rng.random() < 0.5:
        small = int(rng.integers(18, 40))
        shrunk = cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(shrunk, face.shape[::-1]), dtype=np.float32)
    blurred = cv2.GaussianBlur(face, (0, 0), rng.uniform(0.4, 1.4))
    return np.asarray(blurred, dtype=np.float32)


def _relit(face: Image, rng: np.random.Generator) -> Image:
    """Brightness, contrast, gamma; now and then light from one side."""
    face = np.clip(face, 0, 1) ** float(np.exp(rng.uniform(-0.35, 0.35)))
    face = (face - 0.5) * rng.uniform(0.7, 1.3) + 0.5 + rng.uniform(-0.15, 0.15)
    if rng.random() < 0.25:
        angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.7)
        y, x = np.mgrid[-1 : 1 : face.shape[0] * 1j, -1 : 1 : face.shape[1] * 1j]
        face = face * (1 + strength * (x * np.cos(angle) + y * np.sin(angle)) / 1.5)
    return np.asarray(face, dtype=np.float32)


def _erase(face: Image, rng: np.random.Generator) -> None:
    """Put one gray rectangle on it, as a hand or hair would be (Zhong et al. 2020), in place."""
    height, width = rng.integers(6, 22, 2)
    top = rng.integers(0, face.shape[0] - height)
    left = rng.integers(0, face.shape[1] - width)
    face[top : top + height, left : left + width] = rng.random()
