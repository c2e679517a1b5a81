from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from affect import export
from affect.datasets.fer2013 import VOTE_COLUMNS, FaceSet
from affect.emotions import EMOTIONS
from affect.training import expression, publish
from affect.training.configuration import Configuration

COLUMN = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprise": "surprise",
    "neutral": "neutral",
}


def votes_for(**counts: int) -> list[int]:
    """One row of FER+ votes, by its own column names."""
    return [counts.get(column, 0) for column in VOTE_COLUMNS]


@pytest.fixture(scope="session")
def faces() -> FaceSet:
    """150 training and 50 test pictures of noise with clear votes; five tests are copies.

    Twenty training pictures are other crops of twenty others.
    """
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (200, 48, 48), dtype=np.uint8)
    images[28:48] = np.roll(images[:20], 2, axis=1)
    labels = np.arange(200) % len(EMOTIONS)
    images[150:155], labels[150:155] = images[:5], labels[:5]
    votes = [votes_for(**{COLUMN[EMOTIONS[label]]: 9, "unknown": 1}) for label in labels]
    splits = np.array(["Training"] * 150 + ["PublicTest"] * 50)
    return FaceSet(images, labels.astype(np.int64), np.array(votes, np.int64), splits)


@pytest.fixture(scope="session")
def tiny() -> Configuration:
    """The residual trunk's configuration, made small enough for a test."""
    return Configuration(
        stem=16,
        widths=(16,),
        strides=(4,),
        waists=(9,),
        dtype="float32",
        epochs=2,
        batch=32,
        ema_momentum=0.5,
    )


@pytest.fixture(scope="session")
def separable(tiny: Configuration) -> Configuration:
    """A small separable trunk's."""
    return replace(tiny, trunk="separable", side=64, widths=(24,), strides=(2,), waists=())


@pytest.fixture(scope="session")
def run(
    faces: FaceSet, tiny: Configuration, tmp_path_factory: pytest.TempPathFactory
) -> expression.TrainingResult:
    """A whole run of two epochs."""
    return expression.train(faces, tiny, tmp_path_factory.mktemp("run"), resume=False)


@pytest.fixture(scope="session")
def separable_run(
    faces: FaceSet, separable: Configuration, tmp_path_factory: pytest.TempPathFactory
) -> expression.TrainingResult:
    """Another run, of the other trunk."""
    return expression.train(faces, separable, tmp_path_factory.mktemp("run"), resume=False)


@pytest.fixture(scope="session")
def published(
    run: expression.TrainingResult,
    separable_run: expression.TrainingResult,
    faces: FaceSet,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of the model that two tiny runs became."""
    folder = tmp_path_factory.mktemp("model")
    # Whatever order they are named in.
    runs = [separable_run.log.parent, run.log.parent]
    publish.publish(runs, faces, (), folder, export.ship)
    return folder


@pytest.fixture(scope="session")
def save(tmp_path_factory: pytest.TempPathFactory) -> Callable[[FaceSet], Path]:
    """Write faces as an .npz of FER2013's form."""

    def write(faces: FaceSet) -> Path:
        names = sorted(set(faces.splits.tolist()))
        path = tmp_path_factory.mktemp("data") / "faces.npz"
        np.savez(
            path,
            pixels=faces.images,
            label=faces.labels.astype(np.uint8),
            usage=np.array([names.index(split) for split in faces.splits], np.uint8),
            usage_names=np.array(names),
            votes=faces.votes.astype(np.uint8),
        )
        return path

    return write
