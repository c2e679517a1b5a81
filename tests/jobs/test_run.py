"""What a worker does before its first job."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from affect.jobs.run import warm_up


def test_a_missing_model_is_one_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("affect.expression.model.folder", lambda _: tmp_path)
    with caplog.at_level(logging.INFO):
        warm_up("a head never loaded before", "onnx")
    (line,) = caplog.records
    assert "card is missing" in line.getMessage() and line.exc_info is None
