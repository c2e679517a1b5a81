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


@pytest.fixture(autouse=True)
def _keras() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def test_it_sees_one_trunk_and_the_main_directions_of_the_other() -> None:
    rng = np.random.default_rng(0)
    seen = rng.random((99, 16 + 24), np.float32)
    seen[:, 16] *= 20  # where nearly all of the second trunk's variance is
    plain = network.build(TRUNKS, 0.0, "float32")
    model, head = with_hidden(plain, 1, 8, seen)
    for name, value in (("ferplus_linear", 0), ("ferplus_added", 1)):
        layer = head.get_layer(name)
        layer.set_weights([value * rng.random(part.shape) for part in layer.get_weights()])
    answers, moved = head.predict_on_batch(seen)["ferplus"], {}
    for name, columns in (("first", slice(16)), ("main", [16]), ("minor", slice(17, None))):
        other = seen.copy()
        other[:, columns] = rng.permutation(other[:, columns])
        moved[name] = np.abs(head.predict_on_batch(other)["ferplus"] - answers).max()
    assert moved["first"] > 1e-2
    assert moved["main"] > 1e-2
    assert moved["minor"] < moved["main"] / 10
    assert model.get_layer("photographs_components").count_params() == 24 + 1


def test_joined_hidden_layers_add_what_each_adds_in_the_mean() -> None:
    rng = np.random.default_rng(1)
    seen = rng.random((20, 16 + 24), np.float32)
    model = network.build(TRUNKS, 0.0, "float32")
    heads = [with_hidden(model, 1, 3, seen)[1] for _ in range(2)]
    for head in heads:
        for name in ("photographs_hidden", "ferplus_added"):
            layer = head.get_layer(name)
            layer.set_weights([rng.normal(size=part.shape) for part in layer.get_weights()])
    _, joined = with_hidden(model, 1, 6, seen)
    join_hidden(heads, joined)
    one, other, both = (np.log(head.predict_on_batch(seen)["ferplus"]) for head in (*heads, joined))
    expected = (one + other) / 2
    assert np.abs(one - other).max() > 0.1
    expected -= np.log(np.exp(expected).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(both, expected, atol=1e-4)


def test_heads_begin_as_they_were_and_share_the_layer() -> None:
    rng = np.random.default_rng(2)
    seen, faces = rng.random((20, 16 + 24), np.float32), rng.random((5, 48, 48, 1), np.float32)
    plain = network.build(TRUNKS, 0.0, "float32")
    both, alone = with_hidden(plain, 2, 4, seen)
    before, after = plain.predict_on_batch(faces), both.predict_on_batch(faces)
    assert after.keys() == set(network.HEADS)
    for head in network.HEADS:
        np.testing.assert_allclose(after[head], before[head], atol=1e-6)
        layer = alone.get_layer(f"{head}_added")
        layer.set_weights([rng.normal(size=part.shape) for part in layer.get_weights()])
    moved = both.predict_on_batch(faces)
    for head in network.HEADS:
        assert np.abs(moved[head] - after[head]).max() > 1e-2
    assert both.count_params() == plain.count_params() + sum(
        (2 * 16, (24 + 1) * 2, (16 + 2 + 1) * 4, 2 * 4 * 7)  # normalised, components, layer, added
    )
