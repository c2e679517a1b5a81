"""How answers compare with the truth: accuracy, F1, confusion, calibration, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from affect.training.calibration import Reliability, reliability

_RESAMPLES: Final = 2000
_SEED: Final = 0

Interval = tuple[float, float]


@dataclass(frozen=True)
class ClassMeasures:
    """One class: `n` faces carry it; what is undefined (0/0) is None."""

    n: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, eq=False)
class Measures:
    """How n answers compare with the truth. All but `n` and the counts are fractions.

    Attributes:
        n: faces counted.
        accuracy: share of right answers.
        interval: 95 % interval of the accuracy.
        macro_f1: mean F1 of the classes that occur.
        macro_f1_interval: its 95 % interval.
        per_class: by label, in the order of the view.
        confusion: int64, shape (classes, classes): row the truth, column the answer.
        reliability: the answers by confidence; its `error` is the calibration error.
    """

    n: int
    accuracy: float
    interval: Interval
    macro_f1: float
    macro_f1_interval: Interval
    per_class: dict[str, ClassMeasures]
    confusion: NDArray[np.int64]
    reliability: Reliability


def measure(
    probabilities: NDArray[np.float32], truth: NDArray[np.int64], labels: tuple[str, ...]
) -> Measures:
    """Compare answers with the truth.

    Args:
        probabilities: float32, shape (N, classes), N at least 1; the largest is the answer.
        truth: index of the right class, shape (N,).
        labels: name of each class.
    """
    classes = len(labels)
    cells = np.bincount(truth * classes + probabilities.argmax(axis=1), minlength=classes**2)
    confusion = cells.reshape(classes, classes).astype(np.int64)
    # Drawing n faces with replacement is drawing n of the cells they fall in (Efron 1979).
    draws = np.random.default_rng(_SEED).multinomial(len(truth), cells / len(truth), _RESAMPLES)
    resampled = draws.reshape(-1, classes, classes)
    return Measures(
        n=len(truth),
        accuracy=float(_accuracy(confusion)),
        interval=_interval(_accuracy(resampled)),
        macro_f1=float(np.nanmean(_f1(confusion))),
        macro_f1_interval=_interval(np.nanmean(_f1(resampled), axis=-1)),
        per_class=_per_class(confusion, labels),
        confusion=confusion,
        reliability=reliability(probabilities, truth),
    )


def people_interval(right: NDArray[np.bool_], people: NDArray[np.str_]) -> Interval:
    """95 % interval of how much is right on average of what people like these do.

    What one person does is alike, so people count, not what each of them does: Student's t on the
    shares that are right of each. Drawing few of them with replacement would hold the truth too
    seldom (Cameron et al. 2008, "Bootstrap-based improvements for inference with clustered
    errors").

    Args:
        right: bool, shape (N,).
        people: whose each is, shape (N,); at least two, with about as much of each.
    """
    from scipy.special import stdtrit

    _, person = np.unique(people, return_inverse=True)
    shares = np.bincount(person, weights=right) / np.bincount(person)
    half = stdtrit(len(shares) - 1, 0.975) * shares.std(ddof=1) / np.sqrt(len(shares))
    return max(0.0, float(shares.mean() - half)), min(1.0, float(shares.mean() + half))


def _per_class(confusion: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, ClassMeasures]:
    hits = np.diagonal(confusion)
    carried, answered = confusion.sum(axis=1), confusion.sum(axis=0)
    columns = (_ratio(hits, answered), _ratio(hits, carried), _f1(confusion))
    return {
        label: ClassMeasures(
            int(carried[i]), *(None if np.isnan(c[i]) else float(c[i]) for c in columns)
        )
        for i, label in enumerate(labels)
    }


def _accuracy(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Measure one table or many: shape (..., classes, classes) to (...)."""
    return np.asarray(np.trace(confusion, axis1=-2, axis2=-1) / confusion.sum(axis=(-2, -1)))


def _f1(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Measure each class, NaN where it neither is nor is answered; drops the last axis."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _ratio(2 * hits, confusion.sum(axis=-1) + confusion.sum(axis=-2))


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    undefined = np.full(whole.shape, np.nan)
    return np.asarray(np.divide(part, whole, out=undefined, where=whole > 0))


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
