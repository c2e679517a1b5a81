"""Load the shipped network and read faces with it."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from affect.contracts import ModelIdentity, Scores
from affect.emotions import EMOTIONS
from affect.errors import ModelError
from affect.expression.network import READABLE
from affect.expression.runtimes import DEFAULT, RUNTIMES, Runtime, run
from affect.resources import folder

NAME = "expression"
FILES: Final = {
    "keras": f"{NAME}.weights.h5",
    "onnx": f"{NAME}.int8.onnx",
    "litert": f"{NAME}.int8.tflite",
}


class Model:
    """A runtime and what turns its outputs into calibrated scores of one head."""

    def __init__(
        self, runtime: Runtime, head: str, temperature: float, identity: ModelIdentity
    ) -> None:
        self._runtime = runtime
        self._head = head
        self._temperature = temperature
        self.identity = identity

    def score(self, crops: NDArray[np.uint8]) -> Scores:
        """Read faces.

        Args:
            crops: uint8, shape (N, 48, 48); N may be 0.

        Returns:
            Scores of the head it was loaded for, probabilities calibrated by its temperature.
        """
        if not len(crops):
            return Scores(np.empty((0, len(EMOTIONS)), np.float32), np.empty(0, np.float32))
        outputs = run(self._runtime, crops)
        return Scores(calibrated(outputs[self._head], self._temperature), outputs[READABLE][:, 0])


def calibrated(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks").

    Args:
        probabilities: float32, shape (N, 7), rows summing to 1.
        temperature: above 0; 1 changes nothing, more makes less sure.

    Returns:
        softmax(log p / temperature), same shape.
    """
    logits = np.log(np.maximum(probabilities, 1e-8)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def read_card(models: Path) -> dict[str, Any]:
    """The card of the shipped model.

    Raises:
        ModelError: there is none, or it cannot be read.
    """
    try:
        card: dict[str, Any] = json.loads((models / f"{NAME}.json").read_text())
    except (OSError, ValueError) as error:
        raise ModelError("The expression model's card is missing or damaged.") from error
    return card


@cache
def load(head: str, runtime: str = DEFAULT) -> Model:
    """The shipped network in one of the `RUNTIMES`, warm; loaded once a process, head and runtime.

    Raises:
        ModelError: its file is missing, is not the card's, or the runtime is not installed.
    """
    try:
        models = folder("model")
    except FileNotFoundError as error:
        raise ModelError("The folder with the expression model is missing.") from error
    file = models / FILES[runtime]
    told = for_runtime(read_card(models), runtime)
    if not file.is_file():
        raise ModelError(f"The expression model's weights, {file.name}, are missing.")
    if hashlib.sha256(file.read_bytes()).hexdigest() != told["sha256"]:
        raise ModelError(
            f"The expression model's weights, {file.name}, are not those its card describes."
        )
    identity = ModelIdentity(NAME, told["sha256"])
    model = Model(RUNTIMES[runtime](file), head, float(told["temperature"][head]), identity)
    model.score(np.zeros((1, 48, 48), np.uint8))
    return model


def for_runtime(card: dict[str, Any], runtime: str) -> dict[str, Any]:
    """What the card says of the file a runtime reads: `sha256`, `temperature`, `evaluation`.

    Raises:
        ModelError: it says nothing of it.
    """
    try:
        told: dict[str, Any] = card if runtime == "keras" else card["runtimes"][runtime]
    except KeyError as error:
        raise ModelError(f"The expression model's card knows no runtime {runtime!r}.") from error
    return told
