"""Files made from a small network, and from the shipped one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from affect.errors import ModelError
from affect.export import FORMATS, convert, difference, sample_faces
from affect.expression import network
from affect.expression.hidden import with_hidden
from affect.expression.model import FILES
from affect.expression.runtimes import RUNTIMES, KerasRuntime, Runtime, run
from affect.expression.trunks import Trunk
from affect.resources import folder


@pytest.fixture(scope="module")
def shipped() -> KerasRuntime:
    return KerasRuntime(folder("model") / FILES["keras"])


@pytest.fixture(scope="module")
def small() -> Any:
    """A network of both trunks that nobody trained; one block narrows to a map of one pixel."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    keras.utils.set_random_seed(3)
    trunks = [
        Trunk("residual", 48, 16, (16, 16), (4, 12), (0, 0)),
        Trunk("separable", 64, 16, (24, 32), (2, 2), (0, 9)),
    ]
    model = network.build(trunks, 0.3, "float32")
    seen = np.random.default_rng(0).random((9, 48))
    taught, _ = with_hidden(model, 4, 8, seen)
    return network.with_readability(taught)


@pytest.mark.parametrize("form", FORMATS)
def test_float_files_answer_as_keras_does(form: str, small: Any, tmp_path: Path) -> None:
    convert(small, form, tmp_path / "float", None)
    runtime = RUNTIMES[form](tmp_path / "float")
    faces = sample_faces()[:33]

    def original(batch: np.ndarray) -> dict[str, np.ndarray]:
        answers: dict[str, np.ndarray] = small.predict_on_batch(batch)
        return answers

    assert difference(runtime, original, faces, "float32") < 1e-4
    assert run(runtime, faces).keys() == {*network.HEADS, network.READABLE}


@pytest.mark.parametrize("form", FORMATS)
def test_int8_is_small_and_close(form: str, shipped: KerasRuntime, tmp_path: Path) -> None:
    convert(shipped.network, form, tmp_path / "int8", sample_faces())
    megabytes = (tmp_path / "int8").stat().st_size / 1e6
    assert megabytes <= 1.1 * shipped.network.count_params() / 1e6
    small = RUNTIMES[form](tmp_path / "int8")
    difference(small, shipped, sample_faces(), "int8")
    # Logarithms are taken of them, so probabilities are told in more than eight bits.
    answers = run(small, sample_faces())
    for head in network.HEADS:
        assert ((answers[head] > 0) & (answers[head] < 1 / 256)).any(), head
    # What cannot be read is told as clearly as by Keras, though no face it was scaled by was so.
    noise = np.random.default_rng(0).integers(0, 256, (20, 48, 48), np.uint8)
    expected, found = (run(runtime, noise)[network.READABLE] for runtime in (shipped, small))
    np.testing.assert_allclose(found, expected, atol=0.1)


def test_no_processor_overflows_by_the_shipped_int8_weights() -> None:
    """Two products of 8 and 7 bits fit into 16, where older processors add them."""
    graph = onnx.load(folder("model") / FILES["onnx"]).graph
    arrays = [onnx.numpy_helper.to_array(constant) for constant in graph.initializer]
    kernels = [array for array in arrays if array.dtype == np.int8 and array.ndim > 1]
    assert len(kernels) > 40
    assert max(np.abs(kernel.astype(int)).max() for kernel in kernels) <= 64


def test_answers_far_from_keras_are_refused() -> None:
    def constant(value: float) -> Runtime:
        return lambda faces: {"ferplus": np.full((len(faces), 7), value, np.float32)}

    faces = sample_faces()
    assert difference(constant(0.5), constant(0.4), faces, "int8") == pytest.approx(0.1)
    for wrong, kind in ((0.5, "float32"), (1.0, "int8"), (float("nan"), "int8")):
        with pytest.raises(ModelError, match="differ from Keras' by up to"):
            difference(constant(wrong), constant(0.4), faces, kind)


def test_what_is_not_installed_is_a_sentence(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tf2onnx.graph", None)
    with pytest.raises(ModelError, match=r"tf2onnx.*not installed.*-m pip install tf2onnx"):
        convert(small, "onnx", tmp_path / "file")
    assert not list(tmp_path.iterdir())
