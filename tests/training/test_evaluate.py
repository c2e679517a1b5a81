from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax

from affect.contracts import ModelIdentity, Scores
from affect.datasets.fer2013 import VOTE_COLUMNS, FaceSet
from affect.emotions import EMOTIONS
from affect.errors import DataError
from affect.training.evaluate import default_split, evaluate

HAPPY, SAD, FEAR = (EMOTIONS.index(name) for name in ("happy", "sad", "fear"))


@dataclass(frozen=True)
class Always:
    """A model with one answer for every face."""

    emotion: int

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity("always", "0" * 64)

    def score(self, crops: NDArray[np.uint8]) -> Scores:
        probabilities = np.full((len(crops), len(EMOTIONS)), 0.05, np.float32)
        probabilities[:, self.emotion] = 0.7
        return Scores(probabilities, np.ones(len(crops), np.float32), np.log(probabilities))

    def answer(self, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(softmax(mean, axis=1), np.float32)


def face_set(rows: list[tuple[int, str, dict[str, int]]]) -> FaceSet:
    """Different faces from (label, split, votes by FER+'s names)."""
    images = np.random.default_rng(3).integers(0, 256, (len(rows), 48, 48), dtype=np.uint8)
    votes = [[row[2].get(column, 0) for column in VOTE_COLUMNS] for row in rows]
    return FaceSet(
        images,
        np.array([row[0] for row in rows], np.int64),
        np.array(votes, np.int64),
        np.array([row[1] for row in rows]),
    )


def test_fer2013_counts_every_label_in_the_view() -> None:
    faces = face_set([(HAPPY, "Test", {}), (SAD, "Test", {}), (FEAR, "Test", {})])
    assert evaluate(Always(HAPPY), faces, "fer2013", "seven").every.n == 3
    five = evaluate(Always(HAPPY), faces, "fer2013", "five").every
    assert (five.n, five.accuracy) == (2, 0.5)
    assert list(five.per_class) == ["angry", "happy", "sad", "surprise", "neutral"]


def test_answers_are_restricted_to_the_view() -> None:
    faces = face_set([(HAPPY, "Test", {}), (EMOTIONS.index("angry"), "Test", {})])
    five = evaluate(Always(FEAR), faces, "fer2013", "five").every
    assert five.confusion.sum() == 2  # fear is no answer there
    assert five.reliability.confidence.max() == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("votes", "counts"),
    [
        ({"happiness": 6, "sadness": 4}, True),
        ({"happiness": 5, "sadness": 5}, False),
        ({"happiness": 5, "unknown": 4}, True),
        ({"happiness": 5, "NF": 5}, False),
        ({"contempt": 10}, False),
        ({"unknown": 10}, False),
        ({}, False),
    ],
)
def test_ferplus_counts_where_more_than_half_of_all_votes_agree(
    votes: dict[str, int], counts: bool
) -> None:
    faces = face_set([(SAD, "Test", {"happiness": 10}), (SAD, "Test", votes)])
    measures = evaluate(Always(HAPPY), faces, "ferplus", "seven").every
    assert measures.n == 1 + counts
    assert measures.accuracy == 1.0


def test_a_majority_outside_the_view_does_not_count() -> None:
    faces = face_set([(SAD, "Test", {"fear": 10}), (SAD, "Test", {"happiness": 10})])
    assert evaluate(Always(HAPPY), faces, "ferplus", "five").every.n == 1


def test_coverage_is_told_of_the_faces_that_count_and_of_the_good_ones() -> None:
    """Readability here rises from face to face; the last is right."""

    class Doubtful(Always):
        def score(self, crops: NDArray[np.uint8]) -> Scores:
            readability = np.linspace(0, 1, len(crops), dtype=np.float32)
            return replace(super().score(crops), readability=readability)

    agreed = {"happiness": 10}
    rows = [(SAD, "Test", agreed), (SAD, "Test", {}), (FEAR, "Test", agreed), (HAPPY, "Test", {})]
    coverage = evaluate(Doubtful(HAPPY), face_set(rows), "fer2013", "five").coverage
    assert coverage.points[0].coverage == 1
    assert coverage.points[0].accuracy == pytest.approx(1 / 3)  # fear is not in the view
    assert coverage.points[-1].accuracy == 1
    assert (coverage.good, coverage.good_dropped) == (2, 0.5)


def test_copies_of_training_images_are_told_apart(faces: FaceSet) -> None:
    evaluation = evaluate(Always(HAPPY), faces, "ferplus", "seven")
    assert evaluation.split == "PublicTest"
    assert evaluation.every.n == 50
    assert evaluation.without_copies is not None
    assert evaluation.without_copies.n == 45
    assert evaluation.new_photographs is not None
    assert evaluation.new_photographs.n == 45


def test_other_crops_of_training_images_are_told_apart() -> None:
    faces = face_set([(HAPPY, "Training", {}), (SAD, "Test", {}), (HAPPY, "Test", {})])
    smooth = np.stack([cv2.GaussianBlur(image, (0, 0), 3) for image in faces.images])
    smooth[1] = np.roll(smooth[0], 1, axis=1)  # the same picture, moved by a pixel
    evaluation = evaluate(Always(HAPPY), replace(faces, images=smooth), "fer2013", "seven")
    assert evaluation.without_copies is not None
    assert evaluation.new_photographs is not None
    told = (evaluation.every, evaluation.without_copies, evaluation.new_photographs)
    assert [measures.n for measures in told] == [2, 2, 1]
    assert [measures.accuracy for measures in told] == [0.5, 0.5, 1.0]


def test_without_training_images_copies_are_unknown(faces: FaceSet) -> None:
    alone = faces.split("PublicTest")
    evaluation = evaluate(Always(HAPPY), alone, "ferplus", "seven")
    assert evaluation.without_copies is None
    assert evaluation.new_photographs is None


def test_default_split(faces: FaceSet) -> None:
    rows = face_set([(0, "Training", {}), (0, "PrivateTest", {}), (0, "Other", {})])
    assert default_split(faces) == "PublicTest"
    assert default_split(rows.take(np.array([0, 1]))) == "PrivateTest"
    with pytest.raises(DataError, match="Other, PrivateTest, Training"):
        default_split(rows)
    with pytest.raises(DataError, match="not clear: there are Training"):
        default_split(rows.take(np.array([0])))


def test_nothing_to_count_is_a_sentence(faces: FaceSet) -> None:
    no_votes = replace(faces, votes=np.zeros_like(faces.votes))
    with pytest.raises(DataError, match="--labels fer2013"):
        evaluate(Always(HAPPY), no_votes, "ferplus", "five")
    with pytest.raises(DataError, match="no split 'Nowhere'"):
        evaluate(Always(HAPPY), faces, "ferplus", "five", "Nowhere")
