"""What the figures say, in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from affect.contracts import VideoReport
from affect.report import axis

FEW_FACES: Final = 10
MANY_UNREADABLE: Final = 0.3
UNSURE: Final = 0.5  # of clips of people who talk 36 % below it are named rightly, 54 % above
MANY_SEEN: Final = 0.95
SMALL: Final = 24  # pixels; of smaller faces too little is left, docs/training.md tells how little
MANY_SMALL: Final = 0.5
WIDE: Final = 0.4
STILL_RATE: Final = 0.741  # looks a second; of fewer none are a second apart, as posture needs them

NO_FACE_REASONS: Final = (
    "A face may be too small, too dark, blurred, covered or turned away from the camera. "
    "Try a video in which a face looks towards the camera, in good light, "
    "and fills at least a tenth of the picture's height."
)
DISCLAIMER: Final = "An expression is not a feeling."

# As said of a person: "mostly happy", but "mostly surprised".
_ADJECTIVES: Final = {"surprise": "surprised", "fear": "afraid", "disgust": "disgusted"}


class Findings(Protocol):
    """What `contracts.Summary` says, from wherever it was read."""

    @property
    def emotions(self) -> Mapping[str, float]:
        """Share of each emotion; empty without a readable face."""
        ...

    @property
    def dominant(self) -> str | None:
        """The emotion with the largest share."""
        ...

    @property
    def coverage(self) -> float:
        """Share of the moments with a readable face."""
        ...

    @property
    def unreadable(self) -> float | None:
        """Share of the faces that could not be read; None without any face."""
        ...

    @property
    def confidence(self) -> float | None:
        """Mean probability of the emotion chosen."""
        ...


def percent(share: float) -> str:
    """A share in whole percent; what is neither nothing nor all is never shown as such."""
    if 0 < share <= 0.005:
        return "< 1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{share * 100:.0f} %"


def unbroken(text: str) -> str:
    """The same text, with percent signs, "MB", "<" and ">" on the line of their number."""
    space = "\N{NO-BREAK SPACE}"
    for apart in (" %", " MB", "< ", "> "):
        text = text.replace(apart, apart.replace(" ", space))
    return text


def clock(time_s: float) -> str:
    """A time as m:ss, or h:mm:ss from one hour on."""
    minutes, seconds = divmod(int(time_s), 60)
    if minutes < 60:
        return f"{minutes}:{seconds:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def moment(time_s: float) -> str:
    """A time as `clock` tells it, to the tenth of a second."""
    return f"{clock(time_s)}.{int(time_s * 10) % 10}"


def stretch(looks_s: tuple[float, float], rate: float, duration_s: float | None) -> tuple[str, str]:
    """From when and until when someone was there, to the tenth where a second has both.

    Args:
        looks_s: when they were seen first and last; a look later, at most at the video's end,
            they were gone.
        rate: looks a second.
        duration_s: the video's length.
    """
    first_s, last_s = looks_s
    end_s = min(last_s + 1 / rate, duration_s or math.inf)
    tell = clock if int(first_s) != int(end_s) else moment
    return tell(first_s), tell(end_s)


def adjective(emotion: str) -> str:
    """The emotion as a quality of a person."""
    return _ADJECTIVES.get(emotion, emotion)


def sentence(findings: Findings, people: int) -> str:
    """The result in one sentence; `people` says how many were seen."""
    if findings.dominant is None:
        if findings.unreadable is None:
            return "No face was found in this video."
        return "Faces were seen, but none could be read."
    first, share = leaders(findings.emotions)
    how = "Equally often" if len(first) > 1 else "Mostly" if share >= 0.5 else "Most often"
    # Of several people some are there at once: what is counted is no longer time.
    always = findings.coverage >= MANY_SEEN
    time = "of the time" if always else "of the time a face could be read"
    of = "of the faces that could be read" if people > 1 else time
    return f"{how} {_qualities(first)}: {_each(first, share)} {of}."


def sentence_of_person(number: int, emotions: Mapping[str, float], readable: float) -> str:
    """What one person showed, in one sentence; `readable` is the share of their faces that was."""
    if not emotions:
        return f"Person {number} was seen, but no face could be read."
    first, share = leaders(emotions)
    how = "equally often" if len(first) > 1 else "most often"
    of = f"of the time {'they were seen' if readable >= MANY_SEEN else 'their face could be read'}"
    told = f"{_each(first, share)} {of}"
    return f"Person {number} looks {_qualities(first)} {how}: {told}."


def mostly(emotions: Mapping[str, float]) -> str:
    """The emotion with the largest share, or all that have it, as short as for a table."""
    first, share = leaders(emotions)
    return f"{_enumerated(first)}{',' if len(first) > 1 else ''} {_each(first, share)}"


def leaders(emotions: Mapping[str, float]) -> tuple[list[str], float]:
    """The emotions with the largest share, and that share."""
    share = max(emotions.values())
    return [emotion for emotion, other in emotions.items() if share - other < 1e-9], share


def likely(interval: tuple[float, float]) -> str:
    """What interval the smile index has, in one sentence; it knows nothing of misreadings."""
    low, high = interval
    shows = f"{percent(low)} to {percent(high)}"
    if high - low > WIDE:
        return f"The video is too short to be sure: a longer one like it may well show {shows}."
    return f"A longer video like it would likely show {shows}."


def no_posture(rate: float) -> str:
    """Why there is no posture, where a video was looked at so often a second."""
    if rate < STILL_RATE:
        why = f"At {rate:g} looks a second no two are one second apart."
    else:
        why = "There were not enough faces for that."
    return f"It compares a face with the same face one second later. {why}"


def _each(first: Sequence[str], share: float) -> str:
    return f"each {percent(share)}" if len(first) > 1 else percent(share)


def _qualities(emotions: Sequence[str]) -> str:
    return _enumerated([adjective(emotion) for emotion in emotions])


def _enumerated(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def notes(
    findings: Findings,
    *,
    sizes: Sequence[float],
    people: int,
    partial: bool,
    extent: tuple[float, float],
) -> tuple[str, ...]:
    """Reasons to take the result with care, one sentence each.

    Args:
        findings: of the whole video.
        sizes: how many pixels each face that could be read is high, or wide if that is more.
        people: number of people.
        partial: whether some of the video could not be seen.
        extent: seconds of the video for which there is a look, and of all of it.
    """
    found = []
    seen_s, length_s = extent
    gaps = seen_s < MANY_SEEN * length_s and clock(seen_s) != clock(length_s)
    so_much = f"{clock(seen_s)} of {clock(length_s)} could be seen"
    if partial:
        what = so_much if gaps else "this is what could be seen"
        found.append(f"Part of the video is damaged or missing; {what}.")
    elif gaps:
        found.append(f"The video lacks pictures for a while; {so_much}.")
    if 0 < findings.coverage < MANY_SEEN:
        found.append(f"A face could be read in {percent(findings.coverage)} of the moments.")
    if 0 < len(sizes) < FEW_FACES:
        found.append(f"The result rests on only {count(len(sizes), 'face', 'faces')}.")
    if sum(size < SMALL for size in sizes) > MANY_SMALL * len(sizes):
        found.append("The faces are very small, so more of them are misread.")
    if findings.unreadable is not None and MANY_UNREADABLE < findings.unreadable < 1:
        found.append(f"{percent(findings.unreadable)} of the faces could not be read.")
    if findings.confidence is not None and findings.confidence < UNSURE:
        found.append("Take care: the program was often guessing.")
    if people > 1:
        found.append(f"{people} people were seen; the figures are over all of them.")
    return tuple(found)


def notes_of(report: VideoReport) -> tuple[str, ...]:
    """As `notes`, of a whole report."""
    return notes(
        report.summary,
        sizes=[
            max(face.box.width, face.box.height)
            for moment in report.moments
            for face in moment.faces
            if face.readable
        ],
        people=len(report.people),
        partial=report.partial,
        extent=axis.extent(
            [moment.time_s for moment in report.moments],
            report.video.duration_s,
            report.options.rate,
        ),
    )


def count(number: int, one: str, many: str) -> str:
    """A number of things; `many` is what more or less than one is called."""
    return f"{number:,} {one if number == 1 else many}"
