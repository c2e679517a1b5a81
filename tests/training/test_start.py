"""A run that begins with a network which has learned something already."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from affect.expression import network
from affect.training.configuration import Configuration
from affect.training.start import begin_with, freeze, frozen
from affect.training.targets import probabilities

WIDTHS, STRIDES = (16, 24), (2, 4)


def build(stem: int, widths: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    return network.build(48, stem, widths, strides, 0.3, "float32")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (8, 48, 48), dtype=np.uint8)


@pytest.fixture(scope="module")
def old() -> Any:
    """A small network with weights and statistics unlike those it is initialised with."""
    model = build(16, WIDTHS, STRIDES)
    rng = np.random.default_rng(0)
    model.set_weights([np.abs(rng.normal(0.3, 0.3, w.shape)) for w in model.get_weights()])
    return model


def test_it_answers_the_same(old: Any, images: np.ndarray) -> None:
    new = build(16, WIDTHS, STRIDES)
    before = probabilities(new, images)
    begin_with(old, new)
    expected, answers = probabilities(old, images), probabilities(new, images)
    for head in network.HEADS:
        np.testing.assert_allclose(answers[head], expected[head], atol=1e-6)
        assert np.abs(before[head] - expected[head]).max() > 0.01


def test_the_head_of_photographs_is_what_it_begins_with(old: Any, images: np.ndarray) -> None:
    features = np.random.default_rng(2).random((9, WIDTHS[-1]), np.float32)
    taught, _ = network.with_talking_head(old, 8, 8, features)
    new = build(16, WIDTHS, STRIDES)
    begin_with(taught, new)
    np.testing.assert_allclose(
        probabilities(new, images)["ferplus"], probabilities(old, images)["ferplus"], atol=1e-5
    )


def test_what_is_frozen_stays_and_the_rest_learns(images: np.ndarray) -> None:
    import keras

    model = build(16, WIDTHS, STRIDES)
    freeze(model, frozen(Configuration(frozen=1)))
    before = {layer.name: layer.get_weights() for layer in model.layers}
    model.compile(keras.optimizers.SGD(0.1), dict.fromkeys(network.HEADS, "mse"))
    told = np.eye(7, dtype=np.float32)[[0, 1, 2, 3, 4, 5, 6, 0]]
    x = images[..., None] / np.float32(255)
    model.fit(x, dict.fromkeys(network.HEADS, told), epochs=1, verbose=0)
    for name, kept in (
        ("stem", True),
        ("stem_norm", True),
        ("block1_depth", True),
        ("block1_point_norm", True),
        ("block2_depth", False),
        ("block2_point_norm", False),
        ("fer2013", False),
    ):
        pairs = zip(before[name], model.get_layer(name).get_weights(), strict=True)
        assert all(np.array_equal(was, now) for was, now in pairs) == kept, name


def test_with_none_frozen_all_learns() -> None:
    assert frozen(Configuration(frozen=0)) == []
