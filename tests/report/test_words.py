from __future__ import annotations

import pytest

from affect.report.words import clock, moment, notes, percent, sentence, until


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.001, "< 1 %"),
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


@pytest.mark.parametrize(
    ("time_s", "text"), [(0, "0:00.0"), (4.617, "0:04.6"), (3600, "1:00:00.0")]
)
def test_moment(time_s, text):
    assert moment(time_s) == text


@pytest.mark.parametrize(("duration_s", "text"), [(None, "0:03"), (9.0, "0:03"), (2.9, "0:02")])
def test_somebody_is_gone_a_look_after_they_were_seen_last(duration_s, text):
    assert until(2.8, 5.0, duration_s) == text


@pytest.mark.parametrize(
    ("plot", "said"),
    [
        (
            ["happy"] * 62 + ["sad"] * 32 + [None] * 6,
            "Mostly happy: 66 % of the faces, in 94 % of the moments.",
        ),
        (
            ["surprise"] * 4 + ["sad"] * 3 + ["angry"] * 3,
            "Most often surprised: 40 % of the faces, in 100 % of the moments.",
        ),
        ([None] * 120, "No face was found in 120 looks."),
        ([None], "No face was found in 1 look."),
        ([""] * 5, "Faces were seen, but none could be read."),
    ],
)
def test_sentence(make_report, plot, said):
    report = make_report([plot])
    assert sentence(report.summary, report.sampled) == said


def test_a_plain_result_needs_no_note(make_report):
    summary = make_report([["happy"] * 50]).summary
    assert notes(summary, readable=50, people=1, partial=False) == ()


def test_every_reason_for_care_is_noted(make_report):
    summary = make_report([["happy"] * 3 + [""] * 2], sure=0.4).summary
    assert notes(summary, readable=3, people=2, partial=True) == (
        "Part of the video is damaged or missing; this is what could be seen.",
        "It rests on only 3 faces.",
        "40 % of the faces could not be read.",
        "The model was often unsure.",
        "2 people were seen; the figures are over all of them.",
    )
