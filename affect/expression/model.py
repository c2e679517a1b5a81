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
from affect.errors import ModelError
from affect.expression.network import READABLE, VIDEO
from affect.expression.runtimes import DEFAULT_RUNTIME, RUNTIMES, Runtime, run
from affect.expression.weighing import Weighing, as_said, from_card
from affect.resources import folder

NAME = "expression"
CARD: Final = f"{NAME}.json"
FILES: Final = {
    "keras": f"{NAME}.weights.h5",
    "onnx": f"{NAME}.int8.onnx",
    "litert": f"{NAME}.int8.tflite",
}


class Model:
    """A runtime and what turns its outputs into calibrated answers."""

    def __init__(
        self, runtime: Runtime, weighing: Weighing, temperature: float, identity: ModelIdentity
    ) -> None:
        self._runtime = runtime
        self._weighing = weighing
        self._temperature = temperature
        self.identity = identity

    def score(self, crops: NDArray[np.uint8]) -> Scores:
        """Read faces, each by itself.

        Args:
            crops: uint8, shape (N, 48, 48); N may be 0.

        Returns:
            Scores of the head it was loaded for, probabilities calibrated by its temperature.
        """
        if not len(crops):
            said = np.empty((0, self._weighing.width), np.float32)
            return Scores(self.answer(said, said), np.empty(0, np.float32), said)
        outputs = run(self._runtime, crops)
        said = self._weighing.said(outputs)
        alone = self.answer(said, np.zeros_like(said))
        return Scores(alone, outputs[READABLE][:, 0], said)

    def answer(self, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        """What several looks at one face say together; the temperature is that of a single look."""
        return calibrated(self._weighing.answer(mean, spread), self._temperature)


def calibrated(
    probabilities: NDArray[np.float32], temperature: float | NDArray[np.float32]
) -> NDArray[np.float32]:
    """Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks").

    Args:
        probabilities: float32, shape (N, 7), rows summing to 1.
        temperature: above 0, of all or of each, shape (N, 1); 1 changes nothing, more makes less
            sure.

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
        card: dict[str, Any] = json.loads((models / CARD).read_text())
    except (OSError, ValueError) as error:
        raise ModelError("The expression model's card is missing or damaged.") from error
    if not isinstance(card, dict):
        raise ModelError("The expression model's card is damaged.")
    return card


@cache
def load(head: str, runtime: str = DEFAULT_RUNTIME) -> Model:
    """The shipped network in one of the `RUNTIMES`, warm; loaded once a process, head and runtime.

    Raises:
        ModelError: its file is missing, is not the card's, or the runtime is not installed.
    """
    try:
        models = folder("model")
    except FileNotFoundError as error:
        raise ModelError("The folder with the expression model is missing.") from error
    file = models / FILES[runtime]
    card = read_card(models)
    told = for_runtime(card, runtime)
    try:
        checksum, temperature = str(told["sha256"]), float(told["temperature"][head])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The expression model's card does not describe {file.name} and the head {head!r}."
        ) from error
    if not file.is_file():
        raise ModelError(f"The expression model's weights, {file.name}, are missing.")
    if hashlib.sha256(file.read_bytes()).hexdigest() != checksum:
        raise ModelError(
            f"The expression model's weights, {file.name}, are not those its card describes."
        )
    identity = ModelIdentity(NAME, checksum)
    model = Model(RUNTIMES[runtime](file), weighing_of(card, head), temperature, identity)
    model.score(np.zeros((1, 48, 48), np.uint8))
    return model


def weighing_of(card: dict[str, Any], head: str) -> Weighing:
    """How the answer named `head` comes from what the network says.

    Raises:
        ModelError: the card does not say so.
    """
    if head != VIDEO:
        return as_said([head])
    try:
        return from_card(card[VIDEO])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("The expression model's card does not say how video is read.") from error


def for_runtime(card: dict[str, Any], runtime: str) -> dict[str, Any]:
    """What the card says of the file a runtime reads: `sha256`, `temperature`, `evaluation`.

    Raises:
        ModelError: it says nothing of it.
    """
    try:
        told: dict[str, Any] = card if runtime == "keras" else card["runtimes"][runtime]
    except (KeyError, TypeError) as error:
        raise ModelError(f"The expression model's card knows no runtime {runtime!r}.") from error
    return told
