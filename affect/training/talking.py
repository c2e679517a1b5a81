"""Teach the page's head expressions on faces that talk, on top of the finished trunk.

A mouth that speaks looks like surprise or a smile to a network that learned from photographs.
The head `video` begins as the linear head `ferplus`; its hidden layer learns from FER+'s votes, so
that photographs are answered nearly as before, and from clips of people who talk with a known
emotion.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from affect import faces as finding
from affect import media
from affect.contracts import Limits
from affect.emotions import EMOTIONS
from affect.errors import DataError
from affect.expression.network import VIDEO
from affect.training.pupils import FeatureLesson, Images, School, augmented, features
from affect.training.video import SIX, talking_table

RATE: Final = 5.0  # looks a second, as the product takes by default
VARIANTS: Final = 4  # changed copies of each talking face, beside itself and its mirror image
SCHOOL: Final = School(VIDEO, {VIDEO: "ferplus"}, components=32, layers=5)
WEIGHT: Final = 0.3  # of all clips together, against 1 of all photographs
SMOOTHING: Final = 0.1  # an acted emotion is not seen on each face of its clip


@dataclass(frozen=True, eq=False)
class TalkingFaces:
    """Faces out of clips, as the product cuts them.

    Attributes:
        images: uint8, shape (N, 48, 48).
        clips: number of each face's clip, int64, shape (N,).
        labels: the clip's emotion as an index into `EMOTIONS`, int64, shape (N,).
        speakers: who talks, shape (N,).
    """

    images: NDArray[np.uint8]
    clips: NDArray[np.int64]
    labels: NDArray[np.int64]
    speakers: NDArray[np.str_]

    @property
    def counts(self) -> dict[str, int]:
        """How many clips and people there are, for the card."""
        return {"clips": len(np.unique(self.clips)), "people": len(np.unique(self.speakers))}


NOBODY: Final = TalkingFaces(
    np.empty((0, 48, 48), np.uint8),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.str_),
)


def find(folder: Path) -> TalkingFaces:
    """The faces of people in the clips of `folder`/labels.csv.

    Raises:
        DataError: as `video.talking_table`, or there is no face in any clip.
        MediaError: a clip is no video.
    """
    images, clips, labels, speakers = [], [], [], []
    for number, (name, speaker, label) in enumerate(talking_table(folder)):
        finder = finding.FaceFinder(finding.HaarDetector())
        with media.open_video(folder / name, Limits()) as video:
            found = [face for frame in video.sample(RATE) for face in finder.find(frame)]
        people = finder.people()
        crops = [face.crop for face in found if face.track in people]
        images += crops
        clips += [number] * len(crops)
        labels += [EMOTIONS.index(label)] * len(crops)
        speakers += [speaker] * len(crops)
    if not images:
        raise DataError(f"There is no face in the clips of {folder}.", "Name clips of faces.")
    return TalkingFaces(
        np.stack(images), np.array(clips, np.int64), np.array(labels, np.int64), np.array(speakers)
    )


class Teacher:
    """Fits heads on one trunk; its features are computed once, however many heads there are.

    Args:
        model: a network with the layer `FEATURES` and both heads.
        photographs: to keep answering as voted, by the head `ferplus`.
        talking: to learn; `NOBODY` for photographs alone.
        rng: changes faces.
    """

    def __init__(
        self,
        model: Any,
        photographs: FeatureLesson,
        talking: TalkingFaces,
        rng: np.random.Generator,
    ) -> None:
        self._model = model
        self._talking = talking
        self._photographs = FeatureLesson(
            photographs.features,
            {VIDEO: photographs.targets["ferplus"]},
            {VIDEO: photographs.weights["ferplus"]},
        )
        changed = [augmented(talking.images, rng) for _ in range(VARIANTS)]
        looks: list[Images] = [talking.images, talking.images[:, :, ::-1], *changed]
        self._looks = [features(model, images) for images in looks]

    def teach(self, seed: int, without: Collection[str] = ()) -> Any:
        """The model with a head that learned from all speakers but some; the rest is shared."""
        return SCHOOL.teach(self._model, [self._photographs, *self._lessons(without)], seed)

    def _lessons(self, without: Collection[str]) -> list[FeatureLesson]:
        """One a look: a clip is one unit of weight, however many faces it has."""
        rows = np.flatnonzero(~np.isin(self._talking.speakers, list(without)))
        if not len(rows):
            return []
        _, of_clip, sizes = np.unique(
            self._talking.clips[rows], return_inverse=True, return_counts=True
        )
        weights = WEIGHT / (len(self._looks) * len(sizes) * sizes[of_clip])
        targets = {VIDEO: _targets(self._talking.labels[rows])}
        return [
            FeatureLesson(look[rows], targets, {VIDEO: weights.astype(np.float32)})
            for look in self._looks
        ]


def _targets(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Smoothed over the emotions that are acted."""
    acted = np.isin(EMOTIONS, SIX) / len(SIX)
    one_hot = np.eye(len(EMOTIONS))[labels]
    return np.asarray((1 - SMOOTHING) * one_hot + SMOOTHING * acted, np.float32)
