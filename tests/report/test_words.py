from __future__ import annotations

import pytest

from affect.report.words import clock, moment, mostly, notes, percent, sentence, stretch


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
            "Mostly happy: 66 % of the faces, in 94 % of the moments.",
        ),
        (
            ["surprise"] * 4 + ["sad"] * 3 + ["angry"] * 3,
            "Most often surprised: 40 % of the faces, in 100 % of the moments.",
        ),
        (
            ["surprise", "sad"] * 5 + [None] * 10,
            "Equally often sad and surprised: each 50 % of the faces, in 50 % of the moments.",
        ),
        ([None] * 120, "No face was found in 120 looks."),
        ([None], "No face was found in 1 look."),
        ([""] * 5, "Faces were seen, but none could be read."),
    ],
)
def test_sentence(make_report, plot, said):
    report = make_report([plot])
    assert sentence(report.summary, report.sampled) == said


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


def test_every_reason_for_care_is_noted(make_report):
    summary = make_report([["happy"] * 3 + [""] * 2], sure=0.4).summary
    assert notes(summary, sizes=[60, 20, 23.9], people=2, partial=True, extent=(10, 10.2)) == (
        "Part of the video is damaged or missing; this is what could be seen.",
        "It rests on only 3 faces.",
        "The faces are small, below 24 pixels, and more often misread for that.",
        "40 % of the faces could not be read.",
        "The model was often unsure.",
        "2 people were seen; the figures are over all of them.",
    )
