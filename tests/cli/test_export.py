from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from affect import cli, export
from affect.errors import ModelError


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.main, ["export", "expression", *map(str, arguments)])


@pytest.mark.parametrize("form", ["onnx", "litert"])
def test_it_writes_the_file_and_tells_the_difference(form: str, tmp_path: Path) -> None:
    result = run("--format", form, "--out", tmp_path / "new" / "model")
    assert result.exit_code == 0, result.output
    assert "On 100 faces its probabilities differ from Keras' by at most" in result.output
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model"]


def test_int8_says_that_it_needs_faces(tmp_path: Path) -> None:
    result = run("--format", "onnx", "--int8", "--out", tmp_path / "model")
    assert result.exit_code == 2
    assert "some hundred real faces are needed. Name FER2013 with --data." in result.output


def test_int8_by_real_faces(shared_data: Path, tmp_path: Path) -> None:
    data = shared_data / "fer2013.npz"
    result = run("--format", "onnx", "--int8", "--data", data, "--out", tmp_path / "model")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "model").stat().st_size < 3_300_000


def test_a_file_that_answers_otherwise_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> float:
        raise ModelError("The exported file's probabilities differ.")

    monkeypatch.setattr(export, "difference", refuse)
    assert run("--format", "onnx", "--out", tmp_path / "model").exit_code == 1
    assert not list(tmp_path.iterdir())
