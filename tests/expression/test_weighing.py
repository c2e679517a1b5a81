from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.special import softmax

from affect.emotions import EMOTIONS
from affect.errors import ModelError
from affect.expression.model import weighing_of
from affect.expression.weighing import FLOOR, Weighing, as_said, from_card

HEADS = ("ferplus", "fer2013")


@pytest.fixture
def outputs() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {head: softmax(rng.normal(0, 2, (6, 7)), axis=1).astype(np.float32) for head in HEADS}


@pytest.fixture
def weighing() -> Weighing:
    rng = np.random.default_rng(6)
    kernel, bias = rng.normal(0, 1, (28, 7)), rng.normal(0, 1, 7)
    return Weighing(HEADS, kernel.astype(np.float32), bias.astype(np.float32))


def test_as_said_is_the_first_head_and_over_looks_its_geometric_mean(
    outputs: dict[str, np.ndarray],
) -> None:
    plain = as_said(HEADS)
    np.testing.assert_allclose(plain.alone(outputs), outputs["ferplus"], atol=1e-3)
    said = plain.said(outputs)
    looks = said.mean(axis=0, keepdims=True), said.std(axis=0, keepdims=True)
    geometric = np.exp(np.log(outputs["ferplus"]).mean(axis=0))
    np.testing.assert_allclose(plain.answer(*looks)[0], geometric / geometric.sum(), atol=1e-3)


def test_mean_and_spread_have_weights_of_their_own(weighing: Weighing) -> None:
    mean, spread = np.random.default_rng(7).normal(0, 1, (2, 4, 14)).astype(np.float32)
    logits = mean @ weighing.kernel[:14] + spread @ weighing.kernel[14:] + weighing.bias
    answer = weighing.answer(mean, spread)
    np.testing.assert_allclose(answer, softmax(logits, axis=1), atol=1e-6)
    assert answer.dtype == np.float32


def test_what_is_all_but_impossible_is_not_told_apart() -> None:
    told = {"ferplus": np.array([[1, 0, 0, 0, 0, 0, 0], [1, 1e-7, 0, 0, 0, 0, 0]], np.float32)}
    said = as_said(["ferplus"]).said(told)
    np.testing.assert_allclose(said[0], said[1])
    assert said.min() == pytest.approx(np.log(FLOOR))


def test_the_card_tells_all_of_it(weighing: Weighing) -> None:
    again = from_card(json.loads(json.dumps(weighing.told())))
    assert again.heads == weighing.heads
    np.testing.assert_allclose(again.kernel, weighing.kernel, atol=1e-4)
    np.testing.assert_allclose(again.bias, weighing.bias, atol=1e-4)


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"video": {"heads": ["ferplus"]}},
        {"video": {"heads": ["ferplus"], "kernel": [[1.0] * 7] * 28, "bias": [0.0] * 7}},
        {"video": {"heads": ["nobody"], "kernel": [[1.0] * 7] * 14, "bias": [0.0] * 7}},
        {"video": {"heads": ["ferplus"], "kernel": [[math.nan] * 7] * 14, "bias": [0.0] * 7}},
        {"video": {"heads": ["ferplus"], "kernel": "many", "bias": [0.0] * len(EMOTIONS)}},
    ],
)
def test_a_card_that_does_not_tell_it_is_a_sentence(card: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="does not say how video is read"):
        weighing_of(card, "video")
