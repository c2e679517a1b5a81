"""Load the shipped network and read faces with it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affect.contracts import ModelIdentity, Scores
from affect.emotions import EMOTIONS
from affect.errors import ModelError
from affect.expression.network import READABLE
from affect.resources import folder

NAME = "expression"
BATCH = 32


class KerasModel:
    """The network run by Keras, in batches of one size so that it is compiled once."""

    def __init__(self, network: Any, card: dict[str, Any], head: str) -> None:
        self._network = network
        self._head = head
        self._temperature = float(card["temperature"][head])
        self.identity = ModelIdentity(card["name"], card["sha256"])

    def score(self, crops: NDArray[np.uint8]) -> Scores:
        """Read faces.

        Args:
            crops: uint8, shape (N, 48, 48); N may be 0.

        Returns:
            Scores of the head it was loaded for, probabilities calibrated by its temperature.
        """
        probabilities = np.empty((len(crops), len(EMOTIONS)), np.float32)
        readability = np.empty(len(crops), np.float32)
        for start in range(0, len(crops), BATCH):
            part = crops[start : start + BATCH]
            faces = np.zeros((BATCH, *part.shape[1:], 1), np.float32)
            faces[: len(part), ..., 0] = part / np.float32(255)
            outputs = self._network.predict_on_batch(faces)
            rows = slice(start, start + len(part))
            probabilities[rows] = outputs[self._head][: len(part)]
            readability[rows] = outputs[READABLE][: len(part), 0]
        return Scores(calibrated(probabilities, self._temperature), readability)


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
def load(head: str) -> KerasModel:
    """The shipped network, compiled and warm; loaded once a process and head.

    Raises:
        ModelError: its files are missing, or the weights are not those of the card.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        models = folder("model")
    except FileNotFoundError as error:
        raise ModelError("The folder with the expression model is missing.") from error
    card = read_card(models)
    weights = models / f"{NAME}.weights.h5"
    architecture = models / f"{NAME}.architecture.json"
    if not weights.is_file() or not architecture.is_file():
        raise ModelError("The expression model's weights or architecture are missing.")
    if hashlib.sha256(weights.read_bytes()).hexdigest() != card["sha256"]:
        raise ModelError("The expression model's weights are not those its card describes.")
    with _quiet():
        import keras

        network = keras.models.model_from_json(architecture.read_text())
        network.load_weights(weights)
        model = KerasModel(network, card, head)
        model.score(np.zeros((1, 48, 48), np.uint8))
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep away what TensorFlow writes to file descriptor 2 while it starts, whatever it is told.

    Python's own `sys.stderr` would not do: the lines come from C++, before any log level holds.
    """
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
