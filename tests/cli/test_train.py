from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from affect import cli


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three faces without votes."""
    path = tmp_path / "faces.npz"
    np.savez(
        path,
        pixels=np.full((3, 48, 48), 9, np.uint8),
        label=np.array([0, 1, 2], np.uint8),
        usage=np.zeros(3, np.uint8),
        usage_names=np.array(["Training"]),
    )
    return path


def test_missing_or_foreign_data_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("not an archive")
    for name in ("none.npz", "text.npz"):
        arguments = ["train", "expression", "--data", str(tmp_path / name)]
        result = CliRunner().invoke(cli.main, [*arguments, "--out", str(tmp_path / "run")])
        assert result.exit_code == 1
        assert "Expected an .npz with pixels" in result.output
        assert "Traceback" not in result.output
        assert not (tmp_path / "run").exists()


def test_unknown_settings_are_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("epoch = 3")
    arguments = ["train", "expression", "--data", str(data), "--out", str(tmp_path / "run")]
    result = CliRunner().invoke(cli.main, [*arguments, "--config", str(tmp_path / "run.toml")])
    assert result.exit_code == 2
    assert "'epoch'" in result.output
    assert not (tmp_path / "run").exists()


def test_publish_says_what_is_not_installed_before_it_begins(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("affect.export.convert"), "_PACKAGES", ("no_such_package",))
    arguments = ["publish", "expression", "--data", str(data), "--run", str(tmp_path / "none")]
    result = CliRunner().invoke(cli.main, [*arguments, "--out", str(tmp_path / "model")])
    assert result.exit_code == 1
    assert "no_such_package, which is not installed" in result.output
    assert "-m pip install tf2onnx ai-edge-litert" in result.output


def test_publish_needs_a_run(data: Path, tmp_path: Path) -> None:
    arguments = ["publish", "expression", "--data", str(data), "--run", str(tmp_path / "none")]
    result = CliRunner().invoke(cli.main, [*arguments, "--out", str(tmp_path / "model")])
    assert result.exit_code == 1
    assert "best.weights.h5 is missing" in result.output
    assert not (tmp_path / "model").exists()
