from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from affect.datasets.fer2013 import FaceSet
from affect.expression import network
from affect.pipeline import READABLE
from affect.training.configuration import Configuration
from affect.training.readability import DECLINED, learn, mine, spoil
from affect.training.targets import probabilities


def test_of_good_faces_few_are_declined(faces: FaceSet, tiny: Configuration) -> None:
    trunk = network.build([tiny.shape], tiny.dropout, tiny.dtype)
    good = faces.split("PublicTest").images
    complete = learn(trunk, faces.split("Training"), faces.images[:9], good, seed=1)
    x = good[..., None].astype(np.float32) / 255
    readable = complete.predict(x, verbose=0)[network.READABLE]
    assert readable.shape == (50, 1)
    assert (readable < READABLE).mean() == pytest.approx(DECLINED, abs=0.5 / 50)
    # The heads are untouched.
    answers, before = complete.predict(x, verbose=0), probabilities(trunk, good)
    for head in network.HEADS:
        np.testing.assert_allclose(answers[head], before[head], atol=1e-5)


def test_spoilt_faces_are_another_picture_of_the_same_form() -> None:
    face: NDArray[np.uint8] = skimage.data.astronaut()[60:180:2, 160:280:2, 1][6:54, 6:54].copy()
    before = face.copy()
    rng = np.random.default_rng(0)
    for _ in range(50):
        spoilt = spoil(face, rng)
        assert (spoilt.shape, spoilt.dtype) == ((48, 48), np.uint8)
        assert abs(spoilt.astype(float) - face).mean() > 5
    assert (face == before).all()


def test_backgrounds_hold_no_face(face_video: Path) -> None:
    """The one face of this video does not become an example of what is none."""
    from affect import expression as shipped

    crops = mine([face_video], seed=2)
    assert len(crops) > 5
    assert crops.shape[1:] == (48, 48)
    assert (shipped.load("ferplus").score(crops).readability >= 0.9).mean() < 0.1


def test_without_videos_there_are_no_backgrounds() -> None:
    assert mine([], seed=0).shape == (0, 48, 48)
