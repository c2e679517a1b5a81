"""A network that begins where a smaller one ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from affect.errors import SettingsError
from affect.expression import network
from affect.training.growth import grow
from affect.training.targets import probabilities

WIDTHS, STRIDES = (16, 24), (4, 4)


def build(stem: int, widths: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    return network.build(stem, widths, strides, 0.3, "float32")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (8, 48, 48), dtype=np.uint8)


@pytest.fixture(scope="module")
def old(images: np.ndarray) -> Any:
    """A small network with weights and statistics unlike those it is initialised with."""
    model = build(16, WIDTHS, STRIDES)
    rng = np.random.default_rng(0)
    model.set_weights([np.abs(rng.normal(0.3, 0.3, w.shape)) for w in model.get_weights()])
    return model


def test_wider_and_deeper_it_answers_the_same(old: Any, images: np.ndarray) -> None:
    new = build(20, (24, 24, 24, 40), (4, 1, 1, 4))
    before = probabilities(new, images)
    grow(old, new)
    expected, answers = probabilities(old, images), probabilities(new, images)
    for head in network.HEADS:
        np.testing.assert_allclose(answers[head], expected[head], atol=1e-5)
        assert np.abs(before[head] - expected[head]).max() > 0.01


def test_what_is_new_can_learn(old: Any, images: np.ndarray) -> None:
    """New channels must differ from each other, or all would learn the same."""
    new = build(16, (16, 16, 32), (4, 1, 4))
    grow(old, new)
    kernel = new.get_layer("stage2_block1_second").get_weights()[0]
    fresh = kernel[..., WIDTHS[-1] :].reshape(-1, 32 - WIDTHS[-1])
    assert np.unique(fresh, axis=1).shape == fresh.shape
    assert (kernel[..., WIDTHS[-1] :, : WIDTHS[-1]] == 0).all()
    assert (new.get_layer("stage1_block2_second_norm").get_weights()[0] == 0).all()


def test_the_head_of_photographs_is_what_grows(old: Any, images: np.ndarray) -> None:
    features = np.random.default_rng(2).random((9, WIDTHS[-1]), np.float32)
    taught, _ = network.with_talking_head(old, 8, features)
    new = build(16, WIDTHS, STRIDES)
    grow(taught, new)
    np.testing.assert_allclose(
        probabilities(new, images)["ferplus"], probabilities(old, images)["ferplus"], atol=1e-5
    )


@pytest.mark.parametrize(
    ("stem", "widths", "strides"),
    [
        pytest.param(16, (16, 16), STRIDES, id="narrower"),
        pytest.param(16, (16,), (4,), id="shorter"),
        pytest.param(16, (16, 24), (4, 1), id="other stages"),
        pytest.param(16, (16, 24, 32), (4, 4, 1), id="wider within a stage"),
    ],
)
def test_what_does_not_fit_is_a_sentence(
    old: Any, stem: int, widths: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    with pytest.raises(SettingsError, match="does not fit"):
        grow(old, build(stem, widths, strides))
