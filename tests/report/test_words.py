from __future__ import annotations

import numpy as np
import pytest

from affect.contracts import Box, Face
from affect.measures.posture import Stillness
from affect.report.words import (
    STILL_RATE,
    clock,
    likely,
    moment,
    mostly,
    no_posture,
    notes,
    percent,
    sentence,
    sentence_of_person,
    stretch,
    unbroken,
)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.001, "< 1 %"),
        (0.005, "< 1 %"),
        (0.0051, "1 %"),
        (0.625, "62 %"),
        (0.9949, "99 %"),
        (0.999, "> 99 %"),
        (1, "100 %"),
    ],
)
def test_percent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("time_s", "text"),
    [(0, "0:00"), (9.99, "0:09"), (61, "1:01"), (3599.9, "59:59"), (3600, "1:00:00")],
)
def test_clock(time_s, text):
    assert clock(time_s) == text


def test_units_stay_with_their_numbers():
    space = "\N{NO-BREAK SPACE}"
    assert unbroken("< 1 % of 500 MB") == f"<{space}1{space}% of 500{space}MB"


@pytest.mark.parametrize(
    ("time_s", "text"), [(0, "0:00.0"), (4.617, "0:04.6"), (3600, "1:00:00.0")]
)
def test_moment(time_s, text):
    assert moment(time_s) == text


@pytest.mark.parametrize(
    ("looks_s", "duration_s", "told"),
    [
        ((0.0, 2.8), None, ("0:00", "0:03")),
        ((0.0, 2.8), 9.0, ("0:00", "0:03")),
        ((0.0, 2.8), 2.9, ("0:00", "0:02")),
        ((4.2, 4.6), 9.0, ("0:04.2", "0:04.8")),
    ],
)
def test_somebody_is_gone_a_look_after_they_were_seen_last(looks_s, duration_s, told):
    assert stretch(looks_s, 5.0, duration_s) == told


@pytest.mark.parametrize(
    ("plot", "said"),
    [
        (
            ["happy"] * 62 + ["sad"] * 32 + [None] * 6,
            "Mostly happy: 66 % of the time a face could be read.",
        ),
        (["happy"] * 62 + ["sad"] * 35 + [None] * 3, "Mostly happy: 64 % of the time."),
        (
            ["surprise"] * 4 + ["sad"] * 3 + ["angry"] * 3,
            "Most often surprised: 40 % of the time.",
        ),
        (
            ["surprise", "sad"] * 5 + [None] * 10,
            "Equally often sad and surprised: each 50 % of the time a face could be read.",
        ),
        ([None] * 120, "No face was found in this video."),
        ([""] * 5, "Faces were seen, but none could be read."),
    ],
)
def test_sentence(make_report, plot, said):
    report = make_report([plot])
    assert sentence(report.summary, len(report.people)) == said


def test_of_several_people_faces_are_counted_and_not_time(make_report):
    report = make_report([["happy"] * 8, ["sad"] * 4 + [""] * 4])
    assert sentence(report.summary, len(report.people)) == (
        "Mostly happy: 67 % of the faces that could be read."
    )


@pytest.mark.parametrize(
    ("emotions", "readable", "said"),
    [
        (
            {"sad": 0.48, "happy": 0.3},
            1,
            "Person 2 looks sad most often: 48 % of the time they were seen.",
        ),
        (
            {"surprise": 0.5, "sad": 0.5},
            1,
            "Person 2 looks surprised and sad equally often: each 50 % of the time they were seen.",
        ),
        (
            {"happy": 1},
            0.5,
            "Person 2 looks happy most often: 100 % of the time their face could be read.",
        ),
        ({}, 0, "Person 2 was seen, but no face could be read."),
    ],
)
def test_sentence_of_a_person(emotions, readable, said):
    assert sentence_of_person(2, emotions, readable) == said


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((0.41, 0.61), "A longer video like it would likely show 41 % to 61 %."),
        (
            (0.031, 0.86),
            "The video is too short to be sure: a longer one like it may well show 3 % to 86 %.",
        ),
    ],
)
def test_where_the_smile_index_may_lie(interval, said):
    assert likely(interval) == said


@pytest.mark.parametrize("rate", [STILL_RATE - 0.01, STILL_RATE])
def test_too_few_looks_are_told_where_no_two_are_a_second_apart(rate):
    stillness, crop = Stillness(rate), np.zeros((48, 48), np.uint8)
    faces = [Face(i, i / rate, 0, Box(0, 0, 48, 48), 9.0, crop) for i in range(9)]
    likenesses = [stillness.compare(face) for face in faces]
    said = no_posture(rate)
    assert ("no two are one second apart" in said) == (likenesses == [None] * 9)
    assert ("not enough faces" in said) == (rate == STILL_RATE)


@pytest.mark.parametrize(
    ("emotions", "said"),
    [
        ({"happy": 0.66, "sad": 0.34}, "happy 66 %"),
        ({"happy": 0.5, "sad": 0.5}, "happy and sad, each 50 %"),
        (
            {"angry": 0.3, "happy": 0.3, "sad": 0.3, "neutral": 0.1},
            "angry, happy and sad, each 30 %",
        ),
    ],
)
def test_mostly_tells_ties_as_ties(emotions, said):
    assert mostly(emotions) == said


def test_a_plain_result_needs_no_note(make_report):
    summary = make_report([["happy"] * 50]).summary
    assert notes(summary, sizes=[60] * 50, people=1, partial=False, extent=(10, 10.2)) == ()


@pytest.mark.parametrize(
    ("partial", "said"),
    [
        (True, "Part of the video is damaged or missing; 0:07 of 0:14 could be seen."),
        (False, "The video lacks pictures for a while; 0:07 of 0:14 could be seen."),
    ],
)
def test_how_much_was_seen_is_noted(make_report, partial, said):
    summary = make_report([["happy"] * 50]).summary
    assert notes(summary, sizes=[60] * 50, people=1, partial=partial, extent=(7.2, 14.1)) == (said,)


@pytest.mark.parametrize(
    ("unseen", "said"), [(3, ("A face could be read in 94 % of the moments.",)), (2, ())]
)
def test_long_times_without_a_face_are_noted(make_report, unseen, said):
    summary = make_report([["happy"] * 47 + [None] * unseen]).summary
    assert notes(summary, sizes=[60] * 47, people=1, partial=False, extent=(10, 10)) == said


def test_every_reason_for_care_is_noted(make_report):
    summary = make_report([["happy"] * 3 + [""] * 2], sure=0.4).summary
    assert notes(summary, sizes=[60, 20, 23.9], people=2, partial=True, extent=(10, 10.2)) == (
        "Part of the video is damaged or missing; this is what could be seen.",
        "A face could be read in 60 % of the moments.",
        "The result rests on only 3 faces.",
        "The faces are very small, so more of them are misread.",
        "40 % of the faces could not be read.",
        "Take care: the program was often guessing.",
        "2 people were seen; the figures are over all of them.",
    )
