"""What the heads are told to answer."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from affect.datasets.fer2013 import FaceSet
from affect.errors import DataError
from affect.expression import network
from affect.expression.model import FILES
from affect.expression.runtimes import KerasRuntime, architecture_of
from affect.training.configuration import Configuration
from affect.training.targets import answers_to, probabilities, read_answers, targets

ROOT = Path(__file__).resolve().parents[2]


def test_without_a_teacher_labels_and_votes(faces: FaceSet, tiny: Configuration) -> None:
    told = targets(faces, replace(tiny, label_smoothing=0.14), None)
    np.testing.assert_array_equal(told["ferplus"], faces.soft_votes)
    assert (told["fer2013"].argmax(axis=1) == faces.labels).all()
    assert told["fer2013"].max() == pytest.approx(0.86 + 0.02)
    np.testing.assert_allclose(told["fer2013"].sum(axis=1), 1, rtol=1e-6)


def test_a_teacher_has_its_share(faces: FaceSet, tiny: Configuration) -> None:
    configuration = replace(tiny, teacher_share=0.25)
    alone = targets(faces, configuration, None)
    happy = np.tile(np.eye(7, dtype=np.float32)[3], (len(faces), 1))
    told = targets(faces, configuration, dict.fromkeys(network.HEADS, happy))
    for head in network.HEADS:
        np.testing.assert_allclose(told[head], 0.75 * alone[head] + 0.25 * happy, atol=1e-6)
        assert told[head].dtype == np.float32


def test_a_teacher_at_another_place_answers_to_each_face_by_its_picture(
    faces: FaceSet, tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    asked = faces.split("Training")
    told = {
        head: rng.dirichlet(np.ones(7), len(asked)).astype(np.float32) for head in network.HEADS
    }
    np.savez(tmp_path / "answers.npz", **told)
    rows = rng.permutation(len(asked))[:40]
    read = answers_to(asked.take(rows), asked, read_answers(tmp_path / "answers.npz", asked))
    for head in network.HEADS:
        np.testing.assert_array_equal(read[head], told[head][rows])


@pytest.mark.parametrize("wrong", ["nothing", "empty", "text", "one head", "fewer faces", "all 0"])
def test_answers_to_other_faces_are_refused(faces: FaceSet, tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "answers.npz"
    told = {head: np.zeros((len(faces), 7), np.float32) for head in network.HEADS}
    if wrong == "empty":
        path.touch()
    elif wrong == "text":
        path.write_text("no archive")
    elif wrong == "one head":
        np.savez(path, ferplus=told["ferplus"])
    elif wrong == "fewer faces":
        np.savez(path, **{head: array[1:] for head, array in told.items()})
    elif wrong == "all 0":
        np.savez(path, **told)
    with pytest.raises(DataError, match=r"answers\.npz holds") as error:
        read_answers(path, faces)
    assert "(200, 7)" in error.value.advice


def test_answers_of_a_published_network_whichever_way_a_face_looks(
    faces: FaceSet, published: Path, save: Callable[[FaceSet], Path], tmp_path: Path
) -> None:
    """`docs/answers.py` writes what `train --answers` reads, from the head of photographs."""
    known = KerasRuntime(published / FILES["keras"]).network
    taught, head = network.with_talking_head(known, 8, 8, np.random.default_rng(0).random((9, 16)))
    added = head.get_layer("talking")
    added.set_weights([np.full_like(added.get_weights()[0], 0.5)])
    shutil.copytree(published, tmp_path / "model")
    taught.save_weights(tmp_path / "model" / FILES["keras"])
    architecture_of(tmp_path / "model" / FILES["keras"]).write_text(taught.to_json())

    script = [sys.executable, str(ROOT / "docs" / "answers.py"), "--data", str(save(faces))]
    script += ["--model", str(tmp_path / "model"), "--out", str(tmp_path / "answers.npz")]
    subprocess.run(script, check=True, capture_output=True)
    asked = faces.split("Training")
    told = read_answers(tmp_path / "answers.npz", asked)
    seen, mirrored = (probabilities(known, way) for way in (asked.images, asked.images[:, :, ::-1]))
    for name in network.HEADS:
        np.testing.assert_allclose(told[name], (seen[name] + mirrored[name]) / 2, atol=1e-5)
