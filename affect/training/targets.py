"""What each face should be answered with: labels, votes, and what a teacher thinks."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.errors import DataError
from affect.expression import network
from affect.training.configuration import Configuration

Targets = dict[str, NDArray[np.float32]]


def targets(faces: FaceSet, configuration: Configuration, heard: Targets | None) -> Targets:
    """The probabilities to learn, by head, each float32 (N, 7) with rows summing to 1.

    FER2013's head learns its label, smoothed (Szegedy et al. 2016); FER+'s the votes. With a
    teacher, a share of both is what it answers (Hinton et al. 2015): ten votes are few and
    FER2013's labels are often wrong, so what was learned from all the others helps.

    Args:
        faces: with votes.
        configuration: its `label_smoothing` and `teacher_share`.
        heard: what the teacher answers to these faces.
    """
    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)[faces.labels]
    smoothing = np.float32(configuration.label_smoothing)
    told = {
        "ferplus": faces.soft_votes,
        "fer2013": one_hot * (1 - smoothing) + smoothing / len(EMOTIONS),
    }
    if heard is None:
        return told
    share = np.float32(configuration.teacher_share)
    return {head: (1 - share) * told[head] + share * heard[head] for head in network.HEADS}


def read_answers(path: Path, asked: FaceSet) -> Targets:
    """What a teacher answered to M faces, float32 (M, 7) by head.

    Args:
        path: an .npz with one array (M, 7) of probabilities a head.
        asked: the M faces, in that order.

    Raises:
        DataError: the file cannot be read, is about other faces, or holds no probabilities.
    """
    expected = (
        f"Expected an .npz with {' and '.join(network.HEADS)}, each ({len(asked)}, 7), "
        "rows summing to 1."
    )
    try:
        with np.load(path) as file:
            answers = {head: np.asarray(file[head], np.float32) for head in network.HEADS}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} holds no answers.", expected) from error
    for array in answers.values():
        if array.shape != (len(asked), len(EMOTIONS)):
            raise DataError(f"{path} holds answers to other faces.", expected)
        if not np.allclose(array.sum(axis=1), 1, atol=0.01) or (array < 0).any():
            raise DataError(f"{path} holds numbers that are no probabilities.", expected)
    return answers


def answers_to(faces: FaceSet, asked: FaceSet, answers: Targets) -> Targets:
    """Of the answers to `asked` those to `faces`, which are all among them, by their pictures."""
    row_of = {image.tobytes(): row for row, image in enumerate(asked.images)}
    rows = [row_of[image.tobytes()] for image in faces.images]
    return {head: array[rows] for head, array in answers.items()}


def probabilities(model: Any, images: NDArray[np.uint8]) -> Targets:
    """Each head's answers, float32 (N, 7), for uint8 (N, 48, 48), N at least 1."""
    parts: dict[str, list[NDArray[np.float32]]] = {head: [] for head in network.HEADS}
    for start in range(0, len(images), 256):
        batch = images[start : start + 256, ..., None].astype(np.float32) / np.float32(255)
        outputs = model.predict_on_batch(batch)
        for head in network.HEADS:
            parts[head].append(np.asarray(outputs[head]))
    return {head: np.concatenate(answers) for head, answers in parts.items()}
