"""The scripts in docs/ that prepare a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from affect.datasets.fer2013 import FaceSet
from affect.expression import network
from affect.expression.model import FILES
from affect.expression.runtimes import KerasRuntime, architecture_of
from affect.training import configuration as configurations
from affect.training import expression
from affect.training.configuration import Configuration
from affect.training.targets import probabilities, read_answers

DOCS = Path(__file__).resolve().parents[2] / "docs"


def run(script: str, **options: Path) -> None:
    """Run a script with options."""
    words = [word for name, path in options.items() for word in (f"--{name}", str(path))]
    subprocess.run([sys.executable, str(DOCS / script), *words], check=True, capture_output=True)


def test_a_published_network_answers_whichever_way_a_face_looks(
    faces: FaceSet, published: Path, save: Callable[[FaceSet], Path], tmp_path: Path
) -> None:
    """`answers.py` writes what `train --answers` reads, and nothing of the faces held out."""
    run("answers.py", data=save(faces), model=published, out=tmp_path / "answers.npz")
    lesson = read_answers(tmp_path / "answers.npz")
    (configuration, _) = configurations.published(published)
    learned, _ = expression.split_training(faces, configuration)
    np.testing.assert_array_equal(lesson.images, learned.images)
    known = KerasRuntime(published / FILES["keras"]).network
    seen, mirrored = (
        probabilities(known, way) for way in (learned.images, learned.images[:, :, ::-1])
    )
    for head in network.HEADS:
        expected = (seen[head] + mirrored[head]) / 2
        np.testing.assert_allclose(lesson.targets[head], expected, atol=1e-5)


def test_a_waist_wide_enough_changes_nothing_and_a_narrow_one_little(
    faces: FaceSet, separable: Configuration, save: Callable[[FaceSet], Path], tmp_path: Path
) -> None:
    wide = replace(separable, waists=())
    model = expression.begin(wide, None, "float32")
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if layer.name.endswith("_norm"):
            layer.set_weights([rng.uniform(0.5, 1.5, part.shape) for part in layer.get_weights()])
    weights = tmp_path / FILES["keras"]
    model.save_weights(weights)
    architecture_of(weights).write_text(model.to_json())
    configurations.write(wide, tmp_path / "separable.toml")

    expected, moved = probabilities(model, faces.images)["fer2013"], []
    for waist in (24, 20, 2):
        settings, out = tmp_path / "run.toml", tmp_path / str(waist)
        configurations.write(replace(wide, waists=(waist,)), settings)
        run("narrow.py", data=save(faces), model=tmp_path, config=settings, out=out)
        answers = probabilities(KerasRuntime(out / FILES["keras"]).network, faces.images)
        moved.append(np.abs(answers["fer2013"] - expected).mean())
    assert moved[0] < 1e-5
    assert moved[0] < moved[1] < moved[2]
