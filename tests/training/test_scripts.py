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
from affect.expression.runtimes import KerasRuntime
from affect.training import configuration as configurations
from affect.training import expression, log, run_folder
from affect.training.configuration import Configuration
from affect.training.targets import probabilities, read_answers

DOCS = Path(__file__).resolve().parents[2] / "docs"


def run(script: str, **options: Path) -> str:
    """Run a script with options; what it prints."""
    words = [word for name, path in options.items() for word in (f"--{name}", str(path))]
    command = [sys.executable, str(DOCS / script), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


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


def test_the_wider_a_waist_the_less_it_changes(
    faces: FaceSet, tiny: Configuration, save: Callable[[FaceSet], Path], tmp_path: Path
) -> None:
    """`narrow.py` makes a run of a run, with the same log, whose answers are nearly the same."""
    whole = tmp_path / "whole"
    bare = replace(tiny, waists=())
    run_of_two = expression.train(faces, bare, whole, resume=False)
    model = expression.begin(bare, None, "float32")
    model.load_weights(run_of_two.weights)
    expected, moved = probabilities(model, faces.images)["fer2013"], {}
    for waist in (40, 2):
        settings, out = tmp_path / "run.toml", tmp_path / str(waist)
        narrower = replace(bare, waists=(waist,))
        configurations.write(narrower, settings)
        run("narrow.py", data=save(faces), run=whole, config=settings, out=out)
        assert configurations.read(out / run_folder.CONFIGURATION) == narrower
        assert log.read(out / run_folder.LOG) == log.read(run_of_two.log)
        held_out = (whole / run_folder.HELD_OUT).read_text()
        assert (out / run_folder.HELD_OUT).read_text() == held_out
        narrowed = expression.begin(narrower, None, "float32")
        narrowed.load_weights(out / run_folder.WEIGHTS)
        answers = probabilities(narrowed, faces.images)["fer2013"]
        moved[waist] = np.abs(answers - expected).mean()
    assert moved[40] < moved[2] / 2


def test_who_remembers_copies_is_right_on_them(
    faces: FaceSet, save: Callable[[FaceSet], Path]
) -> None:
    """`remembering.py`: five of the fifty are copies, labelled alike; the rest is new."""
    copies, new, every = run("remembering.py", data=save(faces)).splitlines()
    assert copies.split()[1] == "5"
    assert copies.endswith("remembering 100.0%")
    right, remembered = new.split()[-3], new.split()[-1]
    assert new.split()[2] == "45"
    assert right == remembered
    assert every.split()[1] == "50"
