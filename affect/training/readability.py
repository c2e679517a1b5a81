"""Teach the network to say "this I cannot read": one logistic unit on the finished trunk.

It learns from FER+'s votes for "unknown" and "no face", from faces made unreadable, and from what
the detector takes for faces in the backgrounds of videos: shirts, ears, flowers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from affect import faces as finding
from affect import media
from affect.contracts import Box, Limits
from affect.datasets.fer2013 import FaceSet
from affect.expression import network
from affect.pipeline import READABLE
from affect.training.augment import augment
from affect.training.pupils import features
from affect.training.video import named

MINE_RATE = 2.0  # frames a second
FALSE_SCORE = 20.0  # a place the detector scores lower, away from any face, is none
CLEAR = 0.2  # share of votes for "unknown" or "no face" from which a face is not learned as clear
DECLINED = 0.02  # share of good faces that may be taken for unreadable

Crop = NDArray[np.uint8]  # (48, 48)
Crops = NDArray[np.uint8]  # (N, 48, 48)


def mine(videos: Iterable[Path], seed: int) -> Crops:
    """Crops of what is no face, from the backgrounds of videos.

    Taken are places the cascades propose and hardly any window confirms, and random squares,
    both only where they touch no face that is sure.

    Returns:
        uint8, shape (N, 48, 48).

    Raises:
        DataError: a video is damaged.
    """
    rng = np.random.default_rng(seed)
    detector = finding.HaarDetector()
    crops = []
    for path in videos:
        with named(path), media.open_video(path, Limits()) as video:
            for frame in video.sample(MINE_RATE):
                found = detector.detect(frame.gray)
                confirmed = [face.box for face in found if face.score >= FALSE_SCORE]
                doubtful = [face.box for face in found if face.score < FALSE_SCORE]
                places = [*doubtful, *detector.places(frame.gray), *_squares(frame.gray, rng)]
                crops += [
                    finding.crop(frame.gray, place)
                    for place in places
                    if not any(_touch(place, face) for face in confirmed)
                ]
    return np.array(crops, np.uint8).reshape(-1, 48, 48)


def spoil(image: Crop, rng: np.random.Generator) -> Crop:
    """A face, uint8 (48, 48), made unreadable in one of the ways `SPOILT` names."""
    ways = list(SPOILT.values())
    return ways[rng.integers(len(ways))](image, rng)


def _too_small(image: Crop, rng: np.random.Generator) -> Crop:
    side = int(rng.integers(4, 9))
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (48, 48)), np.uint8)


def _blurred(image: Crop, rng: np.random.Generator) -> Crop:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(4, 8)), np.uint8)


def _half_outside(image: Crop, rng: np.random.Generator) -> Crop:
    shift = rng.uniform(22, 34) * np.exp(1j * rng.uniform(0, 2 * np.pi))
    matrix = np.array([[1.0, 0, shift.real], [0, 1, shift.imag]])
    moved = cv2.warpAffine(image, matrix, (48, 48), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8)


def _hidden(image: Crop, rng: np.random.Generator) -> Crop:
    hidden = image.copy()
    top = int(rng.integers(0, 16))
    hidden[top : top + 34] = rng.integers(0, 256)
    return hidden


def _lying(image: Crop, rng: np.random.Generator) -> Crop:
    angle = rng.uniform(70, 290)
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), angle, rng.uniform(0.9, 1.5))
    turned = cv2.warpAffine(image, matrix, (48, 48), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(turned, np.uint8)


SPOILT: Final[Mapping[str, Callable[[Crop, np.random.Generator], Crop]]] = {
    "too small": _too_small,
    "blurred": _blurred,
    "half outside": _half_outside,
    "hidden but for a strip": _hidden,
    "lying or upside down": _lying,
}


def learn(model: Any, faces: FaceSet, background: Crops, good: Crops, seed: int) -> Any:
    """The network with a readability output, fitted on the features of its frozen trunk.

    In the end the output is shifted such that of good faces `DECLINED` lie below `READABLE`.

    Args:
        model: the trained network.
        faces: clear ones are examples of readable, unclear and spoilt ones of unreadable faces.
        background: what `mine` found.
        good: faces that people agree on and that nothing was learned from, at least one.
        seed: of what is spoilt and of the fit.

    Returns:
        keras.Model as `network.with_readability` describes it.
    """
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    clear = faces.images[faces.unclear < CLEAR]
    unclear = faces.images[faces.unclear > 0.5]
    spoilt = clear[rng.permutation(len(clear))[: len(clear) // 3]]
    readable = np.stack([augment(image, rng) for image in clear])
    unreadable = np.stack(
        [image / np.float32(255) for image in (spoil(image, rng) for image in spoilt)]
        + [augment(image, rng) for image in unclear]
        + [augment(image, rng) for image in background for _ in range(3)]
    )
    y = np.concatenate([np.ones(len(readable)), np.zeros(len(unreadable))]).astype(np.float32)
    # Both kinds count the same, however many there are of each.
    weight = np.where(y == 1, 0.5 / len(readable), 0.5 / len(unreadable)) * len(y)
    complete = network.with_readability(model)
    x = features(model, np.concatenate([readable, unreadable]).astype(np.float32))
    unit = complete.get_layer(network.READABLE)
    seen = keras.Input(x.shape[1:])
    head = keras.Model(seen, unit(seen))
    head.compile(keras.optimizers.Adam(3e-3), keras.losses.BinaryCrossentropy())
    head.fit(
        x,
        y,
        sample_weight=weight.astype(np.float32),
        epochs=40,
        batch_size=512,
        verbose=0,
    )
    answers = head.predict(features(model, good), verbose=0)
    kernel, bias = unit.get_weights()
    unit.set_weights([kernel, bias + _logit(READABLE) - _logit(np.quantile(answers, DECLINED))])
    return complete


def _logit(probability: float) -> float:
    bounded = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(np.log(bounded / (1 - bounded)))


def _squares(gray: NDArray[np.uint8], rng: np.random.Generator) -> list[Box]:
    height, width = gray.shape
    squares = []
    for _ in range(2):
        side = rng.uniform(0.1, 0.5) * min(height, width)
        squares.append(Box(rng.uniform(0, width - side), rng.uniform(0, height - side), side, side))
    return squares


def _touch(a: Box, b: Box) -> bool:
    return (
        a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    )
