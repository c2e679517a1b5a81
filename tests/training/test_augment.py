from __future__ import annotations

import numpy as np
import skimage.data
import skimage.transform
from numpy.typing import NDArray

from affect.training.augment import augment, touch_up


def astronaut() -> NDArray[np.uint8]:
    crop = skimage.data.astronaut()[60:180, 160:280].mean(axis=2)
    return (skimage.transform.resize(crop, (48, 48)) / 255 * 255).astype(np.uint8)


def test_variants_have_form_and_range_and_leave_the_face_alone() -> None:
    face = astronaut()
    before = face.copy()
    rng = np.random.default_rng(0)
    for _ in range(200):
        variant = augment(face, rng)
        assert variant.shape == (48, 48)
        assert variant.dtype == np.float32
        assert variant.min() >= 0
        assert variant.max() <= 1
    assert (face == before).all()


def test_the_same_chance_gives_the_same_variant() -> None:
    face = astronaut()
    first, again, other = (augment(face, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert not np.allclose(first, other)


def test_touching_up_stays_closer_to_the_face() -> None:
    face = astronaut()
    rng = np.random.default_rng(3)

    def distance(variant: NDArray[np.float32]) -> float:
        still, mirrored = face / 255, face[:, ::-1] / 255
        return float(min(abs(variant - still).mean(), abs(variant - mirrored).mean()))

    changed = np.median([distance(augment(face, rng)) for _ in range(200)])
    touched_up = np.median([distance(touch_up(face, rng)) for _ in range(200)])
    assert touched_up < changed / 1.5
