"""The same command trains with what can use a GPU: here JAX, on the processor."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from affect.datasets.fer2013 import FaceSet
from affect.training import configuration as configurations
from affect.training import expression, log, run_folder
from affect.training.configuration import Configuration
from affect.training.targets import probabilities


def test_what_jax_trains_tensorflow_answers_with(
    faces: FaceSet, tiny: Configuration, save: Callable[[FaceSet], Path], tmp_path: Path
) -> None:
    configurations.write(tiny, tmp_path / "tiny.toml")
    out = tmp_path / "run"
    program = "import keras; print(keras.backend.backend()); from affect.cli import main; main()"
    command = [sys.executable, "-c", program, "train", "expression", "--data", str(save(faces))]
    command += ["--config", str(tmp_path / "tiny.toml"), "--out", str(out)]
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    assert done.stdout.startswith("jax\n")
    rows = log.read(out / run_folder.LOG)
    assert [row["epoch"] for row in rows] == [1, 2]
    model = expression.begin(tiny, None, "float32")
    model.load_weights(out / run_folder.WEIGHTS)
    _, held_out = expression.split_training(faces, tiny)
    found = expression.accuracy(probabilities(model, held_out.images), held_out)
    best = log.best(rows)
    assert found == pytest.approx({head: best[head] for head in found}, abs=1 / len(held_out))


def test_what_other_backends_cannot_do_is_said_before_it_begins(
    run: expression.TrainingResult, faces: FaceSet, save: Callable[[FaceSet], Path], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "affect", "publish", "expression", "--data", str(save(faces))]
    command += ["--run", str(run.log.parent), "--out", str(tmp_path / "model")]
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "written by TensorFlow, and Keras runs on jax. Unset KERAS_BACKEND" in done.stderr
    assert not (tmp_path / "model").exists()
