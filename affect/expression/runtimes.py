"""What can run the network: Keras, ONNX Runtime, LiteRT. Each is imported when it is chosen.

Each is made from a file and then called with faces, float32 (N, 48, 48, 1) in [0, 1], N from 1 to
`BATCH`; it answers with the network's outputs by name, as `network.with_readability` describes.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from affect.errors import ModelError
from affect.expression.quiet import quiet

BATCH = 32

Faces = NDArray[np.float32]
Outputs = Mapping[str, NDArray[np.float32]]
Runtime = Callable[[Faces], Outputs]
_Answer = Future[list[NDArray[np.float32]]]


class KerasRuntime:
    """Runs trained weights, `NAME.weights.h5`, with `NAME.architecture.json` beside them."""

    def __init__(self, weights: Path) -> None:
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with quiet():
            import keras

            try:
                architecture = architecture_of(weights).read_text()
                self.network: Any = keras.models.model_from_json(architecture)
                self.network.load_weights(weights)
            except (OSError, TypeError, ValueError) as error:
                raise ModelError(
                    f"{weights} and the architecture beside it hold no network of ours."
                ) from error

    def __call__(self, faces: Faces) -> Outputs:
        """Fill the batch up, so that the network is compiled for one size only."""
        full = np.zeros((BATCH, *faces.shape[1:]), np.float32)
        full[: len(faces)] = faces
        outputs = self.network.predict_on_batch(full)
        return {name: output[: len(faces)] for name, output in outputs.items()}


def architecture_of(weights: Path) -> Path:
    """The file with the architecture of trained weights."""
    return weights.with_name(weights.name.split(".")[0] + ".architecture.json")


class OnnxRuntime:
    """Runs an ONNX file; each core reads its own part of the faces, and waits for no other."""

    def __init__(self, file: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1  # many on each face would wait for each other, busily
        self._session = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    def __call__(self, faces: Faces) -> Outputs:
        """Any number of faces at once."""
        parts = np.array_split(faces, min(len(faces), _cores()))
        answers: list[_Answer] = [Future() for _ in parts]
        # Threads of this call alone: a pool would not survive a fork, nor the main thread's end.
        for part, answer in zip(parts[1:], answers[1:], strict=True):
            threading.Thread(target=self._read, args=(part, answer)).start()
        self._read(parts[0], answers[0])
        whole = map(np.concatenate, zip(*(answer.result() for answer in answers), strict=True))
        return dict(zip(self._outputs, whole, strict=True))

    def _read(self, faces: Faces, answer: _Answer) -> None:
        try:
            answer.set_result(self._session.run(self._outputs, {self._input: faces}))
        except BaseException as error:
            answer.set_exception(error)


def _cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LitertRuntime:
    """Runs a LiteRT file, formerly TensorFlow Lite."""

    def __init__(self, file: Path) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ModelError(
                "The runtime LiteRT is not installed.",
                f"Install it: {sys.executable} -m pip install ai-edge-litert",
            ) from error
        self._one_at_a_time = threading.Lock()  # an interpreter keeps what it is at in itself
        with quiet():
            interpreter = Interpreter(model_path=str(file), num_threads=_cores())
            self._run = interpreter.get_signature_runner()
            (self._input,) = self._run.get_input_details()
            self(np.zeros((1, 48, 48, 1), np.float32))  # it tells of itself when it first runs

    def __call__(self, faces: Faces) -> Outputs:
        """The signature's runner makes room for as many faces as come."""
        with self._one_at_a_time:
            outputs: Outputs = self._run(**{self._input: faces})
        return outputs


RUNTIMES: Final[Mapping[str, Callable[[Path], Runtime]]] = {
    "keras": KerasRuntime,
    "onnx": OnnxRuntime,
    "litert": LitertRuntime,
}
DEFAULT_RUNTIME: Final = "onnx"


def as_input(crops: NDArray[np.uint8] | NDArray[np.float32]) -> Faces:
    """Faces as the network takes them, from (N, 48, 48): uint8, or float32 in [0, 1]."""
    scale = np.float32(255 if crops.dtype == np.uint8 else 1)
    return np.asarray(crops[..., None] / scale, np.float32)


def run(runtime: Runtime, crops: NDArray[np.uint8] | NDArray[np.float32]) -> Outputs:
    """Run over any number of faces, (N, 48, 48), N at least 1, in batches; types as `as_input`."""
    parts = [
        runtime(as_input(crops[start : start + BATCH])) for start in range(0, len(crops), BATCH)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
