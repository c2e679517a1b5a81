from __future__ import annotations

import numpy as np

from affect.datasets.fer2013 import FaceSet
from affect.training.ranges import calibration_faces


def test_every_eighth_is_spoilt_and_what_was_learned_stays(faces: FaceSet) -> None:
    learned = faces.split("Training")
    before = learned.images.copy()
    chosen = calibration_faces(learned)
    np.testing.assert_array_equal(learned.images, before)
    same = (chosen == before).all(axis=(1, 2))
    assert not same[::8].any()
    assert same.sum() == len(same) - len(same[::8])
    np.testing.assert_array_equal(calibration_faces(learned), chosen)


def test_of_many_512_are_taken(faces: FaceSet) -> None:
    many = faces.take(np.arange(2000) % len(faces))
    assert calibration_faces(many).shape == (512, 48, 48)
