"""What each face should be answered with: labels, votes, and now and then a teacher's opinion."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.expression import network
from affect.training.configuration import Configuration

Targets = dict[str, NDArray[np.float32]]


def targets(faces: FaceSet, configuration: Configuration, teacher: Any | None) -> Targets:
    """The probabilities to learn, by head, each float32 (N, 7) with rows summing to 1.

    FER2013's head learns its label, smoothed (Szegedy et al. 2016); FER+'s the votes. With a
    teacher, a share of both is its answer to the face as it is and mirrored (Hinton et al. 2015;
    with a student as large as the teacher: Furlanello et al. 2018): ten votes are few and
    FER2013's labels are often wrong, so what was learned from all the others helps.

    Args:
        faces: with votes.
        configuration: its `label_smoothing` and `teacher_share`.
        teacher: keras.Model with the outputs `network.HEADS`, or none.
    """
    one_hot = np.eye(len(EMOTIONS), dtype=np.float32)[faces.labels]
    smoothing = np.float32(configuration.label_smoothing)
    told = {
        "ferplus": faces.soft_votes,
        "fer2013": one_hot * (1 - smoothing) + smoothing / len(EMOTIONS),
    }
    if teacher is None:
        return told
    share = configuration.teacher_share
    seen = probabilities(teacher, faces.images)
    mirrored = probabilities(teacher, faces.images[:, :, ::-1])
    return {
        head: (1 - share) * told[head] + share / 2 * (seen[head] + mirrored[head])
        for head in network.HEADS
    }


def probabilities(model: Any, images: NDArray[np.uint8]) -> Targets:
    """Each head's answers, float32 (N, 7), for uint8 (N, 48, 48), N at least 1."""
    parts: dict[str, list[NDArray[np.float32]]] = {head: [] for head in network.HEADS}
    for start in range(0, len(images), 256):
        batch = images[start : start + 256, ..., None].astype(np.float32) / np.float32(255)
        outputs = model.predict_on_batch(batch)
        for head in network.HEADS:
            parts[head].append(np.asarray(outputs[head]))
    return {head: np.concatenate(answers) for head, answers in parts.items()}
