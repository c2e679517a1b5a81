"""Time as it is drawn: its end, what a look stands for, and its ticks."""

from __future__ import annotations

import pytest

from affect.report import axis


@pytest.mark.parametrize(
    ("duration_s", "end_s"), [(12.0, 12.0), (None, 10.2), (0.0, 10.2), (10.0, 10.2), (3.0, 10.2)]
)
def test_it_ends_with_the_video_or_with_its_last_look(
    duration_s: float | None, end_s: float
) -> None:
    assert axis.end_s(10.0, duration_s, 5) == pytest.approx(end_s)


def test_a_look_stands_until_the_next_or_the_near_end() -> None:
    assert axis.held([0.0, 0.2, 0.41], 0.63, 5) == pytest.approx([0.2, 0.41, 0.63])


def test_a_video_of_few_pictures_has_no_gaps() -> None:
    assert axis.held([0.0, 0.5, 1.0], 1.5, 5) == pytest.approx([0.5, 1.0, 1.5])


def test_a_picture_a_minute_stands_for_that_minute() -> None:
    assert axis.held([0.0, 60.0, 120.0, 600.0], 630.0, 5) == pytest.approx([60, 120, 180, 630])


def test_what_is_missing_is_a_gap() -> None:
    assert axis.held([0.0, 0.2, 3.0], 9.0, 5) == pytest.approx([0.2, 0.4, 3.2])
    assert axis.held([0.0, 10.0, 20.0], 60.0, 0.1) == pytest.approx([10.0, 20.0, 30.0])


def test_no_looks_stand_for_nothing() -> None:
    assert axis.held([], 9.0, 5) == []


@pytest.mark.parametrize(
    ("length_s", "ticks"),
    [
        (0, []),
        (0.2, [0]),
        (5.05, [0, 1, 2, 3, 4]),  # a label at the very end would be cut off
        (27, [0, 5, 10, 15, 20, 25]),
        (7200, [0, 900, 1800, 2700, 3600, 4500, 5400, 6300]),
    ],
)
def test_ticks_are_few_and_round(length_s: float, ticks: list[int]) -> None:
    assert axis.ticks(length_s) == ticks


def test_what_was_seen_of_a_video_with_a_gap() -> None:
    assert axis.extent([0.0, 0.2, 3.0], 9.0, 5) == pytest.approx((0.6, 9.0))
    assert axis.extent([], None, 5) == pytest.approx((0.0, 0.2))
