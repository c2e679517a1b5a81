"""What the result page says in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from affect.contracts import Box, Reading, VideoReport
from affect.errors import ResultNotFound
from affect.report.words import sentence
from affect.web import result
from affect.web.document import Document

Report = Callable[..., VideoReport]
Read = Callable[..., Reading]
Written = Callable[[VideoReport], Document]


def plain(words: str) -> str:
    return words.replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_and_the_report_to_send_say_the_same(
    found: VideoReport, report_of: Report, reading_of: Read, document_of: Written
) -> None:
    for each in (
        found,
        report_of(lambda _: (), seconds=3),
        report_of(lambda _: (reading_of(1, None),), seconds=3),
        report_of(lambda _: (reading_of(1, "sad"),), seconds=3),
    ):
        assert plain(result.of(document_of(each), None).sentence) == sentence(
            each.summary, len(each.people)
        )


def test_an_emotion_is_said_of_people_as_a_quality(
    report_of: Report, reading_of: Read, document_of: Written
) -> None:
    document = document_of(report_of(lambda _: (reading_of(1, "surprise"),), seconds=3))
    assert result.of(document, None).sentence.startswith("Mostly surprised: ")


def test_notes_tell_why_to_take_care(
    report_of: Report, reading_of: Read, document_of: Written
) -> None:
    def faces(time_s: float) -> tuple[Reading, ...]:
        return (reading_of(1, "sad" if time_s < 0.5 else None, 0.4),)

    document = document_of(report_of(faces, seconds=2, partial=True))
    notes = [plain(note) for note in result.of(document, None).notes]
    assert notes == [
        "Part of the video is damaged or missing; this is what could be seen.",
        "A face could be read in 30 % of the moments.",
        "The result rests on only 3 faces.",
        "70 % of the faces could not be read.",
        "Take care: the program was often guessing.",
    ]


@pytest.mark.parametrize(("side", "noted"), [(23, True), (24, False)])
def test_small_faces_are_noted(
    report_of: Report, reading_of: Read, document_of: Written, side: float, noted: bool
) -> None:
    face = replace(reading_of(1, "sad"), box=Box(5, 5, side, side - 2))
    notes = result.of(document_of(report_of(lambda _: (face,), seconds=5)), None).notes
    assert any("very small" in note for note in notes) == noted


def test_a_plain_result_has_no_notes(
    report_of: Report, reading_of: Read, document_of: Written
) -> None:
    document = document_of(report_of(lambda _: (reading_of(1, "sad"),), seconds=5))
    assert result.of(document, None).notes == ()


def test_one_person(found: VideoReport, document_of: Written) -> None:
    shown = result.of(document_of(found), 2)
    assert shown.figures == shown.document.people[1]
    assert len(shown.ribbons) == 1
    assert shown.slices[0].emotion == "sad"
    with pytest.raises(ResultNotFound):
        result.of(document_of(found), 3)


def test_a_crowd_has_a_dozen_ribbons(
    report_of: Report, reading_of: Read, document_of: Written
) -> None:
    crowd = report_of(lambda _: tuple(reading_of(n, "happy") for n in range(1, 16)), seconds=2)
    shown = result.of(document_of(crowd), None)
    assert (len(shown.ribbons), shown.more_people) == (12, 3)


def test_the_headline_of_a_person_is_of_the_time_a_face_could_be_read(
    report_of: Report, reading_of: Read, document_of: Written
) -> None:
    def faces(time_s: float) -> tuple[Reading, ...]:
        return (reading_of(1, "happy" if time_s < 1 else None),)

    document = document_of(report_of(faces, seconds=2))
    assert document.people[0].faces == 10
    assert plain(result.of(document, 1).sentence) == (
        "Person 1 looks happy most often: 100 % of the time their face could be read."
    )
