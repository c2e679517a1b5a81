import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affect.errors import ModelError
from affect.expression import model

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


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_damaged_card_is_a_sentence(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "expression.json").write_text(content)
    with pytest.raises(ModelError, match="card"):
        model.read_card(tmp_path)


@pytest.mark.parametrize("missing", ["sha256", "temperature", "runtimes"])
def test_a_card_that_lacks_something_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    shipped = model.folder("model")
    card = json.loads((shipped / "expression.json").read_text())
    described = card if missing == "runtimes" else card["runtimes"]["onnx"]
    del described[missing]
    (tmp_path / "expression.json").write_text(json.dumps(card))
    (tmp_path / "expression.int8.onnx").symlink_to(shipped / "expression.int8.onnx")
    monkeypatch.setattr(model, "folder", lambda _: tmp_path)
    with pytest.raises(ModelError, match="card"):
        model.load.__wrapped__("ferplus", "onnx")
