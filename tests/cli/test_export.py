from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from affect import cli, export
from affect.datasets import fer2013
from affect.errors import ModelError
from affect.expression.model import FILES
from affect.resources import folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.main, ["export", "expression", *map(str, arguments)])


@pytest.mark.parametrize("form", ["onnx", "litert"])
def test_it_writes_the_file_and_tells_the_difference(form: str, tmp_path: Path) -> None:
    result = run("--format", form, "--out", tmp_path / "new" / "model")
    assert result.exit_code == 0, result.output
    assert "On 100 faces its probabilities differ from Keras' by at most" in result.output
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model"]


@pytest.fixture
def calibrated_by(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The faces that each int8 file was made by; the shipped one is taken instead of a new one."""
    given: list[np.ndarray] = []

    def convert(network: object, form: str, file: Path, calibration: np.ndarray) -> None:
        given.append(calibration)
        shutil.copy(folder("model") / FILES[form], file)

    monkeypatch.setattr(export, "convert", convert)
    return given


def test_int8_by_the_photographs_that_everybody_has(
    calibrated_by: list[np.ndarray], tmp_path: Path
) -> None:
    result = run("--format", "litert", "--int8", "--out", tmp_path / "model")
    assert result.exit_code == 0, result.output
    assert "On 100 faces its probabilities differ" in result.output
    np.testing.assert_array_equal(calibrated_by, [export.sample_faces()])


def test_int8_by_faces_it_was_trained_on_checked_on_those_held_out(
    calibrated_by: list[np.ndarray], shared_data: Path, tmp_path: Path
) -> None:
    data = shared_data / "fer2013.npz"
    result = run("--format", "onnx", "--int8", "--data", data, "--out", tmp_path / "model")
    assert result.exit_code == 0, result.output
    assert "On 2703 faces its probabilities differ" in result.output
    (given,) = calibrated_by
    assert given.shape == (512, 48, 48)
    faces = fer2013.load(data)
    assert {face.tobytes() for face in given} <= {
        face.tobytes() for face in faces.split("Training").images
    }


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
