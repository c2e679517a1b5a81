"""What a hidden layer adds to heads."""

from __future__ import annotations

import os

import numpy as np
import pytest

from affect.expression import network
from affect.expression.hidden import join_hidden, with_hidden
from affect.expression.trunks import Trunk

TRUNKS = [
    Trunk("residual", 48, 16, (16,), (4,), (9,)),
    Trunk("separable", 64, 16, (24,), (2,), (0,)),
]
VIDEO = {"video": "ferplus"}


@pytest.fixture(autouse=True)
def _keras() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def test_it_sees_one_trunk_and_the_main_directions_of_the_other() -> None:
    rng = np.random.default_rng(0)
    seen = rng.random((99, 16 + 24), np.float32)
    seen[:, 16] *= 20  # where nearly all of the second trunk's variance is
    plain = network.build(TRUNKS, 0.0, "float32")
    model, head = with_hidden(plain, "video", VIDEO, 1, 8, seen)
    for name, value in (("video_linear", 0), ("video_added", 1)):
        layer = head.get_layer(name)
        layer.set_weights([value * rng.random(part.shape) for part in layer.get_weights()])
    answers, moved = head.predict_on_batch(seen)["video"], {}
    for name, columns in (("first", slice(16)), ("main", [16]), ("minor", slice(17, None))):
        other = seen.copy()
        other[:, columns] = rng.permutation(other[:, columns])
        moved[name] = np.abs(head.predict_on_batch(other)["video"] - answers).max()
    assert moved["first"] > 1e-2
    assert moved["main"] > 1e-2
    assert moved["minor"] < moved["main"] / 10
    assert model.get_layer("video_components").count_params() == 24 + 1


def test_joined_hidden_layers_add_what_each_adds_in_the_mean() -> None:
    rng = np.random.default_rng(1)
    seen = rng.random((20, 16 + 24), np.float32)
    model = network.build(TRUNKS, 0.0, "float32")
    heads = [with_hidden(model, "video", VIDEO, 1, 3, seen)[1] for _ in range(2)]
    for head in heads:
        for name in ("video_hidden", "video_added"):
            layer = head.get_layer(name)
            layer.set_weights([rng.normal(size=part.shape) for part in layer.get_weights()])
    _, joined = with_hidden(model, "video", VIDEO, 1, 6, seen)
    join_hidden("video", heads, joined)
    one, other, both = (np.log(head.predict_on_batch(seen)["video"]) for head in (*heads, joined))
    expected = (one + other) / 2
    assert np.abs(one - other).max() > 0.1
    expected -= np.log(np.exp(expected).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(both, expected, atol=1e-4)


def test_heads_begin_as_they_were_and_others_stay() -> None:
    """Two heads on one layer, instead of those that are there; a third one beside them."""
    rng = np.random.default_rng(2)
    seen, faces = rng.random((20, 16 + 24), np.float32), rng.random((5, 48, 48, 1), np.float32)
    plain = network.build(TRUNKS, 0.0, "float32")
    both, _ = with_hidden(plain, "photographs", {head: head for head in network.HEADS}, 2, 4, seen)
    three, alone = with_hidden(both, "video", VIDEO, 2, 4, seen)
    before, after = plain.predict_on_batch(faces), three.predict_on_batch(faces)
    assert after.keys() == set(network.ANSWERS)
    for head, origin in (*((head, head) for head in network.HEADS), ("video", "ferplus")):
        np.testing.assert_allclose(after[head], before[origin], atol=1e-6)
    layer = alone.get_layer("video_added")
    layer.set_weights([rng.normal(size=part.shape) for part in layer.get_weights()])
    moved = three.predict_on_batch(faces)
    assert np.abs(moved["video"] - after["video"]).max() > 1e-2
    np.testing.assert_array_equal(moved["ferplus"], after["ferplus"])


def test_a_network_from_a_file_gets_one_as_well() -> None:
    """Keras counts names from the start again, and knows nothing of those in the file."""
    import keras

    seen = np.random.default_rng(3).random((20, 16 + 24), np.float32)
    keras.backend.clear_session()
    plain = network.build(TRUNKS, 0.0, "float32")
    first, _ = with_hidden(plain, "photographs", {head: head for head in network.HEADS}, 2, 4, seen)
    description = first.to_json()
    keras.backend.clear_session()
    read = keras.models.model_from_json(description)
    complete, _ = with_hidden(read, "video", VIDEO, 2, 4, seen)
    assert complete.output.keys() == set(network.ANSWERS)
