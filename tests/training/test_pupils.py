"""What the heads of photographs learn together."""

from __future__ import annotations

import numpy as np
import pytest

from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.expression import network
from affect.expression.trunks import Trunk
from affect.training import pupils
from affect.training.targets import probabilities

HAPPY, SAD, FEAR = (EMOTIONS.index(emotion) for emotion in ("happy", "sad", "fear"))


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    """Bright above, or fine stripes; voters call them happy and sad, labels fear and happy."""
    images = np.random.default_rng(0).integers(0, 60, (600, 48, 48), dtype=np.uint8)
    images[:300, :24] += 150
    images[300:, :, ::3] += 150
    votes = np.zeros((600, 10), np.int64)
    votes[:300, 1] = votes[300:, 3] = 10  # happiness, sadness
    labels = np.repeat([FEAR, HAPPY], 300)
    return FaceSet(images, labels, votes, np.array(["Training"] * 600))


def test_each_head_learns_its_own_labels_on_the_layer_both_share(faces: FaceSet) -> None:
    import keras

    keras.utils.set_random_seed(1)
    model = network.build([Trunk("residual", 48, 16, (32,), (2,), (0,))], 0.0, "float32")
    lesson = pupils.photographs(model, faces, np.random.default_rng(2))
    often = pupils.FeatureLesson(  # so few faces need more than the usual epochs
        np.tile(lesson.features, (20, 1)),
        {head: np.tile(told, (20, 1)) for head, told in lesson.targets.items()},
        {head: np.tile(told, 20) for head, told in lesson.weights.items()},
    )
    answers = probabilities(pupils.teach(model, often, seed=3), faces.images)
    for head, taught in (("ferplus", (HAPPY, SAD)), ("fer2013", (FEAR, HAPPY))):
        right = answers[head].argmax(axis=1) == np.repeat(taught, 300)
        assert right.mean() > 0.95, head


def test_labels_are_sharp_and_votes_weigh_what_they_agree(faces: FaceSet) -> None:
    votes = faces.votes.copy()
    votes[0] = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    doubtful = FaceSet(faces.images[:4], faces.labels[:4], votes[:4], faces.splits[:4])
    model = network.build([Trunk("residual", 48, 16, (16,), (4,), (0,))], 0.0, "float32")
    lesson = pupils.photographs(model, doubtful, np.random.default_rng(4))
    np.testing.assert_array_equal(lesson.targets["fer2013"], np.eye(7)[[FEAR] * 8])
    weights = lesson.weights["ferplus"]
    assert weights[0] == weights[4] < weights[1]
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(lesson.weights["fer2013"], 1 / 8)
