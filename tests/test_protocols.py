"""What each implementation of a contract promises, the shipped ones and a fake alike."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax
from skimage import data

from affect.contracts import (
    Box,
    Detection,
    ExpressionModel,
    FaceDetector,
    ModelIdentity,
    Scores,
)
from affect.emotions import EMOTIONS
from affect.export import sample_faces
from affect.expression import ANSWERS, RUNTIMES
from affect.faces import HaarDetector
from affect.pipeline import load_model

Gray = NDArray[np.uint8]


class Undecided:
    """Reads every face as anything, with the same probability."""

    identity = ModelIdentity("undecided", "0" * 64)

    def score(self, crops: Gray) -> Scores:
        count = len(crops)
        even = np.full((count, len(EMOTIONS)), 1 / len(EMOTIONS), np.float32)
        return Scores(even, np.ones(count, np.float32), np.log(even))

    def answer(self, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(softmax(mean, axis=1), np.float32)


class Middle:
    """Takes the middle of every picture for a face."""

    def places(self, gray: Gray) -> tuple[Box, ...]:
        side = min(gray.shape) / 3
        return (Box((gray.shape[1] - side) / 2, (gray.shape[0] - side) / 2, side, side),)

    def rare_places(self, gray: Gray) -> tuple[Box, ...]:
        return ()

    def look(self, gray: Gray, places: Iterable[Box]) -> tuple[Detection, ...]:
        return tuple(Detection(place, 50.0) for place in places)


@pytest.fixture(
    params=["undecided", *product(ANSWERS, RUNTIMES)],
    ids=lambda made: made if isinstance(made, str) else "-".join(made),
)
def model(request: pytest.FixtureRequest) -> ExpressionModel:
    return Undecided() if request.param == "undecided" else load_model(*request.param)


@pytest.fixture(params=[HaarDetector, Middle], ids=["haar", "middle"])
def detector(request: pytest.FixtureRequest) -> FaceDetector:
    made: FaceDetector = request.param()
    return made


@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_model_gives_each_face_probabilities_and_a_readability(
    model: ExpressionModel, count: int
) -> None:
    crops = np.random.default_rng(2).integers(0, 256, (count, 48, 48), dtype=np.uint8)
    scores = model.score(crops)
    assert scores.probabilities.shape == (count, len(EMOTIONS))
    assert scores.probabilities.dtype == scores.readability.dtype == np.float32
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1, rtol=1e-4)
    assert scores.readability.shape == (count,)
    assert ((scores.readability >= 0) & (scores.readability <= 1)).all()


@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_model_answers_to_several_looks_and_to_one_as_it_scores_it(
    model: ExpressionModel, count: int
) -> None:
    crops = np.random.default_rng(4).integers(0, 256, (count, 48, 48), dtype=np.uint8)
    scores = model.score(crops)
    once = model.answer(scores.said, np.zeros_like(scores.said))
    np.testing.assert_allclose(once, scores.probabilities, atol=1e-6)
    often = model.answer(scores.said, np.ones_like(scores.said))
    assert often.shape == once.shape
    np.testing.assert_allclose(often.sum(axis=1), 1, rtol=1e-4)


def test_what_swings_is_answered_otherwise_for_a_video_alone() -> None:
    crops = sample_faces()[:8]
    for head in ANSWERS:
        model = load_model(head)
        said = model.score(crops).said
        still, swinging = (model.answer(said, np.full_like(said, by)) for by in (0, 1))
        assert np.allclose(still, swinging) == (head != "video"), head


def test_a_model_answers_the_same_twice_and_says_who_it_is(model: ExpressionModel) -> None:
    crops = np.random.default_rng(3).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    np.testing.assert_array_equal(
        model.score(crops).probabilities, model.score(crops).probabilities
    )
    assert model.identity.name
    assert len(model.identity.sha256) == 64


def test_a_detector_gives_square_boxes_the_surest_first(detector: FaceDetector) -> None:
    gray = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)
    found = detector.look(gray, detector.places(gray))
    assert found
    scores = [face.score for face in found]
    assert scores == sorted(scores, reverse=True)
    assert all(face.box.width == pytest.approx(face.box.height) for face in found)


def test_a_detector_asked_nowhere_finds_nothing(detector: FaceDetector) -> None:
    gray = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)
    assert detector.look(gray, ()) == ()


def test_where_a_detector_would_look_lies_on_the_picture(detector: FaceDetector) -> None:
    gray = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)
    turn = cv2.getRotationMatrix2D((256, 256), 35, 1)
    tilted = cv2.warpAffine(gray, turn, (512, 512), borderValue=128)
    for place in (*detector.places(gray), *detector.rare_places(tilted)):
        assert 0 <= place.x <= place.x + place.width <= 512
        assert 0 <= place.y <= place.y + place.height <= 512
