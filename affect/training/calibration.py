"""Whether "80 % sure" is right four times out of five, and the one number that makes it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from affect.expression.model import calibrated

BINS: Final = 15


@dataclass(frozen=True, eq=False)
class Reliability:
    """Answers sorted into equally wide bins by how sure they were.

    Attributes:
        counts: answers in each bin, int64, shape (bins,).
        confidence: mean probability of the answers in each bin, float64, shape (bins,); 0 where
            the bin is empty.
        accuracy: share of them that are right, float64, shape (bins,); 0 where it is empty.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """Expected calibration error (Naeini et al. 2015): mean |accuracy − confidence|."""
        gaps = np.abs(self.accuracy - self.confidence)
        return float((self.counts * gaps).sum() / max(self.counts.sum(), 1))


def reliability(
    probabilities: NDArray[np.float32], truth: NDArray[np.int64], bins: int = BINS
) -> Reliability:
    """Sort answers by confidence.

    Args:
        probabilities: shape (N, classes), rows summing to 1.
        truth: index of the right class, shape (N,).
        bins: number of bins of equal width over (0, 1].
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = (probabilities.argmax(axis=1) == truth).astype(np.float64)
    place = np.clip(np.ceil(confidence * bins).astype(np.intp) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    shared = np.maximum(counts, 1)
    return Reliability(
        counts.astype(np.int64),
        np.bincount(place, confidence, bins) / shared,
        np.bincount(place, right, bins) / shared,
    )


def fit_temperature(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Find the temperature (Guo et al. 2017) of the least Brier score (Brier 1950), in [0.2, 5].

    The likelihood, which is usual, is swayed by single labels that are wrong: FER2013 has many.

    Args:
        probabilities: shape (N, classes), of faces that played no part in training.
        truth: index of the right class, shape (N,).
    """
    from scipy.optimize import minimize_scalar

    right = np.eye(probabilities.shape[1])[truth]

    def brier(log_temperature: float) -> float:
        tempered = calibrated(probabilities, float(np.exp(log_temperature)))
        return float(((tempered - right) ** 2).sum(axis=1).mean())

    found = minimize_scalar(brier, bounds=(np.log(0.2), np.log(5.0)), method="bounded")
    return float(np.exp(found.x))
