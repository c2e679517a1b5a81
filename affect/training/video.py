"""The model measured on video: customer clips by folder, and people who talk, by table."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from affect.contracts import VideoReport, named_as_video
from affect.emotions import EMOTIONS, VIEWS
from affect.errors import DataError, MediaError

# What is asked of each clip: path and view in, report out.
Analyze = Callable[[Path, str], VideoReport]

CLIP_LABELS: Final = ("happy", "angry")
SIX: Final = ("angry", "fear", "happy", "sad", "surprise", "neutral")
FIVE: Final = VIEWS["five"]


@dataclass(frozen=True)
class Clip:
    """One clip of a customer.

    Attributes:
        name: folder and file.
        label: its folder, one of `CLIP_LABELS`.
        shares: of its faces each emotion of the view "five"; empty without a readable face.
    """

    name: str
    label: str
    shares: Mapping[str, float]

    @property
    def happy(self) -> float:
        """Share of its faces so called, 0 without any."""
        return self.shares.get("happy", 0.0)

    @property
    def angry(self) -> float:
        """Share of its faces so called, 0 without any."""
        return self.shares.get("angry", 0.0)

    @property
    def readable(self) -> bool:
        """Whether a face could be read at all."""
        return bool(self.shares)

    @property
    def right(self) -> bool:
        """More happy than angry faces exactly where it is a happy clip; faces there must be."""
        return self.readable and (self.happy > self.angry) == (self.label == "happy")


@dataclass(frozen=True)
class Talk:
    """One clip of someone talking, with an acted emotion.

    Attributes:
        name: its file.
        speaker: who talks.
        label: the acted emotion, one of `SIX`.
        six: the answer among `SIX`; None without a readable face.
        five: the answer among `FIVE`; None without a readable face or where the label is fear.
    """

    name: str
    speaker: str
    label: str
    six: str | None
    five: str | None


def clips(folder: Path, analyze: Analyze) -> list[Clip]:
    """Measure every video in `folder`/happy and `folder`/angry.

    Raises:
        DataError: there is none, or one is damaged.
    """
    files = [
        (label, path)
        for label in CLIP_LABELS
        for path in sorted((folder / label).glob("*"))
        if path.is_file() and named_as_video(path)
    ]
    if not files:
        raise DataError(
            f"{folder} holds no clips.", f"Expected videos in {folder}/happy and {folder}/angry."
        )
    return [_clip(label, path, analyze) for label, path in files]


def talking(folder: Path, analyze: Analyze) -> list[Talk]:
    """Measure every clip that `talking_table` finds.

    A clip's answer is the most probable class by the mean over its readable faces.

    Raises:
        DataError: as `talking_table`, or a clip is damaged.
    """
    return [
        talk(folder, name, speaker, label, analyze)
        for name, speaker, label in talking_table(folder)
    ]


def talking_table(folder: Path) -> list[tuple[str, str, str]]:
    """File, speaker and label of each clip that `folder`/labels.csv names.

    Raises:
        DataError: the table or a clip is missing, or a label is not one of `SIX`.
    """
    expected = f"Expected a table with the columns file, speaker, label ({', '.join(SIX)})."
    table = folder / "labels.csv"
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = [(row["file"], row["speaker"], row["label"]) for row in csv.DictReader(file)]
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise DataError(f"{table} is not a table of clips.", expected) from error
    if not rows:
        raise DataError(f"{table} names no clips.", expected)
    for name, speaker, label in rows:
        if None in (name, speaker, label):  # what DictReader makes of a short row
            raise DataError(f"{table} has a row that is too short.", expected)
        if label not in SIX or not (folder / name).is_file():
            raise DataError(f"{table} names {name} ({label}), which cannot be used.", expected)
    return rows


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Say of which of many videos something is wrong.

    Raises:
        DataError: instead of a `MediaError`, with the path.
    """
    try:
        yield
    except MediaError as error:
        raise DataError(f"{path}: {error.sentence}", error.advice) from error


def talk(folder: Path, name: str, speaker: str, label: str, analyze: Analyze) -> Talk:
    """Measure one clip.

    Raises:
        DataError: it is damaged.
    """
    with named(folder / name):
        report = analyze(folder / name, "seven")
    faces = [
        [face.scores[emotion] for emotion in EMOTIONS]
        for moment in report.moments
        for face in moment.faces
        if face.scores is not None
    ]
    mean = np.mean(faces, axis=0) if faces else None
    five = None if label == "fear" else _answer(mean, FIVE)
    return Talk(name, speaker, label, _answer(mean, SIX), five)


def accuracy(talks: Sequence[Talk]) -> tuple[float | None, float | None]:
    """Share of right answers (of six, of five); clips of fear are not among the second."""
    without_fear = [talk for talk in talks if talk.label != "fear"]
    return (
        _share([talk.six == talk.label for talk in talks]),
        _share([talk.five == talk.label for talk in without_fear]),
    )


def _share(right: Sequence[bool]) -> float | None:
    return sum(right) / len(right) if right else None


def _clip(label: str, path: Path, analyze: Analyze) -> Clip:
    with named(path):
        report = analyze(path, "five")
    return Clip(f"{label}/{path.name}", label, report.summary.emotions)


def _answer(mean: NDArray[np.float64] | None, classes: tuple[str, ...]) -> str | None:
    """Name the most probable of the classes; restricting to them does not change their order."""
    if mean is None:
        return None
    return max(classes, key=lambda emotion: float(mean[EMOTIONS.index(emotion)]))
