"""The result page: what the report says, chosen and worded for one look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from affect.errors import JobNotFound
from affect.report.words import FEW_FACES, MANY_UNREADABLE, UNSURE
from affect.web.document import Document, Figures, Person
from affect.web.pie import Slice, slices
from affect.web.timeline import Ribbon, Tick, ribbons, ticks
from affect.web.words import adjective, percent

# More ribbons than this are more than anyone reads; the people's list has them all.
_MOST_RIBBONS = 12


@dataclass(frozen=True)
class Result:
    """What the template shows.

    Attributes:
        document: the report.
        chosen: the one person the page is narrowed to, None for everyone.
        figures: theirs, or the whole video's.
        sentence: the result in one sentence.
        notes: reasons to take it with care.
    """

    document: Document
    chosen: Person | None
    figures: Figures
    sentence: str
    notes: tuple[str, ...]
    slices: tuple[Slice, ...]
    ribbons: tuple[Ribbon, ...]
    ticks: tuple[Tick, ...]

    @property
    def more_people(self) -> int:
        """How many people have no ribbon for want of room."""
        return 0 if self.chosen else len(self.document.people) - len(self.ribbons)


def of(document: Document, number: int | None) -> Result:
    """The result for everyone, or for the person of that number.

    Raises:
        JobNotFound: there is no such person.
    """
    chosen = None if number is None else document.person(number)
    if number is not None and chosen is None:
        raise JobNotFound(f"There is no person {number} in this video.")
    shown = (chosen,) if chosen else document.people[:_MOST_RIBBONS]
    figures: Figures = chosen or document.summary
    return Result(
        document=document,
        chosen=chosen,
        figures=figures,
        sentence=_sentence_of_person(chosen) if chosen else _sentence(document),
        notes=() if chosen else _notes(document),
        slices=slices(figures.emotions),
        ribbons=ribbons(document, shown),
        ticks=ticks(document.length_s),
    )


def _sentence(document: Document) -> str:
    summary = document.summary
    if summary.dominant is None:
        if summary.unreadable is None:
            looks = document.video.sampled
            return f"No face was found in {looks} {'look' if looks == 1 else 'looks'}."
        return "Faces were seen, but none could be read."
    share = summary.emotions[summary.dominant]
    return (
        f"{_often(share)} {adjective(summary.dominant)}: {percent(share)} of the faces, "
        f"in {percent(summary.coverage)} of the moments."
    )


def _sentence_of_person(person: Person) -> str:
    if person.dominant is None:
        return f"Person {person.id} was seen, but no face could be read."
    share = person.emotions[person.dominant]
    return (
        f"Person {person.id}, {_often(share).lower()} {adjective(person.dominant)}: "
        f"{percent(share)} of {person.faces} faces."
    )


def _often(share: float) -> str:
    return "Mostly" if share >= 0.5 else "Most often"


def _notes(document: Document) -> tuple[str, ...]:
    summary, notes = document.summary, []
    readable = sum(face.readable for moment in document.frames for face in moment.faces)
    if document.video.partial:
        notes.append("Part of the video is damaged or missing; this is what could be seen.")
    if 0 < readable < FEW_FACES:
        notes.append(f"It rests on only {readable} {'face' if readable == 1 else 'faces'}.")
    if summary.unreadable is not None and MANY_UNREADABLE < summary.unreadable < 1:
        notes.append(f"{percent(summary.unreadable)} of the faces could not be read.")
    if summary.confidence is not None and summary.confidence < UNSURE:
        notes.append("The model was often unsure.")
    if len(document.people) > 1:
        notes.append(
            f"{len(document.people)} people were seen; the figures are over all of them. "
            "Choose one below to see theirs."
        )
    return tuple(notes)


def thumbnails(folder: Path, document: Document) -> frozenset[int]:
    """The people of whom there is a picture."""
    return frozenset(
        person.id for person in document.people if (folder / f"person-{person.id}.png").is_file()
    )
