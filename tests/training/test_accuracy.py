from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from affect.training.accuracy import Measures, measure, people_interval

LABELS = ("a", "b", "c")


def measured(truth: list[int], answers: list[int]) -> Measures:
    probabilities: NDArray[np.float32] = np.full((len(answers), 3), 0.1, np.float32)
    probabilities[np.arange(len(answers)), answers] = 0.8
    return measure(probabilities, np.array(truth), LABELS)


def test_figures_by_hand() -> None:
    measures = measured([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2])
    assert measures.n == 6
    assert measures.accuracy == pytest.approx(4 / 6)
    assert measures.confusion.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    a, b, c = (measures.per_class[label] for label in LABELS)
    assert (a.n, a.precision, a.recall, a.f1) == (3, 1.0, pytest.approx(2 / 3), pytest.approx(0.8))
    assert (b.n, b.precision, b.recall, b.f1) == (2, 0.5, 0.5, 0.5)
    assert (c.n, c.precision, c.recall, c.f1) == (1, 0.5, 1.0, pytest.approx(2 / 3))
    assert measures.macro_f1 == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    assert measures.reliability.error == pytest.approx(0.8 - 4 / 6, abs=1e-6)


def test_what_never_occurs_is_none_and_leaves_the_mean() -> None:
    measures = measured([0, 0], [0, 0])
    never = measures.per_class["c"]
    assert (never.n, never.precision, never.recall, never.f1) == (0, None, None, None)
    assert measures.macro_f1 == 1.0


def test_a_class_never_answered_has_no_precision_but_counts() -> None:
    measures = measured([0, 1], [0, 0])
    missed = measures.per_class["b"]
    assert (missed.precision, missed.recall, missed.f1) == (None, 0.0, 0.0)
    assert measures.macro_f1 == pytest.approx((2 / 3 + 0) / 2)


def test_interval_is_the_binomial_one() -> None:
    right = [0] * 700 + [1] * 300
    measures = measured([0] * 1000, right)
    half = 1.96 * np.sqrt(0.7 * 0.3 / 1000)
    assert measures.interval == pytest.approx((0.7 - half, 0.7 + half), abs=0.004)
    assert measures.macro_f1_interval[0] < measures.macro_f1 < measures.macro_f1_interval[1]


def test_intervals_are_the_same_each_time() -> None:
    truth, answers = [0, 1, 2] * 20, [0, 1, 1] * 20
    assert measured(truth, answers).interval == measured(truth, answers).interval


def test_what_one_person_does_counts_once() -> None:
    """Ten people who are always right or always wrong tell no more than ten answers."""
    shares = np.arange(10) < 6
    interval = people_interval(np.repeat(shares, 30), np.repeat(np.arange(10), 30).astype(str))
    known = stats.t.interval(0.95, 9, shares.mean(), stats.sem(shares))
    assert interval == pytest.approx(known)
    assert people_interval(np.ones(9, np.bool_), np.array(["ann", "bo", "cy"] * 3)) == (1.0, 1.0)


def test_the_truth_about_six_people_lies_in_it_as_often_as_it_says() -> None:
    rng, people = np.random.default_rng(0), np.repeat(np.arange(6), 24).astype(str)
    held = 0
    for _ in range(1000):
        able = np.clip(rng.normal(0.45, 0.15, 6), 0, 1)
        low, high = people_interval(rng.random(144) < np.repeat(able, 24), people)
        held += low <= 0.45 <= high
    assert 0.93 < held / 1000 < 0.97
