import numpy as np
import pytest

from affect.expression import steady
from affect.expression.steady import WINDOW_S

A, B = (0.8, 0.1, 0.1), (0.1, 0.8, 0.1)


def joined(
    rows: list[tuple[float, float, float]],
    times_s: list[float] | None = None,
    tracks: list[int] | None = None,
    readable: list[bool] | None = None,
) -> np.ndarray:
    n = len(rows)
    return steady(
        np.array(times_s if times_s is not None else [i / 5 for i in range(n)]),
        np.array(tracks if tracks is not None else [0] * n),
        np.array(readable if readable is not None else [True] * n),
        np.array(rows, np.float32),
    )


def test_what_all_moments_say_stays() -> None:
    np.testing.assert_allclose(joined([A] * 9), np.array([A] * 9), atol=1e-6)


def test_one_odd_moment_gives_way_to_its_neighbours() -> None:
    assert joined([A] * 4 + [B] + [A] * 4).argmax(axis=1).tolist() == [0] * 9


def test_it_is_the_geometric_mean() -> None:
    first, second = (0.5, 0.3, 0.2), (0.1, 0.6, 0.3)
    mean = np.sqrt(np.array(first) * np.array(second))
    np.testing.assert_allclose(joined([first, second]), [mean / mean.sum()] * 2, atol=1e-6)


def test_moments_too_far_apart_do_not_meet() -> None:
    near, far = WINDOW_S / 2, WINDOW_S / 2 + 0.1
    assert not np.allclose(joined([A, B], [0, near])[0], A, atol=1e-3)
    np.testing.assert_allclose(joined([A, B], [0, far]), [A, B], atol=1e-6)


def test_people_do_not_mix() -> None:
    np.testing.assert_allclose(joined([A, B] * 3, tracks=[0, 1] * 3), [A, B] * 3, atol=1e-6)


def test_unreadable_faces_say_nothing_and_keep_their_own() -> None:
    result = joined([A, B, A], readable=[True, False, True])
    np.testing.assert_allclose(result, [A, B, A], atol=1e-6)


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(count: int) -> None:
    result = steady(
        np.zeros(count),
        np.zeros(count, int),
        np.ones(count, bool),
        np.full((count, 3), 1 / 3, "f4"),
    )
    assert result.shape == (count, 3)
