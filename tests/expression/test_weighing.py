from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

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
    return Weighing(HEADS, kernel.astype(np.float32), bias.astype(np.float32), doubt=0.7)


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
    mean, spread = np.random.default_rng(7).uniform(0, 1, (2, 4, 14)).astype(np.float32)
    logits = mean @ weighing.kernel[:14] + spread @ weighing.kernel[14:] + weighing.bias
    sure = np.exp(-0.7 * spread.mean(axis=1, keepdims=True))
    answer = weighing.answer(mean, spread)
    np.testing.assert_allclose(answer, softmax(logits * sure, axis=1), atol=1e-6)
    assert answer.dtype == np.float32


def test_of_looks_that_do_not_agree_it_is_less_sure_and_says_the_same(weighing: Weighing) -> None:
    rng = np.random.default_rng(8)
    mean, spread = rng.uniform(-4, 0, (50, 14)), rng.uniform(0, 2, (50, 14))
    looks = mean.astype(np.float32), spread.astype(np.float32)
    certain = replace(weighing, doubt=0.0).answer(*looks)
    doubting = weighing.answer(*looks)
    assert (doubting.max(axis=1) < certain.max(axis=1)).all()
    np.testing.assert_array_equal(doubting.argmax(axis=1), certain.argmax(axis=1))


def test_of_a_face_that_is_seen_once_it_does_not_doubt(
    weighing: Weighing, outputs: dict[str, np.ndarray]
) -> None:
    certain = replace(weighing, doubt=0.0)
    np.testing.assert_array_equal(weighing.alone(outputs), certain.alone(outputs))


def test_it_knows_how_many_numbers_it_is(weighing: Weighing) -> None:
    assert weighing.parameters == 28 * 7 + 7 + 1


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
    assert again.doubt == pytest.approx(weighing.doubt, abs=1e-4)


def told(**wrong: object) -> dict[str, object]:
    """A card of one head with something wrong in it."""
    right = {"heads": ["ferplus"], "kernel": [[1.0] * 7] * 14, "bias": [0.0] * 7, "doubt": 0.5}
    return {"video": {**right, **wrong}}


def test_a_card_that_tells_it_is_taken() -> None:
    assert weighing_of(told(), "video").doubt == 0.5


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"video": {"heads": ["ferplus"]}},
        told(doubt=None),
        told(kernel=[[1.0] * 7] * 28),
        told(kernel=[[math.nan] * 7] * 14),
        told(kernel="many"),
        told(heads=["nobody"]),
        told(bias=[math.inf] * 7),
        told(doubt=-0.1),
        told(doubt=math.nan),
        told(doubt=math.inf),
    ],
)
def test_a_card_that_does_not_tell_it_is_a_sentence(card: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="does not say how video is read"):
        weighing_of(card, "video")
