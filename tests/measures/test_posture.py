from collections.abc import Callable

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from affect.contracts import GOOD_POSTURE, Box, Face
from affect.measures.posture import Stillness, posture

rng = np.random.default_rng(5)


@pytest.fixture
def face() -> Callable[..., Face]:
    def make(time_s: float, pixels: np.ndarray, track: int = 0) -> Face:
        return Face(round(time_s * 5), time_s, track, Box(0, 0, 48, 48), 50.0, pixels)

    return make


def noise() -> np.ndarray:
    return rng.integers(0, 256, (48, 48), dtype=np.uint8)


@pytest.mark.parametrize("rate", [1, 2, 5, 8])
def test_compares_faces_one_second_apart_at_any_rate(face: Callable[..., Face], rate: int) -> None:
    crops = [noise() for _ in range(2 * rate + 1)]
    stillness = Stillness(rate)
    values = [stillness.compare(face(i / rate, crop)) for i, crop in enumerate(crops)]
    assert values[:rate] == [None] * rate
    golden = [
        structural_similarity(crops[i - rate] / 255, crops[i] / 255, data_range=1.0)
        for i in range(rate, len(crops))
    ]
    np.testing.assert_allclose(values[rate:], golden)


def test_the_same_face_is_perfectly_still(face: Callable[..., Face]) -> None:
    stillness, crop = Stillness(5), noise()
    assert stillness.compare(face(0, crop)) is None
    assert stillness.compare(face(1, crop)) == pytest.approx(1)


def test_people_are_never_compared_with_each_other(face: Callable[..., Face]) -> None:
    stillness = Stillness(5)
    stillness.compare(face(0, noise(), track=0))
    assert stillness.compare(face(1, noise(), track=1)) is None


@pytest.mark.parametrize(
    ("gap", "is_pair"), [(0.85, False), (0.95, True), (1.05, True), (1.15, False)]
)
def test_a_pair_is_a_second_apart_give_or_take_a_tenth(
    face: Callable[..., Face], gap: float, is_pair: bool
) -> None:
    stillness = Stillness(5)
    stillness.compare(face(0, noise()))
    assert (stillness.compare(face(gap, noise())) is not None) is is_pair


@pytest.mark.parametrize("rate", [0.8, 0.9, 1.5, 2.5, 3.5, 7.5, 24, 60])
def test_there_are_pairs_at_odd_rates_too(face: Callable[..., Face], rate: float) -> None:
    crop, stillness = noise(), Stillness(rate)
    values = [stillness.compare(face(i / rate, crop)) for i in range(round(4 * rate))]
    assert sum(value is not None for value in values) >= 2
    assert {round(value, 6) for value in values if value is not None} == {1.0}


def test_keeps_no_more_than_about_a_second(face: Callable[..., Face]) -> None:
    stillness = Stillness(5)
    for i in range(500):
        stillness.compare(face(i / 5, noise(), track=i))
    assert len(stillness._recent) < 10


@pytest.mark.parametrize(
    ("score", "label"), [(GOOD_POSTURE, "Good"), (GOOD_POSTURE - 0.01, "Not good")]
)
def test_verdict(score: float, label: str) -> None:
    result = posture([None, score, None, score])
    assert result is not None
    assert (result.score, result.label, result.pairs) == (pytest.approx(score), label, 2)


def test_absent_without_a_pair() -> None:
    assert posture([None, None]) is None
