"""What is learned: faces as they are labelled and voted, and what teachers answer to others."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.errors import DataError
from affect.expression import network
from affect.expression.runtimes import as_input

Targets = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Lesson:
    """Pictures and what to answer to them.

    Attributes:
        images: uint8, shape (N, 48, 48).
        targets: the probabilities to learn.
        clarity: float32 (N,) in [0, 1], how much each counts for the head `ferplus`.
    """

    images: NDArray[np.uint8]
    targets: Targets
    clarity: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.images)

    def and_also(self, more: Lesson) -> Lesson:
        """This and another one after it."""
        return Lesson(
            np.concatenate([self.images, more.images]),
            {
                head: np.concatenate([self.targets[head], more.targets[head]])
                for head in network.HEADS
            },
            np.concatenate([self.clarity, more.clarity]),
        )


def as_labelled(faces: FaceSet, smoothing: float) -> Lesson:
    """Faces with votes: FER+'s head learns the votes, FER2013's its label, smoothed.

    Args:
        smoothing: share of a label that is spread over all classes (Szegedy et al. 2016).
    """
    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)[faces.labels]
    share = np.float32(smoothing)
    told = {"ferplus": faces.soft_votes, "fer2013": one_hot * (1 - share) + share / len(EMOTIONS)}
    return Lesson(faces.images, told, faces.clarity)


def read_answers(path: Path) -> Lesson:
    """Pictures that nobody labelled, and what teachers answer to them (Hinton et al. 2015).

    Args:
        path: an .npz with `images`, uint8 (M, 48, 48), and an array of probabilities (M, 7) a head.

    Raises:
        DataError: the file cannot be read or holds something else.
    """
    expected = (
        f"Expected an .npz with images, uint8 (M, 48, 48), and {' and '.join(network.HEADS)}, "
        "each (M, 7), rows summing to 1."
    )
    try:
        with np.load(path) as file:
            images = np.asarray(file["images"])
            answers = {head: np.asarray(file[head], np.float32) for head in network.HEADS}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} holds no answers.", expected) from error
    if images.dtype != np.uint8 or images.shape[1:] != network.INPUT_SHAPE[:2]:
        raise DataError(f"{path} holds no pictures of faces.", expected)
    for array in answers.values():
        if array.shape != (len(images), len(EMOTIONS)):
            raise DataError(f"{path} holds answers to other pictures.", expected)
        if not np.allclose(array.sum(axis=1), 1, atol=0.01) or (array < 0).any():
            raise DataError(f"{path} holds numbers that are no probabilities.", expected)
    return Lesson(images, answers, np.ones(len(images), np.float32))


def probabilities(model: Any, images: NDArray[np.uint8] | NDArray[np.float32]) -> Targets:
    """The answers of each head, float32 (N, 7).

    Args:
        images: (N, 48, 48), N at least 1; uint8, or float32 in [0, 1].
    """
    import keras

    parts: dict[str, list[NDArray[np.float32]]] = {head: [] for head in network.HEADS}
    for start in range(0, len(images), 256):
        # Not `predict`, by which JAX takes weights away that a moving average shares.
        outputs = model(as_input(images[start : start + 256]), training=False)
        for head, answers in parts.items():
            answers.append(keras.ops.convert_to_numpy(outputs[head]))
    return {head: np.concatenate(answers) for head, answers in parts.items()}
