"""One suite for all that can run the network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from affect import resources
from affect.contracts import ExpressionModel
from affect.errors import ModelError, SettingsError
from affect.export import sample_faces
from affect.expression import ANSWERS, RUNTIMES, load, model
from affect.expression.runtimes import BATCH, architecture_of
from affect.pipeline import analyze

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=list(RUNTIMES))
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def reading(name: str) -> ExpressionModel:
    return load("ferplus", name)


@pytest.fixture(scope="module")
def faces() -> NDArray[np.uint8]:
    return sample_faces()


def test_threads_do_not_disturb_each_other(
    reading: ExpressionModel, faces: NDArray[np.uint8]
) -> None:
    parts = [faces[start : start + 20] for start in range(0, 80, 20)] * 3
    alone = [reading.score(part).probabilities for part in parts]
    with ThreadPoolExecutor(3) as pool:
        together = [scores.probabilities for scores in pool.map(reading.score, parts)]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_an_architecture_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    shipped = resources.folder("model") / model.FILES["keras"]
    weights = tmp_path / shipped.name
    weights.symlink_to(shipped)
    for content in ("", '{"class_name": "Nothing", "config": {}}', None):
        if content is None:
            architecture_of(weights).unlink()
        else:
            architecture_of(weights).write_text(content)
        with pytest.raises(ModelError, match="no network of ours"):
            RUNTIMES["keras"](weights)


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1])
def test_any_number_of_faces_gets_probabilities(
    reading: ExpressionModel, faces: NDArray[np.uint8], count: int
) -> None:
    scores = reading.score(faces[:count])
    assert scores.probabilities.shape == (count, 7)
    assert scores.probabilities.dtype == scores.readability.dtype == np.float32
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1, rtol=1e-4)
    assert ((scores.readability >= 0) & (scores.readability <= 1)).all()


def test_a_face_is_read_the_same_alone_and_in_company(
    reading: ExpressionModel, faces: NDArray[np.uint8]
) -> None:
    together = reading.score(faces[: BATCH + 1]).probabilities
    for row in (3, BATCH):
        alone = reading.score(faces[row : row + 1]).probabilities[0]
        np.testing.assert_allclose(alone, together[row], atol=1e-3)


@pytest.mark.parametrize("head", ANSWERS)
def test_all_runtimes_agree(name: str, head: str, faces: NDArray[np.uint8]) -> None:
    trained, found = load(head, "keras").score(faces), load(head, name).score(faces)
    assert np.abs(trained.probabilities - found.probabilities).mean() < 0.03
    assert np.abs(trained.readability - found.readability).mean() < 0.03
    same = trained.probabilities.argmax(axis=1) == found.probabilities.argmax(axis=1)
    assert same.mean() > 0.9


def test_the_identity_is_the_file_that_was_read(name: str, reading: ExpressionModel) -> None:
    card = model.read_card(resources.folder("model"))
    assert reading.identity.sha256 == model.for_runtime(card, name)["sha256"]
    others = {load("ferplus", other).identity.sha256 for other in RUNTIMES if other != name}
    assert reading.identity.sha256 not in others


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the model folder, in its place."""
    copy = tmp_path / "model"
    shutil.copytree(resources.folder("model"), copy)
    monkeypatch.setattr(model, "folder", lambda name: tmp_path / name)
    return copy


def test_a_damaged_file_is_refused(name: str, copied: Path) -> None:
    file = copied / model.FILES[name]
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match=rf"{file.name}, are not those its card describes"):
        load.__wrapped__("ferplus", name)


def test_a_missing_file_is_refused(name: str, copied: Path) -> None:
    (copied / model.FILES[name]).unlink()
    with pytest.raises(ModelError, match=r"are missing"):
        load.__wrapped__("ferplus", name)


def test_a_card_that_knows_no_such_file_is_refused(copied: Path) -> None:
    card = model.read_card(copied)
    del card["runtimes"]
    (copied / "expression.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="no runtime 'onnx'"):
        load.__wrapped__("ferplus", "onnx")


def test_litert_that_is_not_installed_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ModelError, match=r"not installed.*-m pip install ai-edge-litert"):
        load.__wrapped__("ferplus", "litert")


def test_a_runtime_there_is_not_is_a_sentence(face_video: Path) -> None:
    with pytest.raises(SettingsError, match="no runtime 'abacus'"):
        analyze(face_video, runtime="abacus")


FORKED = """
import os
from affect.expression import load
from affect.export import sample_faces
faces = sample_faces()
before = load("ferplus").score(faces).probabilities
if os.fork() == 0:
    os._exit(0 if (load("ferplus").score(faces).probabilities == before).all() else 1)
print(os.waitstatus_to_exitcode(os.wait()[1]))
"""
LATE = """
import threading, time
from affect.expression import load
from affect.export import sample_faces
def read():
    threading.main_thread().join()
    print(load("ferplus").score(sample_faces()).probabilities.shape)
threading.Thread(target=read).start()
"""


@pytest.mark.parametrize(("code", "told"), [(FORKED, "0"), (LATE, "(100, 7)")])
def test_faces_are_read_in_a_forked_process_and_after_the_main_thread(code: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == told, done.stderr


@pytest.mark.parametrize("light", ["onnx", "litert"])
def test_a_video_is_analysed_without_tensorflow(light: str, face_video: Path) -> None:
    code = (
        "import sys; from affect import analyze;"
        f"print(analyze({str(face_video)!r}, rate=1, runtime={light!r}).summary.dominant,"
        "{'tensorflow', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "happy set()\n", done.stderr
    assert done.stderr == ""
