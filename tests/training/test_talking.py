from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.errors import DataError
from affect.expression import network
from affect.expression.trunks import Trunk
from affect.training import pupils, talking
from affect.training.targets import probabilities

HAPPY, SAD = EMOTIONS.index("happy"), EMOTIONS.index("sad")


def stripes(count: int, period: int, seed: int) -> np.ndarray:
    """Noisy upright stripes, uint8 (count, 48, 48): a face that any trunk tells by its period."""
    rng = np.random.default_rng(seed)
    wave = 128 + 100 * np.sin(np.arange(48) * 2 * np.pi / period)
    return np.clip(wave + rng.normal(0, 8, (count, 48, 48)), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def photographs() -> FaceSet:
    """Wide stripes are happy, narrow ones sad; people agree."""
    images = np.concatenate([stripes(300, 24, 0), stripes(300, 4, 1)])
    labels = np.repeat([HAPPY, SAD], 300)
    votes = np.zeros((600, 10), np.int64)
    votes[:300, 1] = votes[300:, 3] = 10  # happiness, sadness
    return FaceSet(images, labels, votes, np.array(["Training"] * 600))


def talkers(seed: int) -> talking.TalkingFaces:
    """People who talk: stripes between, sad ones a little wider than happy ones; four clips."""
    images = np.concatenate([stripes(120, 9, seed), stripes(120, 13, seed + 1)] * 2)
    clips = np.repeat([0, 1, 2, 3], 120)
    labels = np.repeat([HAPPY, SAD, HAPPY, SAD], 120)
    return talking.TalkingFaces(images, clips, labels, np.repeat(["ann", "bob"], 240))


@pytest.fixture(scope="module")
def model(photographs: FaceSet) -> Any:
    """A network whose heads learned the photographs; its untrained trunk tells stripes apart."""
    import keras

    keras.utils.set_random_seed(1)
    plain = network.build([Trunk("residual", 48, 16, (32,), (2,), (0,))], 0.0, "float32")
    features = keras.Model(plain.input, plain.get_layer(network.FEATURES).output)
    head = plain.get_layer("ferplus")
    alone = keras.Sequential([keras.Input(features.output.shape[1:]), head])
    alone.compile(keras.optimizers.Adam(0.1), keras.losses.CategoricalCrossentropy())
    seen = features.predict(photographs.images[..., None] / np.float32(255), verbose=0)
    alone.fit(seen, photographs.soft_votes, epochs=60, batch_size=300, verbose=0)
    return plain


@pytest.fixture(scope="module")
def teacher(model: Any, photographs: FaceSet) -> talking.Teacher:
    rng = np.random.default_rng(3)
    return talking.Teacher(model, pupils.photographs(model, photographs, rng), talkers(10), rng)


def right(model: Any, images: np.ndarray, labels: np.ndarray) -> float:
    return float((probabilities(model, images)["video"].argmax(axis=1) == labels).mean())


def test_learns_unseen_talkers_and_keeps_photographs(
    teacher: talking.Teacher, photographs: FaceSet
) -> None:
    new = talkers(20)
    before, after = teacher.teach(3, without={"ann", "bob"}), teacher.teach(3)
    assert right(before, new.images, new.labels) < 0.75
    assert right(after, new.images, new.labels) > 0.9
    assert right(after, photographs.images, photographs.labels) > 0.97


def test_the_heads_of_photographs_stay_and_seed_decides(
    teacher: talking.Teacher, model: Any
) -> None:
    faces = talkers(30).images[:8]
    once, again = (probabilities(teacher.teach(3, without={"bob"}), faces) for _ in range(2))
    np.testing.assert_array_equal(once["video"], again["video"])
    old = probabilities(model, faces)
    for head in network.HEADS:
        np.testing.assert_allclose(once[head], old[head], atol=1e-6)


def test_without_people_who_talk_photographs_teach_alone(model: Any, photographs: FaceSet) -> None:
    rng = np.random.default_rng(3)
    lesson = pupils.photographs(model, photographs, rng)
    taught = talking.Teacher(model, lesson, talking.NOBODY, rng).teach(3)
    assert right(taught, photographs.images, photographs.labels) > 0.97
    assert talking.NOBODY.counts == {"clips": 0, "people": 0}


def test_a_taught_network_can_learn_readability(teacher: talking.Teacher) -> None:
    taught = teacher.teach(3)
    complete = network.with_readability(taught)
    assert set(complete.output_names) == {*network.ANSWERS, network.READABLE}
    faces = talkers(30).images[:8]
    np.testing.assert_allclose(
        probabilities(complete, faces)["video"],
        probabilities(taught, faces)["video"],
        atol=1e-6,
    )


def test_finds_faces_of_each_clip(face_video: Path, tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(face_video.read_bytes())
    table = "file,speaker,label\na.mp4,ann,happy\nb.mp4,bob,neutral\n"
    (tmp_path / "labels.csv").write_text(table)
    found = talking.find(tmp_path)
    assert found.counts == {"clips": 2, "people": 2}
    assert found.images.shape[1:] == (48, 48)
    assert set(found.speakers[found.clips == 1]) == {"bob"}
    assert set(found.labels[found.clips == 0]) == {HAPPY}


def test_a_bad_table_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a table"):
        talking.find(tmp_path)
    (tmp_path / "labels.csv").write_text("file,speaker,label\nnone.mp4,ann,happy\n")
    with pytest.raises(DataError, match=r"none\.mp4"):
        talking.find(tmp_path)
