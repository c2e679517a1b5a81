from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from affect.datasets.fer2013 import FaceSet
from affect.emotions import EMOTIONS
from affect.errors import DataError
from affect.expression import network, steady
from affect.expression.trunks import Trunk
from affect.expression.weighing import Weighing
from affect.training import talking
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


@pytest.fixture(scope="module")
def strange() -> FaceSet:
    """More of them, that teach doubt alone."""
    images = np.concatenate([stripes(60, 24, 7), stripes(60, 4, 8)])
    votes = np.zeros((120, 10), np.int64)
    votes[:60, 1] = votes[60:, 3] = 10
    labels = np.repeat([HAPPY, SAD], 60)
    return FaceSet(images, labels, votes, np.array(["Training"] * 120))


def talkers(seed: int) -> talking.TalkingFaces:
    """Four clips, two happy and two sad; in all most looks are of narrow stripes: sad photographs.

    Of five looks two are of wide stripes where people are happy, one where they are sad.
    """
    wide, narrow = stripes(120, 24, seed), stripes(120, 4, seed + 1)
    turn = (np.arange(120) % 5)[:, None, None]
    happy, sad = np.where(turn < 2, wide, narrow), np.where(turn < 1, wide, narrow)
    clips = np.repeat([0, 1, 2, 3], 120)
    return talking.TalkingFaces(
        np.concatenate([happy, sad] * 2),
        np.tile(np.arange(120) / 5, 4),
        clips,
        clips,
        np.repeat([HAPPY, SAD, HAPPY, SAD], 120),
        np.repeat(["ann", "bob"], 240),
    )


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
def teach(model: Any, photographs: FaceSet, strange: FaceSet) -> Callable[..., Weighing]:
    """How video is read once these talked, but for some; the same chance each time."""

    def taught(talkers: talking.TalkingFaces, without: Collection[str] = ()) -> Weighing:
        rng = np.random.default_rng(3)
        return talking.Teacher(model, photographs, strange, talkers, rng).teach(without)

    return taught


def right_on_video(model: Any, video: Weighing, seen: talking.TalkingFaces) -> float:
    said = video.said(probabilities(model, seen.images))
    looks = steady(seen.times_s, seen.tracks, np.ones(len(seen.clips), np.bool_), said)
    return float((video.answer(*looks).argmax(axis=1) == seen.labels).mean())


def right_on_photographs(model: Any, video: Weighing, faces: FaceSet) -> float:
    answers = video.alone(probabilities(model, faces.images))
    return float((answers.argmax(axis=1) == faces.labels).mean())


def test_learns_unseen_talkers_and_keeps_photographs(
    model: Any, teach: Callable[..., Weighing], photographs: FaceSet
) -> None:
    new = talkers(20)
    before, after = teach(talkers(10), without={"ann", "bob"}), teach(talkers(10))
    assert right_on_video(model, before, new) < 0.75
    assert right_on_video(model, after, new) > 0.9
    assert right_on_photographs(model, after, photographs) > 0.97


@pytest.fixture(scope="module")
def at_odds() -> talking.TalkingFaces:
    """As `talkers`, but what makes ann look happy makes bob look sad."""
    both = talkers(10)
    bob = both.speakers == "bob"
    both.labels[bob] = HAPPY + SAD - both.labels[bob]
    return both


def test_who_is_left_out_teaches_nothing(
    teach: Callable[..., Weighing], at_odds: talking.TalkingFaces
) -> None:
    ann = at_odds.speakers == "ann"
    alone = talking.TalkingFaces(
        at_odds.images[ann],
        at_odds.times_s[ann],
        at_odds.tracks[ann],
        at_odds.clips[ann],
        at_odds.labels[ann],
        at_odds.speakers[ann],
    )
    without, only = teach(at_odds, {"bob"}), teach(alone)
    np.testing.assert_allclose(without.kernel, only.kernel, atol=1e-5)
    everyone = teach(at_odds)
    assert np.abs(everyone.kernel - only.kernel).max() > 0.01
    assert without.doubt == only.doubt == 0  # one speaker tells nothing of others
    assert everyone.doubt > 0


def test_it_doubts_what_it_says_of_strangers_who_talk(
    model: Any,
    teach: Callable[..., Weighing],
    at_odds: talking.TalkingFaces,
    photographs: FaceSet,
) -> None:
    alike, unlike = teach(talkers(10)), teach(at_odds)
    assert alike.doubt < 0.1  # each tells how the other talks
    assert unlike.doubt > 0.5  # what one tells of the other is wrong
    said = unlike.said(probabilities(model, at_odds.images))
    everyone = np.ones(len(said), np.bool_)
    looks = steady(at_odds.times_s, at_odds.tracks, everyone, said)
    believing = replace(unlike, doubt=0.0)
    assert unlike.answer(*looks).max(axis=1).mean() < believing.answer(*looks).max(axis=1).mean()
    still = probabilities(model, photographs.images)
    np.testing.assert_array_equal(unlike.alone(still), believing.alone(still))


def test_on_what_people_do_not_agree_teaches_no_doubt(
    model: Any, photographs: FaceSet, strange: FaceSet, at_odds: talking.TalkingFaces
) -> None:
    votes = strange.votes.copy()
    votes[:20] = 1
    disputed = FaceSet(strange.images, strange.labels, votes, strange.splits)
    agreed = disputed.take(np.arange(20, len(strange)))
    first, second = (
        talking.Teacher(model, photographs, some, at_odds, np.random.default_rng(3)).teach().doubt
        for some in (disputed, agreed)
    )
    assert first == second > 0


def test_without_people_who_talk_photographs_teach_alone(
    model: Any, teach: Callable[..., Weighing], photographs: FaceSet
) -> None:
    video = teach(talking.NOBODY)
    assert right_on_photographs(model, video, photographs) > 0.97
    assert video.doubt == 0
    assert talking.NOBODY.counts == {"clips": 0, "people": 0}


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
    assert set(found.tracks[found.clips == 0]).isdisjoint(found.tracks[found.clips == 1])
    assert (np.diff(found.times_s[found.tracks == found.tracks[0]]) > 0).all()


def test_a_bad_table_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a table"):
        talking.find(tmp_path)
    (tmp_path / "labels.csv").write_text("file,speaker,label\nnone.mp4,ann,happy\n")
    with pytest.raises(DataError, match=r"none\.mp4"):
        talking.find(tmp_path)
