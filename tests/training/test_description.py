from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from affect.datasets.fer2013 import VOTE_COLUMNS, FaceSet
from affect.training.description import Faults, agreement, counts, faults


def test_counts_every_image_once(faces: FaceSet) -> None:
    found = counts(faces)
    assert list(found) == ["Training", "PublicTest"]
    assert sum(found["Training"].values()) == 150
    assert found["PublicTest"]["happy"] == (faces.split("PublicTest").labels == 3).sum()


def test_faults_are_found(faces: FaceSet) -> None:
    assert faults(faces) == Faults(5, 0, 5, 5, 0, 0)
    images, labels, votes = faces.images.copy(), faces.labels.copy(), faces.votes.copy()
    images[20] = 0
    images[31], labels[31] = images[30], (labels[30] + 1) % 7
    votes[40] = 0
    votes[40, VOTE_COLUMNS.index("NF")] = 10
    worse = replace(faces, images=images, labels=labels, votes=votes)
    assert faults(worse) == Faults(6, 2, 5, 5, 1, 1)


def test_other_crops_of_photographs_are_counted_beside_copies(faces: FaceSet) -> None:
    images = faces.images.copy()
    smooth = cv2.GaussianBlur(images[10], (0, 0), 3)
    images[10], images[170] = smooth, np.roll(smooth, 1, axis=1)  # Training's, PublicTest's
    found = faults(replace(faces, images=images))
    assert (found.learned_tests, found.learned_photographs) == (5, 6)


def test_agreement_counts_clear_images_only(faces: FaceSet) -> None:
    assert np.trace(agreement(faces)) == 200
    votes = faces.votes.copy()
    votes[0] = [5, 5, 0, 0, 0, 0, 0, 0, 0, 0]
    votes[1] = [0, 9, 0, 0, 0, 0, 0, 0, 0, 0]
    table = agreement(replace(faces, votes=votes))
    assert table.sum() == 199
    assert table[faces.labels[1], 3] >= 1
