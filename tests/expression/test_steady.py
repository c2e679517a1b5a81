import numpy as np

from affect.expression import steady
from affect.expression.steady import WINDOW_S

A, B = (8.0, 1.0), (2.0, 5.0)
Rows = list[tuple[float, float]]


def joined(
    rows: Rows,
    times_s: list[float] | None = None,
    tracks: list[int] | None = None,
    readable: list[bool] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    n = len(rows)
    return steady(
        np.array(times_s if times_s is not None else [i / 5 for i in range(n)]),
        np.array(tracks if tracks is not None else [0] * n),
        np.array(readable if readable is not None else [True] * n),
        np.array(rows, np.float32),
    )


def test_what_all_moments_say_stays_and_does_not_spread() -> None:
    mean, spread = joined([A] * 9)
    np.testing.assert_allclose(mean, [A] * 9)
    np.testing.assert_array_equal(spread, 0)


def test_it_is_the_mean_and_the_deviation_of_each_window() -> None:
    rows = np.random.default_rng(1).normal(-5, 3, (40, 6)).astype(np.float32)
    times = np.cumsum(np.random.default_rng(2).uniform(0.1, 0.4, 40))
    mean, spread = steady(times, np.zeros(40, np.int64), np.ones(40, np.bool_), rows)
    for row, time in enumerate(times):
        window = rows[np.abs(times - time) <= WINDOW_S / 2]
        np.testing.assert_allclose(mean[row], window.mean(axis=0), atol=1e-4)
        np.testing.assert_allclose(spread[row], window.std(axis=0), atol=1e-4)
    assert mean.dtype == spread.dtype == np.float32


def test_moments_too_far_apart_do_not_meet() -> None:
    near, far = WINDOW_S / 2, WINDOW_S / 2 + 0.1
    np.testing.assert_allclose(joined([A, B], [0, near]), ([(5, 3)] * 2, [(3, 2)] * 2))
    np.testing.assert_allclose(joined([A, B], [0, far]), ([A, B], np.zeros((2, 2))))


def test_people_do_not_mix() -> None:
    np.testing.assert_allclose(joined([A, B] * 3, tracks=[0, 1] * 3)[0], [A, B] * 3)


def test_unreadable_faces_say_nothing_and_keep_their_own() -> None:
    mean, spread = joined([A, B, A], readable=[True, False, True])
    np.testing.assert_allclose(mean, [A, B, A])
    np.testing.assert_array_equal(spread, 0)


def test_one_look_is_its_own_mean_and_does_not_spread() -> None:
    mean, spread = joined([A])
    np.testing.assert_allclose(mean, [A])
    np.testing.assert_array_equal(spread, 0)


def test_no_face_is_nothing() -> None:
    none = np.empty(0)
    said = np.empty((0, 2), np.float32)
    mean, spread = steady(none, none.astype(int), none.astype(bool), said)
    assert mean.shape == spread.shape == (0, 2)
