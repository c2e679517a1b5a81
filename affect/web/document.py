"""`report.json` as typed values, for the pages that show it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from affect.report import axis


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Video(_Part):
    """What was analysed."""

    name: str
    duration_s: float | None
    width: int
    height: int
    sampled: int
    partial: bool


class Options(_Part):
    """How it was analysed."""

    rate: float
    emotions: str
    head: str


class Posture(_Part):
    """How still: mean SSIM in [−1, 1], and what that is called."""

    score: float
    label: str


class Figures(_Part):
    """What is measured of everyone, or of one person; shares in [0, 1], empty without a face."""

    emotions: dict[str, float]
    dominant: str | None
    smile_index: float | None
    posture: Posture | None


class Summary(Figures):
    """The figures of the whole video."""

    smile_interval: tuple[float, float] | None
    coverage: float
    unreadable: float | None
    confidence: float | None


class Person(Figures):
    """The figures of one person."""

    id: int
    first_s: float
    last_s: float
    faces: int


class Face(_Part):
    """One face at one moment."""

    person: int
    box: tuple[float, float, float, float]  # x, y, width, height, in pixels
    readable: bool
    emotion: str | None
    scores: Mapping[str, float] | None


class Moment(_Part):
    """One look at the video."""

    time_s: float
    faces: tuple[Face, ...]


class Model(_Part):
    """What read the faces."""

    name: str
    sha256: str


class Document(_Part):
    """The whole report."""

    video: Video
    settings: Options
    summary: Summary
    people: tuple[Person, ...]
    frames: tuple[Moment, ...]
    model: Model

    @property
    def extent(self) -> tuple[float, float]:
        """Seconds of the video for which there is a look, and of all of it; costs a pass."""
        times_s = [moment.time_s for moment in self.frames]
        return axis.extent(times_s, self.video.duration_s, self.settings.rate)

    @property
    def length_s(self) -> float:
        """How long the timeline is: the video's length, or until its last look ends."""
        last_s = self.frames[-1].time_s if self.frames else 0.0
        return axis.end_s(last_s, self.video.duration_s, self.settings.rate)

    @property
    def sizes(self) -> list[float]:
        """How many pixels each face that could be read is high, or wide if that is more."""
        faces = (face for moment in self.frames for face in moment.faces)
        return [max(face.box[2:]) for face in faces if face.readable]

    def readable(self, person: int) -> int:
        """How many faces of the person of that number could be read."""
        return sum(
            face.readable and face.person == person
            for moment in self.frames
            for face in moment.faces
        )

    def person(self, number: int) -> Person | None:
        """The person of that number."""
        return next((person for person in self.people if person.id == number), None)


def read(path: Path) -> Document:
    """Read a report.

    Raises:
        pydantic.ValidationError: the file is not one.
    """
    return Document.model_validate_json(path.read_bytes())
