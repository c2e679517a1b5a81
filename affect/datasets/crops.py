"""Which faces come from a photograph that other faces come from, too, cropped otherwise.

A search engine finds the same photograph on several pages, and FER2013 keeps each find: moved by
some pixels, a little larger or smaller, with another watermark, now and then mirrored, and
labelled each time anew. No two such pictures are equal, so they are told by how they correlate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from affect.datasets.fer2013 import SIZE, FaceSet

# Normalised correlation, at most 1. Looked at in pairs of PublicTest and Training: from here on
# nearly all are one photograph, just below it about half.
SAME: Final = 0.92
_EDGE: Final = 4  # pixels left out at each side, so that the rest may be found elsewhere
_CELLS: Final = 8  # by so many a side pictures are compared at first
_CANDIDATES: Final = 10  # that are then compared by every pixel
_SCALES: Final = (0.93, 1.0, 1.07)
_ROWS: Final = 512  # compared at a time, which bounds memory


def counterparts(faces: FaceSet, others: FaceSet) -> NDArray[np.intp]:
    """For each face the row in `others` that shows the same photograph, −1 without one; (N,).

    An exact copy counts. Else the middle of a face, in three sizes, as it is and mirrored, is
    sought by normalised correlation in those of the others that look most like it when both are
    seen coarsely. Some are missed: of a photograph that was turned, or cut out much closer, this
    knows nothing.
    """
    rows = {image.tobytes(): row for row, image in enumerate(others.images)}
    found = np.array([rows.get(image.tobytes(), -1) for image in faces.images], dtype=np.intp)
    if not len(others):
        return found
    known = _coarse(others.images)
    for images in (faces.images, faces.images[:, :, ::-1]):
        for start in range(0, len(images), _ROWS):
            alike = _coarse(images[start : start + _ROWS]) @ known.T
            most = min(_CANDIDATES, len(others))
            nearest = np.argpartition(-alike, most - 1, axis=1)[:, :most]
            for row, candidates in enumerate(nearest, start=start):
                if found[row] < 0:
                    found[row] = _most_like(images[row], others.images, candidates)
    return found


def strangers(faces: FaceSet, others: FaceSet) -> FaceSet:
    """The faces whose photographs the others do not show."""
    return faces.take(counterparts(faces, others) < 0)


def _coarse(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The middle of each by few cells, as a vector of mean 0 and length 1: (N, cells)."""
    middle = images[:, _EDGE:-_EDGE, _EDGE:-_EDGE].astype(np.float32)
    side = (SIZE - 2 * _EDGE) // _CELLS
    cells = (
        middle.reshape(-1, _CELLS, side, _CELLS, side).mean(axis=(2, 4)).reshape(len(images), -1)
    )
    cells -= cells.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(cells, axis=1, keepdims=True)
    return np.asarray(cells / np.maximum(lengths, 1e-3), np.float32)


def _most_like(
    image: NDArray[np.uint8], others: NDArray[np.uint8], candidates: NDArray[np.intp]
) -> int:
    """The candidate, a row of the others, that shows the same photograph; −1 if none does."""
    import cv2

    if image[_EDGE:-_EDGE, _EDGE:-_EDGE].std() < 1:
        return -1  # what shows nothing correlates with everything
    likeness, row = max(
        (float(cv2.matchTemplate(others[row], middle, cv2.TM_CCOEFF_NORMED).max()), int(row))
        for middle in _middles(image)
        for row in candidates
    )
    return row if likeness >= SAME else -1


def _middles(image: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The middle of a face in each of the scales, uint8 (40, 40)."""
    import cv2

    centre = ((SIZE - 1) / 2, (SIZE - 1) / 2)
    for scale in _SCALES:
        matrix = cv2.getRotationMatrix2D(centre, 0, scale)
        scaled = cv2.warpAffine(image, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(scaled[_EDGE:-_EDGE, _EDGE:-_EDGE], np.uint8)
