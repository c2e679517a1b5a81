"""The timeline: a ribbon for each person, cut into cells, and its axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from affect.report import axis
from affect.web.document import Document, Face, Moment, Person

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
        scores: probability of each emotion, mean over the faces of the stretch.
    """

    start_s: float
    end_s: float
    x: int
    width: int
    emotion: str | None
    confidence: float
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Stretch:
    """For the table: neighbouring cells of one emotion; None where nobody was seen or readable."""

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
    length_s = document.length_s
    chunks = tuple(_chunks(document))
    return tuple(
        Ribbon(
            person,
            tuple(
                _cell(start_s, end_s, length_s, faces)
                for start_s, end_s, moments in chunks
                if (faces := _faces(moments, person.id))
            ),
        )
        for person in people
    )


def ticks(length_s: float) -> tuple[Tick, ...]:
    """Round times along the axis, not too many to be read."""
    if length_s <= 0:
        return ()
    step_s = axis.step_s(length_s)
    # Not at the very end, where the label would be cut off.
    count = int(length_s * 0.97 // step_s) + 1
    return tuple(Tick(i * step_s, round(100 * i * step_s / length_s, 3)) for i in range(count))


def _chunks(document: Document) -> Iterator[tuple[float, float, tuple[Moment, ...]]]:
    """Neighbouring moments, so many together that the cells are not too many."""
    moments = document.frames
    times_s = [moment.time_s for moment in moments]
    ends_s = axis.held(times_s, document.length_s, document.settings.rate)
    size = -(-len(moments) // MOST_CELLS) or 1
    for i in range(0, len(moments), size):
        chunk = moments[i : i + size]
        yield chunk[0].time_s, ends_s[i : i + size][-1], chunk


def _faces(moments: Sequence[Moment], person: int) -> tuple[Face, ...]:
    return tuple(face for moment in moments for face in moment.faces if face.person == person)


def _cell(start_s: float, end_s: float, length_s: float, faces: Sequence[Face]) -> Cell:
    read = [face.scores for face in faces if face.scores is not None]
    scores = {label: sum(s[label] for s in read) / len(read) for label in read[0]} if read else {}
    emotion = max(scores, key=scores.__getitem__) if scores else None
    x = round(UNITS * start_s / length_s)
    return Cell(
        start_s=start_s,
        end_s=end_s,
        x=x,
        width=round(UNITS * end_s / length_s) - x,
        emotion=emotion,
        confidence=scores[emotion] if emotion else 0.0,
        scores=scores,
    )
