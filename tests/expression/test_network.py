"""What the network is made of."""

from __future__ import annotations

import os

import numpy as np
import pytest

from affect.expression import network
from affect.expression.trunks import Trunk

TRUNKS = [
    Trunk("residual", 48, 16, (16,), (4,), (9,)),
    Trunk("separable", 64, 16, (24,), (2,), (0,)),
]


@pytest.fixture(autouse=True)
def _keras() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def test_each_trunk_looks_at_the_same_face() -> None:
    model = network.build(TRUNKS, 0.0, "float32")
    assert model.get_layer(network.FEATURES).output.shape == (None, 16 + 24)
    assert {layer.name.split("_")[0] for layer in model.layers} >= {"residual", "separable"}
    # A brighter face with more contrast is the same face.
    face = np.random.default_rng(0).random((1, 48, 48, 1), np.float32) / 2
    for head, answer in model.predict_on_batch(face).items():
        again = model.predict_on_batch(face * 1.5 + 0.1)[head]
        np.testing.assert_allclose(answer, again, atol=1e-3)
        assert answer.sum() == pytest.approx(1, abs=1e-5)


def test_the_head_for_video_adds_what_one_trunk_and_main_directions_of_the_other_show() -> None:
    rng = np.random.default_rng(0)
    seen = rng.random((99, 16 + 24), np.float32)
    seen[:, 16] *= 20  # where nearly all of the second trunk's variance is
    model, head = network.with_video_head(network.build(TRUNKS, 0.0, "float32"), 1, 8, seen)
    for name, value in (("video_photographs", 0), ("video_added", 1)):
        layer = head.get_layer(name)
        layer.set_weights([value * rng.random(part.shape) for part in layer.get_weights()])
    answers, moved = head.predict_on_batch(seen), {}
    for name, columns in (("first", slice(16)), ("main", [16]), ("minor", slice(17, None))):
        other = seen.copy()
        other[:, columns] = rng.permutation(other[:, columns])
        moved[name] = np.abs(head.predict_on_batch(other) - answers).max()
    assert moved["first"] > 1e-2
    assert moved["main"] > 1e-2
    assert moved["minor"] < moved["main"] / 10
    assert model.get_layer("video_components").count_params() == 24 + 1


def test_joined_hidden_layers_add_what_each_adds_in_the_mean() -> None:
    rng = np.random.default_rng(1)
    seen = rng.random((20, 16 + 24), np.float32)
    model = network.build(TRUNKS, 0.0, "float32")
    heads = [network.with_video_head(model, 1, 3, seen)[1] for _ in range(2)]
    for head in heads:
        for name in ("video_hidden", "video_added"):
            layer = head.get_layer(name)
            layer.set_weights([rng.normal(size=part.shape) for part in layer.get_weights()])
    _, joined = network.with_video_head(model, 1, 6, seen)
    network.join_hidden(heads, joined)
    one, other, both = (np.log(head.predict_on_batch(seen)) for head in (*heads, joined))
    expected = (one + other) / 2
    assert np.abs(one - other).max() > 0.1
    expected -= np.log(np.exp(expected).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(both, expected, atol=1e-4)
