"""What a set of labelled faces holds, and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from affect.datasets import crops, fer2013
from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS


@dataclass(frozen=True)
class Faults:
    """What training has to leave out; all are numbers of images.

    Attributes:
        copies: exact copies of an earlier image.
        conflicting: images whose copies carry another label.
        learned_tests: images of other splits that also stand in "Training".
        learned_photographs: images of other splits whose photograph "Training" shows, exactly or
            in another crop.
        black: without any light.
        no_face: where more than half of FER+'s votes say "no face".
    """

    copies: int
    conflicting: int
    learned_tests: int
    learned_photographs: int
    black: int
    no_face: int


def counts(faces: FaceSet) -> dict[str, dict[str, int]]:
    """Count the images of each split and FER2013 label."""
    return {
        split: {
            emotion: int(((faces.splits == split) & (faces.labels == label)).sum())
            for label, emotion in enumerate(EMOTIONS)
        }
        for split in sorted(set(faces.splits.tolist()), reverse=True)
    }


def faults(faces: FaceSet) -> Faults:
    """Count what is wrong."""
    labels_of: dict[bytes, list[int]] = defaultdict(list)
    for image, label in zip(faces.images, faces.labels, strict=True):
        labels_of[image.tobytes()].append(int(label))
    training = faces.splits == "Training"
    tests, learned = faces.take(~training), faces.take(training)
    return Faults(
        copies=len(faces) - len(labels_of),
        conflicting=sum(len(labels) for labels in labels_of.values() if len(set(labels)) > 1),
        learned_tests=int(fer2013.copies_of(tests, learned).sum()),
        learned_photographs=int((crops.counterparts(tests, learned) >= 0).sum()),
        black=int((~faces.images.any(axis=(1, 2))).sum()),
        no_face=int(faces.no_face.sum()),
    )


def agreement(faces: FaceSet) -> NDArray[np.int64]:
    """Count clear images by FER2013 label (row) and FER+ majority (column), int64 (7, 7)."""
    clear = faces.majority >= 0
    table = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(table, (faces.labels[clear], faces.majority[clear]), 1)
    return table
