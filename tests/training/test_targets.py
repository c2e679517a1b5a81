"""What a run learns from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from affect.datasets.fer2013 import FaceSet
from affect.errors import DataError
from affect.expression import network
from affect.expression.trunks import Trunk
from affect.training.targets import as_labelled, probabilities, read_answers


def test_faces_are_learned_as_labelled_and_voted(faces: FaceSet) -> None:
    lesson = as_labelled(faces, 0.14)
    np.testing.assert_array_equal(lesson.targets["ferplus"], faces.soft_votes)
    assert (lesson.targets["fer2013"].argmax(axis=1) == faces.labels).all()
    assert lesson.targets["fer2013"].max() == pytest.approx(0.86 + 0.02)
    np.testing.assert_allclose(lesson.targets["fer2013"].sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(lesson.clarity, faces.clarity)


def test_a_network_answers_to_faces_in_bytes_as_to_the_same_in_fractions(faces: FaceSet) -> None:
    model = network.build([Trunk("residual", 48, 16, (16,), (4,), (0,))], 0.0, "float32")
    bytes_, fractions = faces.images[:5], faces.images[:5] / np.float32(255)
    once, again = probabilities(model, bytes_), probabilities(model, fractions)
    assert once.keys() == set(network.HEADS)
    for head in network.HEADS:
        np.testing.assert_allclose(once[head], again[head], atol=1e-6)


def test_other_pictures_come_after_them(faces: FaceSet, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (40, 48, 48), dtype=np.uint8)
    told = {head: rng.dirichlet(np.ones(7), 40).astype(np.float32) for head in network.HEADS}
    np.savez(tmp_path / "answers.npz", images=images, **told)
    alone = as_labelled(faces, 0.1)
    both = alone.and_also(read_answers(tmp_path / "answers.npz"))
    assert len(both) == len(faces) + 40
    np.testing.assert_array_equal(both.images[-40:], images)
    assert both.clarity[-40:].tolist() == [1] * 40
    for head in network.HEADS:
        np.testing.assert_array_equal(both.targets[head][: len(faces)], alone.targets[head])
        np.testing.assert_array_equal(both.targets[head][-40:], told[head])


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ("nothing", "no answers"),
        ("empty", "no answers"),
        ("text", "no answers"),
        ("one head", "no answers"),
        ("no pictures", "no answers"),
        ("pictures in float", "no pictures of faces"),
        ("fewer answers", "answers to other pictures"),
        ("all 0", "no probabilities"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, wrong: str, fault: str) -> None:
    path = tmp_path / "answers.npz"
    images = np.zeros((9, 48, 48), np.float32 if wrong == "pictures in float" else np.uint8)
    rows = 8 if wrong == "fewer answers" else 9
    shares = np.full((rows, 7), 0 if wrong == "all 0" else 1 / 7, np.float32)
    whole = {"images": images, "ferplus": shares, "fer2013": shares}
    if wrong == "one head":
        del whole["fer2013"]
    elif wrong == "no pictures":
        del whole["images"]
    if wrong == "empty":
        path.touch()
    elif wrong == "text":
        path.write_text("no archive")
    elif wrong != "nothing":
        np.savez(path, **whole)
    with pytest.raises(DataError, match=rf"answers\.npz holds .*{fault}") as error:
        read_answers(path)
    assert "(M, 48, 48)" in error.value.advice
