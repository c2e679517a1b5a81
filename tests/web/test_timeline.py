"""The timeline: cells where someone was seen, none where not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from affect.contracts import Reading, VideoReport
from affect.web.document import Document
from affect.web.timeline import MOST_CELLS, UNITS, ribbons, ticks

Report = Callable[..., VideoReport]
Read = Callable[..., Reading]
Written = Callable[[VideoReport], Document]


def test_two_people(found: VideoReport, document_of: Written) -> None:
    document = document_of(found)
    first, second = ribbons(document, document.people)
    assert (first.person.id, second.person.id) == (1, 2)
    assert first.cells[0].start_s == 0
    assert first.cells[-1].end_s == pytest.approx(27)
    assert first.cells[-1].x + first.cells[-1].width == UNITS
    # She was away from 11 s to 13 s.
    assert not [cell for cell in first.cells if 11 <= cell.start_s < 12.99]
    assert [(span.x, span.x + span.width) for span in first.seen] == [
        (0, round(UNITS * 11 / 27)),
        (round(UNITS * 13 / 27), UNITS),
    ]
    told = [(round(s.start_s), round(s.end_s), s.emotion) for s in first.stretches]
    assert told == [
        (0, 8, "happy"),
        (8, 11, "neutral"),
        (13, 16, "happy"),
        (16, 20, "surprise"),
        (20, 27, "happy"),
    ]
    told = [(round(s.start_s), round(s.end_s), s.emotion) for s in second.stretches]
    assert told == [(15, 16, None), (16, 27, "sad")]


def test_a_long_video_has_no_more_cells_than_can_be_seen(
    report_of: Report, reading_of: Read, document_of: Written
) -> None:
    found = report_of(lambda t: (reading_of(1, "happy" if t < 300 else "sad", 0.6),), seconds=600)
    document = document_of(found)
    (ribbon,) = ribbons(document, document.people)
    assert len(ribbon.cells) <= MOST_CELLS
    assert [s.emotion for s in ribbon.stretches] == ["happy", "sad"]
    assert ribbon.stretches[0].end_s == pytest.approx(300, abs=2)
    assert [(span.x, span.width) for span in ribbon.seen] == [(0, UNITS)]
    for cell in ribbon.cells:
        assert cell.confidence == max(cell.scores.values())
        assert sum(cell.scores.values()) == pytest.approx(1, abs=1e-3)


def test_no_cell_of_a_long_video_reaches_over_a_gap_or_beyond_who_is_there(
    report_of: Report, reading_of: Read, document_of: Written
) -> None:
    """From 301 s to 360 s there are no pictures; person 2 is there for a second."""

    def faces(time_s: float) -> tuple[Reading, ...]:
        brief = (reading_of(2, "sad"),) if 10 <= time_s < 11 else ()
        return (reading_of(1, "happy"), *brief)

    found = report_of(faces, seconds=600)
    kept = tuple(m for m in found.moments if not 301 <= m.time_s < 360)
    document = document_of(replace(found, moments=kept))
    first, second = ribbons(document, document.people)
    assert len(first.cells) <= MOST_CELLS
    told = [(s.start_s, s.end_s) for s in (*first.stretches, *second.stretches)]
    assert told == [
        (pytest.approx(0), pytest.approx(301)),
        (pytest.approx(360), pytest.approx(600)),
        (pytest.approx(10), pytest.approx(11)),
    ]


@pytest.mark.parametrize("length_s", [0.2, 1, 7, 27, 59, 61, 600, 3599, 7200])
def test_the_axis_has_few_round_times(length_s: float) -> None:
    marks = ticks(length_s)
    assert marks[0].time_s == 0
    assert len(marks) <= 9
    assert all(mark.time_s < length_s and 0 <= mark.x < 100 for mark in marks)
    assert all(float(mark.time_s).is_integer() for mark in marks)


def test_nothing_has_no_axis() -> None:
    assert ticks(0) == ()


@pytest.mark.parametrize(("duration_s", "end_s"), [(9.9, 9.9), (12.0, 10.0), (None, 10.0)])
def test_no_cell_reaches_beyond_the_video(
    duration_s: float | None,
    end_s: float,
    report_of: Report,
    reading_of: Read,
    document_of: Written,
) -> None:
    found = report_of(lambda _: (reading_of(1, "happy"),), seconds=10)
    found = replace(found, video=replace(found.video, duration_s=duration_s))
    document = document_of(found)
    (ribbon,) = ribbons(document, document.people)
    assert document.length_s == pytest.approx(duration_s or end_s)
    assert ribbon.cells[-1].end_s == pytest.approx(end_s)
