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

from affect.datasets.fer2013 import SIZE, FaceSet, copies_of

# Looked at in pairs of PublicTest and Training: from here on nearly all are one photograph, just
# below it about half.
SAME: Final = 0.92
_EDGE: Final = 4  # pixels left out at each side, so that the rest may be found elsewhere
_CELLS: Final = 8  # by so many a side pictures are compared at first
_CANDIDATES: Final = 10  # that are then compared by every pixel
_SCALES: Final = (0.93, 1.0, 1.07)
_ROWS: Final = 512  # compared at a time, which bounds memory


def also_in(faces: FaceSet, others: FaceSet) -> NDArray[np.bool_]:
    """Which faces show a photograph that one of the others shows, copies included; bool (N,).

    The middle of a face, in three sizes, as it is and mirrored, is sought by normalised
    correlation in those of the others that look most like it when both are seen coarsely.
    Some are missed: of a photograph that was turned, or cut out much closer, it knows nothing.
    """
    found = copies_of(faces, others)
    if not len(others):
        return found
    known = _coarse(others.images)
    for images in (faces.images, faces.images[:, :, ::-1]):
        for start in range(0, len(images), _ROWS):
            alike = _coarse(images[start : start + _ROWS]) @ known.T
            most = min(_CANDIDATES, len(others))
            nearest = np.argpartition(-alike, most - 1, axis=1)[:, :most]
            for row, candidates in enumerate(nearest, start=start):
                if not found[row]:
                    found[row] = _shown(images[row], others.images[candidates])
    return found


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


def _shown(image: NDArray[np.uint8], candidates: NDArray[np.uint8]) -> bool:
    """Whether one of the candidates, uint8 (C, 48, 48), shows the same photograph."""
    import cv2

    if image.std() < 1:
        return False  # what shows nothing correlates with everything
    return any(
        cv2.matchTemplate(candidate, middle, cv2.TM_CCOEFF_NORMED).max() >= SAME
        for middle in _middles(image)
        for candidate in candidates
    )


def _middles(image: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    import cv2

    centre = ((SIZE - 1) / 2, (SIZE - 1) / 2)
    for scale in _SCALES:
        matrix = cv2.getRotationMatrix2D(centre, 0, scale)
        scaled = cv2.warpAffine(image, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(scaled[_EDGE:-_EDGE, _EDGE:-_EDGE], np.uint8)
