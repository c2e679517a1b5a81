"""The result page: what the report says, chosen and worded for one look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from affect.errors import ResultNotFound
from affect.report import words
from affect.web.document import Document, Figures, Person
from affect.web.pie import Slice, slices
from affect.web.timeline import Ribbon, Tick, ribbons, ticks

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
        ResultNotFound: there is no such person.
    """
    chosen = None if number is None else document.person(number)
    if number is not None and chosen is None:
        raise ResultNotFound(
            f"There is no person {number} in this video.", "Go back and choose one of its people."
        )
    shown = (chosen,) if chosen else document.people[:_MOST_RIBBONS]
    figures: Figures = chosen or document.summary
    if chosen:
        readable = document.readable(chosen.id) / chosen.faces
        sentence = words.sentence_of_person(chosen.id, chosen.emotions, readable)
    else:
        sentence = words.sentence(document.summary, len(document.people))
    return Result(
        document=document,
        chosen=chosen,
        figures=figures,
        sentence=words.unbroken(sentence),
        notes=() if chosen else tuple(words.unbroken(note) for note in _notes(document)),
        slices=slices(figures.emotions),
        ribbons=ribbons(document, shown),
        ticks=ticks(document.length_s),
    )


def _notes(document: Document) -> tuple[str, ...]:
    return words.notes(
        document.summary,
        sizes=document.sizes,
        people=len(document.people),
        partial=document.video.partial,
        extent=document.extent,
    )


def thumbnails(folder: Path, document: Document) -> frozenset[int]:
    """The people of whom there is a picture."""
    return frozenset(
        person.id for person in document.people if (folder / f"person-{person.id}.png").is_file()
    )
