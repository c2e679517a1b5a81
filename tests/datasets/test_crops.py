from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from affect.datasets.crops import counterparts
from affect.datasets.fer2013 import SIZE, VOTE_COLUMNS, FaceSet

LARGE = 64  # a photograph that faces are cut out of


def photographs(n: int, seed: int) -> NDArray[np.uint8]:
    """Smooth pictures that have nothing to do with each other, uint8 (n, 64, 64)."""
    noise = np.random.default_rng(seed).random((n, 8, 8), np.float32) * 255
    enlarged = [cv2.resize(one, (LARGE, LARGE), interpolation=cv2.INTER_CUBIC) for one in noise]
    return np.clip(enlarged, 0, 255).astype(np.uint8)


def cut(picture: NDArray[np.uint8], left: int = 8, top: int = 8, side: int = SIZE) -> FaceSet:
    crop = cv2.resize(picture[top : top + side, left : left + side], (SIZE, SIZE))
    return faces(crop[None].astype(np.uint8))


def faces(images: NDArray[np.uint8]) -> FaceSet:
    votes = np.zeros((len(images), len(VOTE_COLUMNS)), np.int64)
    return FaceSet(images, np.zeros(len(images), np.int64), votes, np.full(len(images), "Other"))


@pytest.fixture(scope="module")
def known() -> FaceSet:
    return faces(photographs(60, 1)[:, 8:56, 8:56])


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    """The photograph that the eighth known face was cut out of."""
    return photographs(60, 1)[7]


@pytest.mark.parametrize(
    ("left", "top", "side"), [(8, 8, 48), (11, 6, 48), (5, 10, 48), (6, 6, 52), (10, 10, 45)]
)
def test_other_crops_of_a_photograph_are_found(
    known: FaceSet, picture: NDArray[np.uint8], left: int, top: int, side: int
) -> None:
    assert counterparts(cut(picture, left, top, side), known).tolist() == [7]


def test_a_mirrored_darker_and_marked_one_is_found(
    known: FaceSet, picture: NDArray[np.uint8]
) -> None:
    crop = np.ascontiguousarray(cut(picture, left=10).images[0, :, ::-1]) // 2
    cv2.putText(crop, "stock", (6, 40), cv2.FONT_HERSHEY_PLAIN, 0.7, 90)
    assert counterparts(faces(crop[None]), known).tolist() == [7]


def test_other_photographs_are_new(known: FaceSet) -> None:
    """Of many smooth pictures one may look like another by chance."""
    others = faces(photographs(200, 2)[:, 8:56, 8:56])
    assert (counterparts(others, known) >= 0).sum() <= 2


def test_each_is_told_by_itself(known: FaceSet, picture: NDArray[np.uint8]) -> None:
    new = photographs(2, 3)[:, 8:56, 8:56]
    mixed = faces(np.stack([new[0], cut(picture, left=9).images[0], new[1]]))
    assert counterparts(mixed, known).tolist() == [-1, 7, -1]


def test_black_pictures_show_nothing_but_copies_of_them(known: FaceSet) -> None:
    black = faces(np.zeros((1, SIZE, SIZE), np.uint8))
    assert counterparts(black, known).tolist() == [-1]
    assert counterparts(black, black).tolist() == [0]


def test_a_flat_middle_shows_nothing_whatever_surrounds_it(known: FaceSet) -> None:
    framed = np.full((1, SIZE, SIZE), 255, np.uint8)
    framed[:, 4:-4, 4:-4] = 0
    assert counterparts(faces(framed), known).tolist() == [-1]


def test_where_nothing_is_known_all_is_new(known: FaceSet) -> None:
    nothing = faces(np.empty((0, SIZE, SIZE), np.uint8))
    assert (counterparts(known, nothing) == -1).all()
    assert counterparts(nothing, known).shape == (0,)


def test_few_others_are_enough(known: FaceSet, picture: NDArray[np.uint8]) -> None:
    assert counterparts(cut(picture, top=9), known.take(np.array([7]))).tolist() == [0]
