from __future__ import annotations

from pathlib import Path

import numpy as np
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


def test_int8_by_the_photographs_that_everybody_has(tmp_path: Path) -> None:
    result = run("--format", "onnx", "--int8", "--out", tmp_path / "model")
    assert result.exit_code == 0, result.output
    assert "On 100 faces its probabilities differ" in result.output
    assert (tmp_path / "model").stat().st_size < 3_300_000


def test_faces_that_the_network_was_not_trained_on_are_refused(
    shared_data: Path, tmp_path: Path
) -> None:
    """One row less, and chance would hold out faces that the network has learned."""
    with np.load(shared_data / "fer2013.npz") as archive:
        rows = np.flatnonzero(archive["usage_names"][archive["usage"]] == "Training")
        kept = np.delete(np.arange(len(archive["usage"])), rows[7])
        per_face = ("pixels", "label", "usage", "votes")
        parts = {n: archive[n][kept] if n in per_face else archive[n] for n in archive.files}
    np.savez(tmp_path / "fewer.npz", **parts)
    data = tmp_path / "fewer.npz"
    result = run("--format", "onnx", "--int8", "--data", data, "--out", tmp_path / "model")
    assert result.exit_code == 1
    assert "was trained on other faces" in result.output
    assert not (tmp_path / "model").exists()


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

    def write(network: object, form: str, file: Path, calibration: object) -> None:
        file.write_bytes(b"answers otherwise")

    monkeypatch.setattr(export, "convert", write)
    monkeypatch.setattr(export, "difference", refuse)
    assert run("--format", "onnx", "--out", tmp_path / "model").exit_code == 1
    assert not list(tmp_path.iterdir())
