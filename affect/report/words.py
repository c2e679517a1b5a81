"""What the figures say, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

FEW_FACES: Final = 10
MANY_UNREADABLE: Final = 0.3
UNSURE: Final = 0.5

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
    if 0 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{share * 100:.0f} %"


def unbroken(text: str) -> str:
    """The same text, with percent signs, "<" and ">" on the line of their number."""
    space = "\N{NO-BREAK SPACE}"
    return text.replace(" %", f"{space}%").replace("< ", f"<{space}").replace("> ", f">{space}")


def clock(time_s: float) -> str:
    """A time as m:ss, or h:mm:ss from one hour on."""
    minutes, seconds = divmod(int(time_s), 60)
    if minutes < 60:
        return f"{minutes}:{seconds:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


def moment(time_s: float) -> str:
    """A time as `clock` tells it, to the tenth of a second."""
    return f"{clock(time_s)}.{int(time_s * 10) % 10}"


def until(last_s: float, rate: float, duration_s: float | None) -> str:
    """When someone last seen at `last_s` was gone: a look later, at most at the video's end."""
    end_s = last_s + 1 / rate
    return clock(min(end_s, duration_s or end_s))


def adjective(emotion: str) -> str:
    """The emotion as a quality of a person."""
    return _ADJECTIVES.get(emotion, emotion)


def sentence(findings: Findings, sampled: int) -> str:
    """The result in one sentence; `sampled` says how many moments were looked at."""
    if findings.dominant is None:
        if findings.unreadable is None:
            return f"No face was found in {count(sampled, 'look', 'looks')}."
        return "Faces were seen, but none could be read."
    share = findings.emotions[findings.dominant]
    return (
        f"{often(share)} {adjective(findings.dominant)}: {percent(share)} of the faces, "
        f"in {percent(findings.coverage)} of the moments."
    )


def often(share: float) -> str:
    """How a dominant emotion with this share is announced."""
    return "Mostly" if share >= 0.5 else "Most often"


def notes(findings: Findings, *, readable: int, people: int, partial: bool) -> tuple[str, ...]:
    """Reasons to take the result with care, one sentence each.

    Args:
        findings: of the whole video.
        readable: number of faces that could be read.
        people: number of people.
        partial: whether some of the video could not be seen.
    """
    found = []
    if partial:
        found.append("Part of the video is damaged or missing; this is what could be seen.")
    if 0 < readable < FEW_FACES:
        found.append(f"It rests on only {count(readable, 'face', 'faces')}.")
    if findings.unreadable is not None and MANY_UNREADABLE < findings.unreadable < 1:
        found.append(f"{percent(findings.unreadable)} of the faces could not be read.")
    if findings.confidence is not None and findings.confidence < UNSURE:
        found.append("The model was often unsure.")
    if people > 1:
        found.append(f"{people} people were seen; the figures are over all of them.")
    return tuple(found)


def count(number: int, one: str, many: str) -> str:
    """A number of things; `many` is what more or less than one is called."""
    return f"{number} {one if number == 1 else many}"
