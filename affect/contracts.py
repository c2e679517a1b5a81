"""What the rooms say to each other: small frozen values and the shapes of their parts.

Pixels are positions on the upright frame of the original video; times are seconds since the
video stream's first picture; shares and probabilities are fractions in [0, 1].
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

CROP_SIZE = 48
HIGHEST_RATE = 60.0  # looks a second
GOOD_POSTURE = 0.6  # the score from which a posture is "Good"

# How the names of video files end, in lower case. A name only hints: what a file is, its content
# tells.
# fmt: off
VIDEO_SUFFIXES: Final[tuple[str, ...]] = (
    ".3g2", ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg",
    ".mpg", ".mts", ".ogg", ".ogv", ".ts", ".vob", ".webm", ".wmv",
)
# fmt: on


def named_as_video(file: Path) -> bool:
    """Whether a file's name hints at a video; hidden files are none."""
    return not file.name.startswith(".") and file.suffix.lower() in VIDEO_SUFFIXES


def name_of(file: Path) -> str:
    """A file's name, fit for any text: what is no UTF-8 in it is told as "�"."""
    return os.fsencode(file.name).decode(errors="replace")


@dataclass(frozen=True)
class Limits:
    """The largest video that is analysed; all but the bytes are checked again while decoding."""

    max_bytes: int = 500 * 1000 * 1000
    max_duration_s: float = 2 * 60 * 60
    max_megapixels: float = 8.9
    max_frame_rate: float = 240.0

    @property
    def max_pictures(self) -> int:
        """All that the longest video may hold; times the largest picture, all that is decoded."""
        return int(self.max_duration_s * self.max_frame_rate) + 1


@dataclass(frozen=True)
class VideoInfo:
    """A video as its header tells it. Width and height are upright; unknown values are None."""

    name: str
    duration_s: float | None
    width: int
    height: int
    frame_rate: float | None


@dataclass(frozen=True, eq=False)
class Frame:
    """One sampled picture.

    Attributes:
        index: number of the sample, from 0.
        time_s: presentation time since the stream's first picture.
        gray: uint8, shape (height, width), upright, full range.
    """

    index: int
    time_s: float
    gray: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.gray.ndim != 2 or self.gray.dtype != np.uint8:
            raise ValueError(f"gray is {self.gray.dtype} {self.gray.shape}, not uint8 (H, W)")


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise ValueError(f"a box needs an area, not {self.width} × {self.height}")

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height


@dataclass(frozen=True)
class Detection:
    """A place that looks like a face.

    Attributes:
        box: upright, around the face.
        score: the detector's, higher is surer.
        tilt: degrees to turn the picture, anticlockwise, for the head to be upright.
    """

    box: Box
    score: float
    tilt: float = 0.0


@dataclass(frozen=True, eq=False)
class Face:
    """One face of one person at one time.

    Attributes:
        frame: number of the sample it was seen in.
        time_s: time of that sample.
        track: number of the track, from 0, in order of appearance.
        box: the square face on the frame.
        detection_score: the detector's.
        crop: uint8, shape (48, 48), framed as FER2013's faces are.
    """

    frame: int
    time_s: float
    track: int
    box: Box
    detection_score: float
    crop: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.crop.shape != (CROP_SIZE, CROP_SIZE) or self.crop.dtype != np.uint8:
            raise ValueError(f"crop is {self.crop.dtype} {self.crop.shape}, not uint8 (48, 48)")


@dataclass(frozen=True, eq=False)
class Scores:
    """What the network says of N faces, each by itself.

    Attributes:
        probabilities: float32, shape (N, 7), rows summing to 1, in the order of `EMOTIONS`.
        readability: float32, shape (N,), in [0, 1]: how sure it is that this is a face whose
            expression can be read.
        said: float32, shape (N, E): what the model's `answer` needs of each look at a face.
    """

    probabilities: NDArray[np.float32]
    readability: NDArray[np.float32]
    said: NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """One face in the report.

    Attributes:
        person: number of the person, from 1.
        box: the square face on the frame.
        detection_score: the detector's.
        readable: false for a face the model cannot read; it counts in no share.
        emotion: the view's most probable class; None when unreadable.
        scores: probability of each class of the view, joined over the same person's neighbouring
            moments; None when unreadable.
        ssim: likeness to the same person's face one second before, in [−1, 1]; None without one.
    """

    person: int
    box: Box
    detection_score: float
    readable: bool
    emotion: str | None
    scores: Mapping[str, float] | None
    ssim: float | None

    @property
    def smile(self) -> bool:
        """Whether it counts for the smile index."""
        return self.emotion == "happy"


@dataclass(frozen=True)
class Moment:
    """One sample of the video and the faces in it."""

    index: int
    time_s: float
    faces: tuple[Reading, ...]


@dataclass(frozen=True)
class Posture:
    """How still a face is from one second to the next.

    Attributes:
        score: mean SSIM, in [−1, 1].
        label: "Good" or "Not good".
        pairs: how many pairs of faces one second apart it rests on.
    """

    score: float
    label: str
    pairs: int


@dataclass(frozen=True)
class Summary:
    """What the whole video says.

    Without a readable face emotions are empty, coverage is 0, and all but `unreadable` is None.

    Attributes:
        emotions: share of the readable faces with each emotion of the view, summing to 1.
        dominant: the emotion with the largest share.
        smile_index: happy faces / readable faces.
        smile_interval: 95 % interval of the smile index.
        smile_intensity: mean probability of "happy" in the view.
        posture: mean over people, weighted by pairs.
        coverage: share of the sampled moments with a readable face.
        unreadable: share of the faces that could not be read; None without any face.
        confidence: mean probability of the emotion chosen.
    """

    emotions: Mapping[str, float]
    dominant: str | None
    smile_index: float | None
    smile_interval: tuple[float, float] | None
    smile_intensity: float | None
    posture: Posture | None
    coverage: float
    unreadable: float | None
    confidence: float | None


@dataclass(frozen=True, eq=False)
class Person:
    """What one person showed; as `Summary`, for the faces of one track.

    Attributes:
        id: from 1, those read most often first.
        first_s: first seen.
        last_s: last seen.
        faces: in how many sampled moments.
        thumbnail: uint8, shape (48, 48): a good face of this person.
    """

    id: int
    first_s: float
    last_s: float
    faces: int
    emotions: Mapping[str, float]
    dominant: str | None
    smile_index: float | None
    posture: Posture | None
    thumbnail: NDArray[np.uint8]


@dataclass(frozen=True)
class ModelIdentity:
    """Which model read the faces: its name and the SHA-256 of its weights, 64 hex digits."""

    name: str
    sha256: str


@dataclass(frozen=True)
class AnalysisOptions:
    """What a person may choose for one analysis.

    Attributes:
        rate: samples a second, above 0.
        view: a key of `emotions.VIEWS`.
        head: who taught the answer: "video" (voters, labels and people who talk), "ferplus" (FER+'s
            voters alone) or "fer2013" (that set's labels).
    """

    rate: float = 5.0
    view: str = "five"
    head: str = "video"


@dataclass(frozen=True, eq=False)
class VideoReport:
    """The one result: everything after the pipeline reads it, nothing changes it.

    Attributes:
        video: what was analysed.
        sampled: how many moments were looked at.
        partial: true when damage or an early end kept some of it from being seen.
        options: how it was analysed.
        summary, people, moments: the findings.
        model: what read the faces.
    """

    video: VideoInfo
    sampled: int
    partial: bool
    options: AnalysisOptions
    summary: Summary
    people: tuple[Person, ...]
    moments: tuple[Moment, ...]
    model: ModelIdentity


@dataclass(frozen=True, eq=False)
class Progress:
    """How far an analysis is.

    Attributes:
        stage: in plain words.
        done_s: seconds of the video seen.
        total_s: its length, None when unknown.
        face: uint8 (48, 48), the last face seen, or None.
    """

    stage: str
    done_s: float
    total_s: float | None
    face: NDArray[np.uint8] | None


# Called between frames; raising `errors.Cancelled` in it ends the analysis.
OnProgress = Callable[[Progress], None]


class FaceDetector(Protocol):
    """Finds faces on one frame: first where to look, then what is there."""

    def places(self, gray: NDArray[np.uint8]) -> tuple[Box, ...]:
        """Where on a uint8 (H, W) picture an upright face might be; quick, and often wrong."""
        ...

    def rare_places(self, gray: NDArray[np.uint8]) -> tuple[Box, ...]:
        """Where else one might be, turned or tilted; slower, so for when nobody was found."""
        ...

    def look(self, gray: NDArray[np.uint8], places: Iterable[Box]) -> tuple[Detection, ...]:
        """The faces at those places as square boxes, the surest first; no face twice."""
        ...


class ExpressionModel(Protocol):
    """Reads faces."""

    @property
    def identity(self) -> ModelIdentity:
        """Name and weights."""
        ...

    def score(self, crops: NDArray[np.uint8]) -> Scores:
        """uint8 (N, 48, 48) to N scores; N may be 0."""
        ...

    def answer(self, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        """What several looks at one face say together, N times.

        Args:
            mean: of what was `said` at each of the looks, float32, shape (N, E).
            spread: its standard deviation, same shape; 0 for a single look.

        Returns:
            float32, shape (N, 7), rows summing to 1.
        """
        ...
