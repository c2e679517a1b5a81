"""The shipped weights, measured on the real faces that no part of training has seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from affect import expression
from affect.datasets import fer2013
from affect.expression.model import for_runtime
from affect.resources import folder
from affect.training.evaluate import LABELS_OF, default_split, evaluate, judge

REQUIRED = {"video": 0.905, "ferplus": 0.91, "fer2013": 0.685}


@pytest.mark.parametrize("runtime", expression.RUNTIMES)
@pytest.mark.parametrize("head", REQUIRED)
def test_accuracy_is_what_the_card_says_and_what_is_required(
    shared_data: Path, head: str, runtime: str
) -> None:
    card = expression.read_card(folder("model"))
    evaluation = for_runtime(card, runtime)["evaluation"][head]
    faces = fer2013.load(shared_data / "fer2013.npz")
    split = default_split(faces)
    assert split == card["data"]["evaluated_on"] == "PublicTest"
    probabilities = expression.load(head, runtime).score(faces.split(split).images).probabilities
    for view, told in evaluation.items():
        every, fresh = judge(probabilities, faces, split, LABELS_OF[head], view)
        assert every.n == told["n"]
        assert every.accuracy == pytest.approx(told["accuracy"], abs=0.002)
        assert every.reliability.error == pytest.approx(told["ece"], abs=0.003)
        assert fresh is not None
        assert fresh.n < every.n
    lost = 0 if runtime == "keras" else 0.01  # what eight bits may cost
    assert evaluation["seven"]["accuracy"] >= REQUIRED[head] - lost


def test_hardly_a_good_face_is_declined_and_the_rest_is_read_better(shared_data: Path) -> None:
    faces = fer2013.load(shared_data / "fer2013.npz")
    evaluation = evaluate(expression.load("video"), faces, "ferplus", "seven")
    coverage = evaluation.coverage
    assert coverage.good > 2800
    assert coverage.good_dropped is not None
    assert coverage.good_dropped < 0.03
    assert coverage.product.accuracy is not None
    assert coverage.product.accuracy > evaluation.every.accuracy
