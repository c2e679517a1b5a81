"""What the heads are told to answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from affect.datasets.fer2013 import FaceSet
from affect.expression import network
from affect.training.configuration import Configuration
from affect.training.targets import probabilities, targets


def test_without_a_teacher_labels_and_votes(faces: FaceSet, tiny: Configuration) -> None:
    told = targets(faces, replace(tiny, label_smoothing=0.14), None)
    np.testing.assert_array_equal(told["ferplus"], faces.soft_votes)
    assert (told["fer2013"].argmax(axis=1) == faces.labels).all()
    assert told["fer2013"].max() == pytest.approx(0.86 + 0.02)
    np.testing.assert_allclose(told["fer2013"].sum(axis=1), 1, rtol=1e-6)


def test_a_teacher_has_its_share_whichever_way_the_face_looks(
    faces: FaceSet, tiny: Configuration
) -> None:
    teacher = network.build(tiny.stem, tiny.widths, tiny.strides, 0.0, "float32")
    configuration = replace(tiny, teacher_share=0.25)
    alone, told = (targets(faces, configuration, who) for who in (None, teacher))
    mirrored = replace(faces, images=faces.images[:, :, ::-1])
    seen = probabilities(teacher, faces.images)
    for head, answers in targets(mirrored, configuration, teacher).items():
        np.testing.assert_allclose(answers, told[head], atol=1e-6)
        other = probabilities(teacher, mirrored.images)[head]
        expected = 0.75 * alone[head] + 0.25 * (seen[head] + other) / 2
        np.testing.assert_allclose(told[head], expected, atol=1e-6)
