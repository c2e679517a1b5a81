import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affect import resources
from affect.errors import ModelError
from affect.expression import load, model

rows = arrays(np.float32, (4, 7), elements=st.floats(0.0078125, 1, width=32))


@given(rows, st.floats(0.2, 5))
def test_calibration_keeps_order_and_sums_to_one(raw: np.ndarray, temperature: float) -> None:
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    result = model.calibrated(probabilities, temperature)
    np.testing.assert_allclose(result.sum(axis=1), 1, rtol=1e-5)
    chosen = np.take_along_axis(probabilities, result.argmax(axis=1)[:, None], axis=1)
    np.testing.assert_allclose(chosen[:, 0], probabilities.max(axis=1), rtol=1e-5)


def test_temperature_one_changes_nothing_and_more_makes_less_sure() -> None:
    probabilities = np.array([[0.7, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]], np.float32)
    np.testing.assert_allclose(model.calibrated(probabilities, 1), probabilities, rtol=1e-5)
    assert model.calibrated(probabilities, 2).max() < 0.7


@pytest.mark.parametrize("head", ["ferplus", "fer2013"])
@pytest.mark.parametrize("count", [0, 1, 33])
def test_scores_are_probabilities_whatever_the_number_of_faces(head: str, count: int) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (count, 48, 48), dtype=np.uint8)
    scores = load(head).score(crops)
    assert scores.probabilities.shape == (count, 7)
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1, rtol=1e-4)
    assert ((scores.readability >= 0) & (scores.readability <= 1)).all()


def test_a_face_is_read_the_same_alone_and_in_company() -> None:
    crops = np.random.default_rng(1).integers(0, 256, (5, 48, 48), dtype=np.uint8)
    together = load("ferplus").score(crops)
    alone = load("ferplus").score(crops[3:4])
    np.testing.assert_allclose(alone.probabilities[0], together.probabilities[3], atol=1e-4)


def test_the_card_names_the_weights() -> None:
    card = model.read_card(resources.folder("model"))
    assert load("ferplus").identity.sha256 == card["sha256"]


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "model"
    shutil.copytree(resources.folder("model"), copy)
    weights = copy / "expression.weights.h5"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    monkeypatch.setattr(model, "folder", lambda name: tmp_path / name)
    with pytest.raises(ModelError, match="not those its card describes"):
        load.__wrapped__("ferplus")


@pytest.mark.parametrize("content", [None, "{", json.dumps([])[:1]])
def test_a_damaged_card_is_a_sentence(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "expression.json").write_text(content)
    with pytest.raises(ModelError, match="card"):
        model.read_card(tmp_path)
