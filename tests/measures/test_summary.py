from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affect.contracts import Box, Moment, Reading
from affect.emotions import VIEWS
from affect.measures import summarize, summarize_people
from affect.measures.summary import dominant, shares

Make = Callable[..., Reading]
Put = Callable[..., tuple[Moment, ...]]
THUMBNAIL = np.zeros((48, 48), np.uint8)


@given(st.lists(st.sampled_from([*VIEWS["five"], None]), max_size=60))
def test_shares_of_readable_faces_sum_to_one(labels: list[str | None]) -> None:
    faces = [
        Reading(1, Box(0, 0, 1, 1), 9, label is not None, label, None, None) for label in labels
    ]
    result = shares(faces, "five")
    if any(labels):
        assert sum(result.values()) == pytest.approx(1)
        assert list(result) == list(VIEWS["five"])
        assert result[dominant(result)] == max(result.values())
    else:
        assert result == {}


def test_whole_video(reading: Make, moments: Put) -> None:
    summary = summarize(
        moments(
            (reading("happy", ssim=0.9), reading("sad", person=2)),
            (),
            (reading("happy", ssim=0.7), reading(None, person=2)),
            (reading(None, person=2),),
        ),
        "five",
    )
    assert summary.emotions["happy"] == pytest.approx(2 / 3)
    assert summary.dominant == "happy"
    assert summary.smile_index == pytest.approx(2 / 3)
    assert summary.smile_intensity == pytest.approx((0.8 + 0.8 + 0.05) / 3)
    assert summary.posture is not None
    assert summary.posture.score == pytest.approx(0.8)
    assert summary.coverage == 0.5
    assert summary.unreadable == pytest.approx(2 / 5)
    assert summary.confidence == pytest.approx(0.8)


def test_nobody(moments: Put) -> None:
    summary = summarize(moments((), (), ()), "five")
    assert summary.emotions == {}
    assert summary.coverage == 0
    assert (summary.dominant, summary.smile_index, summary.smile_interval) == (None, None, None)
    assert (summary.posture, summary.unreadable, summary.confidence) == (None, None, None)


def test_only_unreadable_faces_are_no_coverage(reading: Make, moments: Put) -> None:
    summary = summarize(moments((reading(None),), (reading(None),)), "five")
    assert (summary.coverage, summary.unreadable, summary.emotions) == (0, 1, {})


def test_each_person_for_themselves(reading: Make, moments: Put) -> None:
    seen = moments(
        (reading("happy", ssim=0.9),),
        (reading("happy"), reading("angry", person=2, ssim=0.1)),
        (reading("sad", person=2),),
    )
    first, second = summarize_people(seen, "five", {2: THUMBNAIL, 1: THUMBNAIL})
    assert (first.id, first.first_s, first.last_s, first.faces) == (1, 0, 1, 2)
    assert (second.id, second.first_s, second.last_s, second.faces) == (2, 1, 2, 2)
    assert (first.smile_index, second.smile_index) == (1, 0)
    assert first.posture is not None and first.posture.label == "Good"
    assert second.posture is not None and second.posture.label == "Not good"


def test_posture_over_people_weighs_each_pair_the_same(reading: Make, moments: Put) -> None:
    seen = moments(
        (reading("happy", ssim=0.9), reading("sad", person=2, ssim=0.3)),
        (reading("happy", ssim=0.9),),
        (reading("happy", ssim=0.9),),
    )
    posture = summarize(seen, "five").posture
    assert posture is not None
    assert (posture.score, posture.pairs) == (pytest.approx(0.75), 4)
