"""Whether "80 % sure" is right four times out of five, and the numbers that bring it near that."""

from __future__ import annotations

from collections.abc import Callable, Collection
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

    def brier(log_temperature: float) -> float:
        return _brier(calibrated(probabilities, float(np.exp(log_temperature))), truth)

    return float(np.exp(_lowest(brier, np.log(0.2), np.log(5.0))))


@dataclass(frozen=True, eq=False)
class Restless:
    """Faces of one kind that played no part in training, each looked at several times.

    Attributes:
        share: how much they count among all kinds, however many they are; all shares add up to 1.
        probabilities: what is answered to each, float32, shape (N, classes).
        unrest: mean deviation of what was said of each, at least 0, float32, shape (N,).
        truth: index of the right class, int64, shape (N,).
    """

    share: float
    probabilities: NDArray[np.float32]
    unrest: NDArray[np.float32]
    truth: NDArray[np.int64]


def fit_doubt(groups: Collection[Restless], temperature: float) -> float:
    """Find how much less sure to be where looks at a face do not agree, in [0, 5].

    Args:
        groups: what to fit it by.
        temperature: of faces that keep still.

    Returns:
        The doubt of the least Brier score where temperature · exp(doubt · unrest) is each face's
        temperature.
    """

    def brier(doubt: float) -> float:
        score = 0.0
        for group in groups:
            own = np.asarray(temperature * np.exp(doubt * group.unrest), np.float32)
            told = calibrated(group.probabilities, own[:, None])
            score += group.share * _brier(told, group.truth)
        return score

    return _lowest(brier, 0.0, 5.0)


def _brier(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    right = np.eye(probabilities.shape[1])[truth]
    return float(((probabilities - right) ** 2).sum(axis=1).mean())


def _lowest(score: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import minimize_scalar

    return float(minimize_scalar(score, bounds=(low, high), method="bounded").x)
