"""Which faces the model declines to read, and how often it is right about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from affect.pipeline import READABLE

THRESHOLDS: Final = tuple(sorted({0.0, 0.1, 0.2, 0.5, 0.7, 0.9, 0.95, 0.99, READABLE}))
_CURVE: Final = np.linspace(0.0, 0.9, 91)  # shares of the faces that are declined


@dataclass(frozen=True)
class Point:
    """What one threshold of readability leaves.

    Attributes:
        threshold: faces are read from this readability on.
        coverage: share of the faces that are read.
        accuracy: share of right answers among them; None where none is left.
    """

    threshold: float
    coverage: float
    accuracy: float | None


@dataclass(frozen=True)
class Coverage:
    """Accuracy against coverage (El-Yaniv and Wiener 2010, "selective classification").

    Attributes:
        curve: from every face to the most readable tenth.
        points: at `THRESHOLDS`.
        good: how many faces of the split have a FER+ majority, whatever is evaluated.
        good_dropped: share of those that are below `READABLE`, so that the product would not
            read them; None without votes.
    """

    curve: tuple[Point, ...]
    points: tuple[Point, ...]
    good: int
    good_dropped: float | None

    @property
    def product(self) -> Point:
        """The point at `READABLE`, from which the product counts a face."""
        return next(point for point in self.points if point.threshold == READABLE)


def sweep(
    readability: NDArray[np.float32],
    right: NDArray[np.bool_],
    counts: NDArray[np.bool_],
    good: NDArray[np.bool_],
) -> Coverage:
    """Move the threshold of readability.

    Args:
        readability: of the N faces of a split, shape (N,), in [0, 1].
        right: which answers are right, shape (N,).
        counts: which faces are evaluated, at least one, shape (N,).
        good: which faces have a FER+ majority, shape (N,).
    """
    sure, hit = readability[counts].astype(np.float64), right[counts]

    def at(threshold: float) -> Point:
        read = sure >= threshold
        return Point(threshold, float(read.mean()), float(hit[read].mean()) if read.any() else None)

    return Coverage(
        curve=tuple(at(threshold) for threshold in np.quantile(sure, _CURVE).tolist()),
        points=tuple(at(threshold) for threshold in THRESHOLDS),
        good=int(good.sum()),
        good_dropped=float((readability[good] < READABLE).mean()) if good.any() else None,
    )
