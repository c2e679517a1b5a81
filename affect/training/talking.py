"""Teach the page's head expressions on faces that talk, on top of the finished trunk.

A mouth that speaks looks like surprise or a smile to a network that learned from photographs.
The head `video` begins as the head `ferplus`; a hidden layer beside it learns on the features of
the frozen trunk: from FER+'s votes, so that photographs are answered nearly as before, and from
clips of people who talk with a known emotion.
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
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.errors import DataError
from affect.expression import network
from affect.training.augment import augment
from affect.training.video import SIX, talking_table

RATE: Final = 5.0  # looks a second, as the product takes by default
VARIANTS: Final = 4  # changed copies of each talking face, beside itself and its mirror image
COMPONENTS: Final = 32  # of a second trunk's features; more know the people, not what they show
PUPILS: Final = 5  # hidden layers taught apart, joined in one: what chance taught each evens out
HIDDEN: Final = 64  # units of each, between the trunks and the head
WEIGHT: Final = 0.3  # of all clips together, against 1 of all photographs
SMOOTHING: Final = 0.1  # an acted emotion is not seen on each face of its clip
EPOCHS: Final = 8
BATCH: Final = 512

Images = NDArray[np.uint8] | NDArray[np.float32]  # (N, 48, 48); uint8, or float32 in [0, 1]
Targets = NDArray[np.float32]  # (N, 7), rows summing to 1


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


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a head learns from: features of the trunk, float32 (N, F), targets, and weights (N,)."""

    features: NDArray[np.float32]
    targets: Targets
    weights: NDArray[np.float32]


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
        photographs: to keep answering as voted.
        talking: to learn; `NOBODY` for photographs alone.
        seed: of all chance.
    """

    def __init__(self, model: Any, photographs: FaceSet, talking: TalkingFaces, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._model = model
        self._seed = seed
        self._talking = talking
        self._photographs = _photographs(model, photographs, rng)
        looks: list[Images] = [talking.images, talking.images[:, :, ::-1]]
        changed = [_augmented(talking.images, rng) for _ in range(VARIANTS)]
        self._looks = [_features(model, images) for images in [*looks, *changed]]

    def teach(self, without: Collection[str] = ()) -> Any:
        """The model with a head that learned from all speakers but some; the rest is shared."""
        return _with_head(self._model, [self._photographs, *self._lessons(without)], self._seed)

    def _lessons(self, without: Collection[str]) -> list[Lesson]:
        """One a look: a clip is one unit of weight, however many faces it has."""
        rows = np.flatnonzero(~np.isin(self._talking.speakers, list(without)))
        if not len(rows):
            return []
        _, of_clip, sizes = np.unique(
            self._talking.clips[rows], return_inverse=True, return_counts=True
        )
        weights = WEIGHT / (len(self._looks) * len(sizes) * sizes[of_clip])
        targets = _targets(self._talking.labels[rows])
        return [Lesson(look[rows], targets, weights.astype(np.float32)) for look in self._looks]


def _photographs(model: Any, faces: FaceSet, rng: np.random.Generator) -> Lesson:
    """Each photograph as it is and changed, weighted by how clearly people voted; 1 in all."""
    looks = [_features(model, faces.images), _features(model, _augmented(faces.images, rng))]
    weights = np.tile(faces.clarity, len(looks))
    return Lesson(
        np.concatenate(looks), np.tile(faces.soft_votes, (len(looks), 1)), weights / weights.sum()
    )


def _targets(labels: NDArray[np.int64]) -> Targets:
    """Smoothed over the emotions that are acted."""
    acted = np.isin(EMOTIONS, SIX) / len(SIX)
    one_hot = np.eye(len(EMOTIONS))[labels]
    return np.asarray((1 - SMOOTHING) * one_hot + SMOOTHING * acted, np.float32)


def _augmented(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    return np.array([augment(image, rng) for image in images], np.float32).reshape(images.shape)


def _features(model: Any, images: Images) -> NDArray[np.float32]:
    """What the trunk sees in faces, float32 (N, F)."""
    import keras

    seen = model.get_layer(network.FEATURES).output
    if not len(images):
        return np.empty((0, seen.shape[-1]), np.float32)
    scale = np.float32(255 if images.dtype == np.uint8 else 1)
    trunk = keras.Model(model.input, seen)
    answers = trunk.predict((images / scale)[..., None], batch_size=256, verbose=0)
    return np.asarray(answers, np.float32)


def _with_head(model: Any, lessons: list[Lesson], seed: int) -> Any:
    """The model with what its first head adds learned from lessons, by several in the mean."""
    import keras

    keras.utils.set_random_seed(seed)
    seen = lessons[0].features
    heads = []
    for _ in range(PUPILS):
        _, head = network.with_video_head(model, COMPONENTS, HIDDEN, seen)
        _learn(head, lessons)
        heads.append(head)
    complete, together = network.with_video_head(model, COMPONENTS, PUPILS * HIDDEN, seen)
    network.join_hidden(heads, together)
    return complete


def _learn(head: Any, lessons: list[Lesson]) -> None:
    """Let what a head adds learn from lessons."""
    import keras

    features = np.concatenate([lesson.features for lesson in lessons])
    weights = np.concatenate([lesson.weights for lesson in lessons])
    steps = EPOCHS * -(-len(features) // BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    head.compile(keras.optimizers.AdamW(schedule), keras.losses.CategoricalCrossentropy())
    head.fit(
        features,
        np.concatenate([lesson.targets for lesson in lessons]),
        sample_weight=weights / weights.mean(),
        epochs=EPOCHS,
        batch_size=BATCH,
        verbose=0,
    )
