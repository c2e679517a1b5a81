"""The timeline: a ribbon for each person, cut into cells, and its axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from affect.report import axis
from affect.report.drawing import strength
from affect.web.document import Document, Face, Person

# A ribbon is about a thousand pixels wide: more cells than half of that cannot be told apart.
MOST_CELLS = 500
# How long a ribbon is, in its own units: whole numbers, so that cells meet without a seam.
UNITS = 10_000


@dataclass(frozen=True)
class Cell:
    """A stretch of time in which a person was seen.

    Attributes:
        start_s, end_s: seconds.
        x, width: the same in units of the ribbon.
        emotion: the most probable; None where the face could not be read.
        confidence: its probability.
        opacity: how strongly it is drawn, in [0, 1].
        scores: probability of each emotion, mean over the faces of the stretch.
    """

    start_s: float
    end_s: float
    x: int
    width: int
    emotion: str | None
    confidence: float
    opacity: float
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Stretch:
    """For the table: neighbouring cells of one emotion; None where no face could be read."""

    start_s: float
    end_s: float
    emotion: str | None
    confidence: float


@dataclass(frozen=True)
class Span:
    """A part of a ribbon, in its units."""

    x: int
    width: int


@dataclass(frozen=True)
class Ribbon:
    """One person's time."""

    person: Person
    cells: tuple[Cell, ...]

    @property
    def seen(self) -> tuple[Span, ...]:
        """Where there are cells, without the borders between them."""
        spans: list[Span] = []
        for cell in self.cells:
            x, width = cell.x, cell.width
            if spans and spans[-1].x + spans[-1].width == x:
                before = spans.pop()
                x, width = before.x, before.width + width
            spans.append(Span(x, width))
        return tuple(spans)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The cells in words: runs of the same emotion without a gap."""
        runs: list[list[Cell]] = []
        for cell in self.cells:
            last = runs[-1][-1] if runs else None
            if last and last.emotion == cell.emotion and last.x + last.width == cell.x:
                runs[-1].append(cell)
            else:
                runs.append([cell])
        return tuple(
            Stretch(
                start_s=run[0].start_s,
                end_s=run[-1].end_s,
                emotion=run[0].emotion,
                confidence=sum(cell.confidence for cell in run) / len(run),
            )
            for run in runs
        )


@dataclass(frozen=True)
class Tick:
    """A time on the axis, at x percent."""

    time_s: float
    x: float


def ribbons(document: Document, people: Sequence[Person]) -> tuple[Ribbon, ...]:
    """A ribbon for each of the people."""
    chunks, length_s = tuple(_chunks(document)), document.length_s
    return tuple(
        Ribbon(
            person,
            tuple(_cell(chunk[person.id], length_s) for chunk in chunks if person.id in chunk),
        )
        for person in people
    )


def ticks(length_s: float) -> tuple[Tick, ...]:
    """Round times along the axis, not too many to be read."""
    return tuple(Tick(s, round(100 * s / length_s, 3)) for s in axis.ticks(length_s))


@dataclass(frozen=True)
class _Look:
    """A face at one moment, and until when that stands for the video."""

    start_s: float
    end_s: float
    face: Face


def _chunks(document: Document) -> Iterator[Mapping[int, Sequence[_Look]]]:
    """The looks at each person in neighbouring moments, none of them beyond a gap.

    So many moments together that the cells are not too many.
    """
    moments, length_s = document.frames, document.length_s
    ends_s = axis.held([moment.time_s for moment in moments], length_s, document.settings.rate)
    size = -(-len(moments) // MOST_CELLS)
    chunk: dict[int, list[_Look]] = defaultdict(list)
    held, until_s = 0, 0.0
    for moment, end_s in zip(moments, ends_s, strict=True):
        if held == size or moment.time_s - until_s > length_s / MOST_CELLS:
            yield chunk
            chunk, held = defaultdict(list), 0
        for face in moment.faces:
            chunk[face.person].append(_Look(moment.time_s, end_s, face))
        held, until_s = held + 1, end_s
    yield chunk


def _cell(looks: Sequence[_Look], length_s: float) -> Cell:
    start_s, end_s = looks[0].start_s, looks[-1].end_s
    read = [look.face.scores for look in looks if look.face.scores is not None]
    scores = {label: sum(s[label] for s in read) / len(read) for label in read[0]} if read else {}
    emotion = max(scores, key=scores.__getitem__) if scores else None
    x = round(UNITS * start_s / length_s)
    return Cell(
        start_s=start_s,
        end_s=end_s,
        x=x,
        width=max(1, round(UNITS * end_s / length_s) - x),
        emotion=emotion,
        confidence=scores[emotion] if emotion else 0.0,
        opacity=strength(scores[emotion], len(scores)) if emotion else 0.0,
        scores=scores,
    )
