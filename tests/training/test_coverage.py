from __future__ import annotations

import numpy as np
import pytest

from affect.pipeline import READABLE
from affect.training.coverage import THRESHOLDS, sweep

# Ten faces; the less readable, the more wrong.
READABILITY = np.array([0.01, 0.05, 0.15, 0.25, 0.6, 0.8, 0.92, 0.96, 0.98, 1.0], np.float32)
RIGHT = np.array([0, 0, 1, 0, 1, 0, 1, 1, 1, 1], bool)
EVERY = np.ones(10, bool)


def test_points_by_hand() -> None:
    found = {point.threshold: point for point in sweep(READABILITY, RIGHT, EVERY, EVERY).points}
    assert tuple(found) == THRESHOLDS
    assert (found[0.0].coverage, found[0.0].accuracy) == (1.0, pytest.approx(0.6))
    assert (found[0.5].coverage, found[0.5].accuracy) == (pytest.approx(0.6), pytest.approx(5 / 6))
    assert (found[0.99].coverage, found[0.99].accuracy) == (pytest.approx(0.1), 1.0)


def test_the_product_reads_from_its_own_threshold() -> None:
    coverage = sweep(READABILITY, RIGHT, EVERY, EVERY)
    assert coverage.product.threshold == READABLE
    assert coverage.product.coverage == pytest.approx((READABILITY >= READABLE).mean())


def test_the_curve_falls_from_every_face_to_the_most_readable() -> None:
    curve = sweep(READABILITY, RIGHT, EVERY, EVERY).curve
    coverages = [point.coverage for point in curve]
    assert coverages[0] == 1
    assert coverages == sorted(coverages, reverse=True)
    assert all(point.accuracy is not None for point in curve)
    assert curve[-1].accuracy == 1


def test_only_what_counts_is_measured_and_only_good_faces_are_dropped() -> None:
    counts, good = np.arange(10) >= 4, np.arange(10) >= 3
    coverage = sweep(READABILITY, RIGHT, counts, good)
    assert coverage.product.coverage == 1
    assert (coverage.good, coverage.good_dropped) == (7, pytest.approx(1 / 7))


def test_without_votes_nothing_is_said_of_good_faces() -> None:
    assert sweep(READABILITY, RIGHT, EVERY, ~EVERY).good_dropped is None


def test_where_no_face_is_read_nothing_is_right() -> None:
    coverage = sweep(np.zeros(3, np.float32), EVERY[:3], EVERY[:3], EVERY[:3])
    assert (coverage.product.coverage, coverage.product.accuracy) == (0, None)
    assert coverage.good_dropped == 1
