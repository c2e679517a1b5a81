"""The shipped weights, measured on the real faces that no part of training has seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from affect import expression
from affect.datasets import fer2013
from affect.datasets.fer2013 import FaceSet
from affect.export import FORMATS
from affect.expression.model import FILES, calibrated, for_runtime, weighing_of
from affect.expression.runtimes import DEFAULT_RUNTIME, RUNTIMES, run
from affect.pipeline import READABLE
from affect.report.rates import rate
from affect.resources import folder
from affect.training.evaluate import (
    LABELS_OF,
    Shown,
    default_split,
    evaluate,
    judge,
    shown_in_training,
)
from affect.training.readability import SPOILT

# Of the default file. Those of `fer2013` were reached, and lie below its goals, which README names.
REQUIRED = {
    "video": {"seven": 0.89, "five": 0.905},
    "ferplus": {"seven": 0.915, "five": 0.925},
    "fer2013": {"seven": 0.69, "five": 0.765, "seed": 0.75},
}
TALKING = {"six": 0.45, "five": 0.52}
CALIBRATION = 0.03  # its error, of seven emotions
SPLIT = "PublicTest"

Answers = Mapping[str, Mapping[str, NDArray[np.float32]]]


@pytest.fixture(scope="module")
def faces(shared_data: Path) -> FaceSet:
    return fer2013.load(shared_data / "fer2013.npz")


@pytest.fixture(scope="module")
def shown(faces: FaceSet) -> Shown:
    found = shown_in_training(faces, SPLIT)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def answers(faces: FaceSet) -> Answers:
    """What each runtime's file makes of each face, before any temperature."""
    images = faces.split(SPLIT).images
    models = folder("model")
    card = expression.read_card(models)
    outputs = {name: run(start(models / FILES[name]), images) for name, start in RUNTIMES.items()}
    return {
        name: {head: weighing_of(card, head).alone(told) for head in REQUIRED}
        for name, told in outputs.items()
    }


def test_what_people_who_talk_told_is_of_the_file_that_runs_by_default() -> None:
    """Measured by benchmarks/talking.py, which takes too long for a test."""
    measured = json.loads((folder("model") / "talking.json").read_text())
    card = expression.read_card(folder("model"))
    assert measured["sha256"] == for_runtime(card, DEFAULT_RUNTIME)["sha256"]
    assert all(measured[emotions]["accuracy"] >= goal for emotions, goal in TALKING.items())
    told = rate(folder("model"), measured["sha256"], "video", "five")
    assert told is not None and told.talking == measured["five"]["accuracy"]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("head", REQUIRED)
def test_accuracy_is_what_the_card_says_and_what_is_required(
    faces: FaceSet, shown: Shown, answers: Answers, head: str, runtime: str
) -> None:
    card = expression.read_card(folder("model"))
    assert default_split(faces) == card["data"]["evaluated_on"] == SPLIT
    told_of = for_runtime(card, runtime)
    evaluation = told_of["evaluation"][head]
    probabilities = calibrated(answers[runtime][head], told_of["temperature"][head])
    for view, told in evaluation.items():
        every, fresh, new = judge(probabilities, faces.split(SPLIT), shown, LABELS_OF[head], view)
        assert every.n == told["n"]
        assert every.accuracy == pytest.approx(told["accuracy"], abs=0.002)
        assert every.reliability.error == pytest.approx(told["ece"], abs=0.003)
        assert fresh is not None
        assert new is not None
        assert new.n < fresh.n < every.n
        assert fresh.accuracy == pytest.approx(told["accuracy_without_copies"], abs=0.002)
        assert new.accuracy == pytest.approx(told["accuracy_new_photographs"], abs=0.002)
        for label, one in every.per_class.items():
            assert told["per_class"][label] == {
                "n": one.n,
                "precision": pytest.approx(one.precision, abs=0.03),
                "recall": pytest.approx(one.recall, abs=0.03),
            }
    lost = 0 if runtime == DEFAULT_RUNTIME else 0.005
    for view, required in REQUIRED[head].items():
        assert evaluation[view]["accuracy"] >= required - lost
    assert evaluation["seven"]["ece"] <= CALIBRATION


def test_a_fifth_of_the_test_is_photographs_that_training_shows(shown: Shown) -> None:
    assert shown.copies.sum() == 280
    assert shown.photographs.sum() == 801
    assert not (shown.copies & ~shown.photographs).any()


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("head", REQUIRED)
def test_a_loaded_model_answers_as_was_measured(
    faces: FaceSet, answers: Answers, head: str, runtime: str
) -> None:
    told = for_runtime(expression.read_card(folder("model")), runtime)
    measured = calibrated(answers[runtime][head][:32], told["temperature"][head])
    scores = expression.load(head, runtime).score(faces.split(SPLIT).images[:32])
    np.testing.assert_allclose(scores.probabilities, measured, atol=1e-5)


@pytest.mark.parametrize("head", REQUIRED)
@pytest.mark.parametrize("runtime", FORMATS)
def test_eight_bits_cost_less_than_a_point(
    faces: FaceSet, answers: Answers, head: str, runtime: str
) -> None:
    trained, small = (
        judge(answers[name][head], faces.split(SPLIT), None, LABELS_OF[head], "seven")[0].accuracy
        for name in ("keras", runtime)
    )
    assert small > trained - 0.01


def test_it_is_as_small_as_required() -> None:
    models = folder("model")
    assert expression.read_card(models)["parameters"] <= 3_000_000
    for file in FILES.values():
        assert (models / file).stat().st_size <= 12_000_000


@pytest.mark.parametrize("way", SPOILT)
def test_what_was_made_unreadable_is_declined(faces: FaceSet, way: str) -> None:
    public = faces.split(SPLIT)
    rng = np.random.default_rng(0)
    clear = public.images[public.majority >= 0][:300]
    spoilt = np.stack([SPOILT[way](image, rng) for image in clear])
    readability = expression.load("video").score(spoilt).readability
    assert (readability < READABLE).mean() > 0.9


def test_hardly_a_good_face_is_declined_and_the_rest_is_read_better(faces: FaceSet) -> None:
    evaluation = evaluate(expression.load("video"), faces, "ferplus", "seven")
    coverage = evaluation.coverage
    assert coverage.good > 2800
    assert coverage.good_dropped is not None
    assert coverage.good_dropped < 0.03
    assert coverage.product.accuracy is not None
    assert coverage.product.accuracy > evaluation.every.accuracy
    told = for_runtime(expression.read_card(folder("model")), DEFAULT_RUNTIME)["coverage"]
    assert told["good"] == coverage.good
    assert told["good_declined"] == pytest.approx(coverage.good_dropped, abs=0.002)
    for point, found in zip(told["points"], coverage.points, strict=True):
        assert point == {
            "threshold": found.threshold,
            "read": pytest.approx(found.coverage, abs=0.005),
            "accuracy": pytest.approx(found.accuracy, abs=0.005),
        }
