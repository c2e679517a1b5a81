"""Teach how video is read: what the heads say of a face over a few seconds, weighed.

A mouth that speaks looks like surprise or a smile to a network that learned from photographs, and
what it says of a face that talks swings from look to look. So the weighing learns from the mean
and the deviation over a window: of people who talk with a known emotion, and of photographs, which
are seen once, or several times as a restless video might show them. Then it learns to doubt what is
said of a face that swings: people who were left out show how often that is wrong, and photographs
that are moved how often it is right.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
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
from affect.expression import network, steady
from affect.expression.weighing import Weighing, as_said
from affect.training.calibration import Restless, fit_doubt, fit_temperature
from affect.training.pupils import Images, augmented
from affect.training.targets import as_labelled, probabilities
from affect.training.video import SIX, named, talking_table

Said = NDArray[np.float32]  # of N faces by both heads, (N, 14)

RATE: Final = 5.0  # looks a second, as the product takes by default
RESTLESS: Final = 6000  # photographs that are seen several times, at most
LOOKS: Final = 4  # at each of them, changed every time
WEIGHT: Final = 1.0  # of all clips together, against 1 of all photographs
SMOOTHING: Final = 0.1  # an acted emotion is not seen on each face of its clip
DOUBTERS: Final = 0.2  # of what teaches doubt is people who talk; why, docs/training.md tells
RIDGE: Final = 0.02  # holds the weights near the head `ferplus` as it is


@dataclass(frozen=True, eq=False)
class TalkingFaces:
    """Faces out of clips, as the product cuts them; those that it would decline are among them.

    Attributes:
        images: uint8, shape (N, 48, 48).
        times_s: when each was seen, float64, shape (N,).
        tracks: which face on which clip it is, int64, shape (N,).
        clips: number of each face's clip, int64, shape (N,).
        labels: the clip's emotion as an index into `EMOTIONS`, int64, shape (N,).
        speakers: who talks, shape (N,).
    """

    images: NDArray[np.uint8]
    times_s: NDArray[np.float64]
    tracks: NDArray[np.int64]
    clips: NDArray[np.int64]
    labels: NDArray[np.int64]
    speakers: NDArray[np.str_]

    @property
    def counts(self) -> dict[str, int]:
        """How many clips and people there are, for the card."""
        return {"clips": len(np.unique(self.clips)), "people": len(np.unique(self.speakers))}


NOBODY: Final = TalkingFaces(
    np.empty((0, 48, 48), np.uint8),
    np.empty(0, np.float64),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.str_),
)


def find(folder: Path) -> TalkingFaces:
    """The faces of people in the clips of `folder`/labels.csv.

    Raises:
        DataError: as `video.talking_table`, a clip is no video, or there is no face in any.
    """
    images, times, clips, tracks, labels, speakers = [], [], [], [], [], []
    for number, (name, speaker, label) in enumerate(talking_table(folder)):
        finder = finding.FaceFinder(finding.HaarDetector())
        with named(folder / name), media.open_video(folder / name, Limits()) as video:
            found = [face for frame in video.sample(RATE) for face in finder.find(frame)]
        people = finder.people()
        for face in found:
            if face.track in people:
                images.append(face.crop)
                times.append(face.time_s)
                clips.append(number)
                tracks.append((number, face.track))
                labels.append(EMOTIONS.index(label))
                speakers.append(speaker)
    if not images:
        raise DataError(f"There is no face in the clips of {folder}.", "Name clips of faces.")
    _, numbered = np.unique(tracks, axis=0, return_inverse=True)
    return TalkingFaces(
        np.stack(images),
        np.array(times),
        numbered.reshape(-1),
        np.array(clips, np.int64),
        np.array(labels, np.int64),
        np.array(speakers),
    )


@dataclass(frozen=True, eq=False)
class _Windows:
    """What is said of faces over a few seconds, what it means, and how much each window counts."""

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]


class Teacher:
    """Fits weighings over what one network says, which is computed once.

    Args:
        model: a network with both heads.
        photographs: to keep answering as voted; those on which people agree count more.
        strange: photographs that the network never saw; those of a clear majority teach doubt.
        talking: to learn; `NOBODY` for photographs alone.
        rng: chooses and changes photographs.
    """

    def __init__(
        self,
        model: Any,
        photographs: FaceSet,
        strange: FaceSet,
        talking: TalkingFaces,
        rng: np.random.Generator,
    ) -> None:
        self._start = as_said(network.HEADS)
        self._talking = talking
        told = as_labelled(photographs, smoothing=0)
        once = self._said(model, photographs.images)
        count = min(RESTLESS, len(photographs))
        rows = np.sort(rng.choice(len(photographs), count, replace=False))
        chosen = photographs.images[rows]
        often = self._moved(model, chosen, rng)
        votes, clarity = told.targets["ferplus"], told.clarity
        self._photographs = (
            _Windows(once, np.zeros_like(once), votes, clarity / clarity.sum() / 2),
            _Windows(
                often.mean(axis=0),
                often.std(axis=0),
                votes[rows],
                clarity[rows] / clarity[rows].sum() / 2,
            ),
        )
        everyone = np.ones(len(talking.clips), np.bool_)
        said = self._said(model, talking.images)
        self._seen = steady(talking.times_s, talking.tracks, everyone, said)
        strange = strange.take(strange.majority >= 0)
        self._truth = strange.majority
        self._still = self._said(model, strange.images)
        moved = self._moved(model, strange.images, rng)
        self._restless = moved.mean(axis=0), moved.std(axis=0)

    def teach(self, without: Collection[str] = ()) -> Weighing:
        """How video is read, by photographs and all speakers but some."""
        weighing = self._weigh(without)
        return replace(weighing, doubt=self._doubt(weighing, without))

    def _weigh(self, without: Collection[str]) -> Weighing:
        return _fit(self._start, [*self._photographs, *self._clips(without)])

    def _doubt(self, weighing: Weighing, without: Collection[str]) -> float:
        """By strange photographs, moved, and each speaker, read by a weighing of the others.

        Of one speaker alone nothing can be known of strangers who talk: 0.
        """
        people = sorted(set(self._talking.speakers) - set(without))
        if len(people) < 2:
            return 0.0
        still = weighing.answer(self._still, np.zeros_like(self._still))
        told = [self._unheard(person, without) for person in people]
        answers, unrest, truth = (np.concatenate(parts) for parts in zip(*told, strict=True))
        mean, spread = self._restless
        groups = (
            Restless(DOUBTERS, answers, unrest, truth),
            Restless(1 - DOUBTERS, weighing.answer(mean, spread), spread.mean(axis=1), self._truth),
        )
        return fit_doubt(groups, fit_temperature(still, self._truth))

    def _unheard(
        self, person: str, without: Collection[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        """Answers to the faces of a person who taught none of them, their unrest, the truth."""
        rows = self._talking.speakers == person
        mean, spread = (part[rows] for part in self._seen)
        weighing = self._weigh({*without, person})
        return weighing.answer(mean, spread), spread.mean(axis=1), self._talking.labels[rows]

    def _moved(
        self, model: Any, images: NDArray[np.uint8], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """What is said of several looks at each, float32 (looks, N, 14)."""
        return np.stack([self._said(model, augmented(images, rng)) for _ in range(LOOKS)])

    def _said(self, model: Any, images: Images) -> Said:
        if not len(images):
            return np.empty((0, self._start.width), np.float32)
        return self._start.said(probabilities(model, images))

    def _clips(self, without: Collection[str]) -> list[_Windows]:
        """A clip is one unit of weight, however many faces it has."""
        rows = np.flatnonzero(~np.isin(self._talking.speakers, list(without)))
        if not len(rows):
            return []
        _, of_clip, sizes = np.unique(
            self._talking.clips[rows], return_inverse=True, return_counts=True
        )
        weights = np.asarray(WEIGHT / (len(sizes) * sizes[of_clip]), np.float32)
        mean, spread = (part[rows] for part in self._seen)
        return [_Windows(mean, spread, _targets(self._talking.labels[rows]), weights)]


def _targets(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Smoothed over the emotions that are acted."""
    acted = np.isin(EMOTIONS, SIX) / len(SIX)
    one_hot = np.eye(len(EMOTIONS))[labels]
    return np.asarray((1 - SMOOTHING) * one_hot + SMOOTHING * acted, np.float32)


def _fit(start: Weighing, windows: Collection[_Windows]) -> Weighing:
    """The weighing of the least cross-entropy, held near where it starts: a convex problem."""
    from scipy.optimize import minimize

    seen = np.concatenate([np.hstack([part.mean, part.spread]) for part in windows])
    seen = np.hstack([seen, np.ones((len(seen), 1))]).astype(np.float64)
    targets = np.concatenate([part.targets for part in windows]).astype(np.float64)
    weights = np.concatenate([part.weights for part in windows])[:, None].astype(np.float64)
    origin = np.vstack([start.kernel, start.bias]).astype(np.float64)
    held = np.full((len(origin), 1), RIDGE)
    held[-1] = 0  # the bias is free

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        layer = flat.reshape(origin.shape)
        logits = seen @ layer
        logits -= logits.max(axis=1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        moved = layer - origin
        gradient = seen.T @ (weights * (np.exp(logs) - targets)) + 2 * held * moved
        value = -(weights * targets * logs).sum() + (held * moved**2).sum()
        return float(value), gradient.ravel()

    found = minimize(loss, origin.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 5000})
    if not found.success:
        raise DataError(
            f"What teaches how video is read came to no end: {found.message}", "Check the clips."
        )
    layer = found.x.reshape(origin.shape).astype(np.float32)
    return Weighing(start.heads, layer[:-1], layer[-1], start.doubt)
