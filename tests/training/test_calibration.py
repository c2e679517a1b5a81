from __future__ import annotations

import numpy as np
import pytest

from affect.expression.model import calibrated
from affect.training.calibration import Restless, fit_doubt, fit_temperature, reliability


def test_error_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.45, 0.55]], np.float32)
    truth = np.array([0, 1, 1, 0])
    # Bins of 1/15: two answers at .9 (half right), one at .8 (right), one at .55 (wrong).
    expected = (2 * abs(0.5 - 0.9) + abs(1 - 0.8) + abs(0 - 0.55)) / 4
    assert reliability(probabilities, truth).error == pytest.approx(expected, abs=1e-6)


def test_bins_hold_every_answer_and_empty_ones_are_zero() -> None:
    sure = reliability(np.array([[1.0, 0.0], [0.5, 0.5]], np.float32), np.array([0, 0]), bins=4)
    assert sure.counts.tolist() == [0, 1, 0, 1]
    assert sure.confidence.tolist() == [0, 0.5, 0, 1]
    assert sure.accuracy.tolist() == [0, 1, 0, 1]


def drawn(probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What is true if each probability is honest."""
    passed = probabilities.cumsum(axis=1) < rng.random((len(probabilities), 1))
    return passed.sum(axis=1).clip(0, probabilities.shape[1] - 1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_fitted_temperature_undoes_a_known_one(temperature: float) -> None:
    rng = np.random.default_rng(2)
    honest = rng.dirichlet(np.ones(4), 20000).astype(np.float32)
    truth = drawn(honest, rng)
    wrong = calibrated(honest, 1 / temperature)
    assert fit_temperature(wrong, truth) == pytest.approx(temperature, rel=0.05)
    fitted = calibrated(wrong, fit_temperature(wrong, truth))
    assert reliability(fitted, truth).error < 0.02


def restless(count: int, doubt: float, seed: int, share: float = 1) -> Restless:
    """Answers that are right as often as they say once they are doubted so much."""
    rng = np.random.default_rng(seed)
    answers = rng.dirichlet(np.ones(4), count).astype(np.float32)
    unrest = rng.uniform(0, 1.5, count).astype(np.float32)
    truth = drawn(calibrated(answers, np.exp(doubt * unrest)[:, None]), rng)
    return Restless(share, answers, unrest, truth)


@pytest.mark.parametrize("doubt", [0.0, 0.5, 1.5])
def test_fitted_doubt_undoes_a_known_one(doubt: float) -> None:
    assert fit_doubt([restless(20000, doubt, 3)], 1) == pytest.approx(doubt, abs=0.1)


def test_groups_have_their_share_in_how_much_is_doubted_however_large_they_are() -> None:
    def fitted(few: float) -> float:
        return fit_doubt([restless(2000, 1.5, 4, few), restless(40000, 0.2, 5, 1 - few)], 1)

    assert fitted(0) == pytest.approx(0.2, abs=0.1)
    assert fitted(0) + 0.1 < fitted(0.2) < fitted(0.5) - 0.1
    assert fitted(1) == pytest.approx(1.5, abs=0.2)
