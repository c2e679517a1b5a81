"""How much boxes overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from affect.contracts import Box

Rectangles = NDArray[np.float64]  # (N, 4): x, y, width, height


def rectangles(boxes: Sequence[Box]) -> Rectangles:
    """Boxes as an array, float64 (N, 4)."""
    rows = [(box.x, box.y, box.width, box.height) for box in boxes]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def overlaps(a: Rectangles, b: Rectangles) -> NDArray[np.float64]:
    """Intersection over union of each pair, shape (len(a), len(b)), in [0, 1]."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum((a[:, :2] + a[:, 2:])[:, None], (b[:, :2] + b[:, 2:])[None])
    shared = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    union = a[:, None, 2:].prod(axis=2) + b[None, :, 2:].prod(axis=2) - shared
    return np.asarray(shared / union, dtype=np.float64)
