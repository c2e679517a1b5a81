"""Weigh what the heads say at several looks at one face: its seven probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from affect.emotions import EMOTIONS
from affect.expression.network import HEADS

CLASSES: Final = len(EMOTIONS)
FLOOR: Final = 1e-4  # of a probability: how far below it one lies says nothing


@dataclass(frozen=True, eq=False)
class Weighing:
    """A linear layer over the logarithms of what heads say.

    Where a face keeps still, looks at it agree; where it talks, they spread. So a mouth that talks
    can be told from one that is open with surprise, and what is said of it is less often right.

    Attributes:
        heads: whose probabilities are weighed, H of them.
        kernel: float32, shape (14 H, 7): of the mean over the looks, then of their deviation.
        bias: float32, shape (7,).
        doubt: how much less sure it is where looks do not agree, at least 0: what the layer says
            is divided by exp(doubt · mean deviation).
    """

    heads: tuple[str, ...]
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    doubt: float

    @property
    def width(self) -> int:
        """How many numbers are said of a look, 7 H."""
        return CLASSES * len(self.heads)

    @property
    def parameters(self) -> int:
        """How many numbers it consists of."""
        return self.kernel.size + self.bias.size + 1

    def said(self, outputs: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Log probabilities of its heads, float32 (N, 7 H), from the network's outputs."""
        told = np.concatenate([outputs[head] for head in self.heads], axis=1)
        return np.asarray(np.log(np.maximum(told, FLOOR)), np.float32)

    def answer(self, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities, float32 (N, 7), of faces whose looks say so, each float32 (N, 7 H)."""
        logits = np.concatenate([mean, spread], axis=1) @ self.kernel + self.bias
        logits /= np.exp(self.doubt * spread.mean(axis=1, keepdims=True))
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def alone(self, outputs: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Probabilities, float32 (N, 7), of faces that were looked at once."""
        said = self.said(outputs)
        return self.answer(said, np.zeros_like(said))

    def told(self) -> dict[str, Any]:
        """As the card tells it; `from_card` reads it."""
        return {
            "heads": list(self.heads),
            "kernel": [[round(float(weight), 4) for weight in row] for row in self.kernel],
            "bias": [round(float(weight), 4) for weight in self.bias],
            "doubt": round(self.doubt, 4),
        }


def as_said(heads: Sequence[str]) -> Weighing:
    """The first head as it is, the geometric mean over its looks."""
    kernel = np.zeros((2 * CLASSES * len(heads), CLASSES), np.float32)
    kernel[:CLASSES] = np.eye(CLASSES)
    return Weighing(tuple(heads), kernel, np.zeros(CLASSES, np.float32), doubt=0.0)


def from_card(told: Mapping[str, Any]) -> Weighing:
    """What `Weighing.told` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    heads = tuple(str(head) for head in told["heads"])
    kernel, bias = np.array(told["kernel"], np.float32), np.array(told["bias"], np.float32)
    doubt = float(told["doubt"])
    shapes = (2 * CLASSES * len(heads), CLASSES), (CLASSES,)
    finite = np.isfinite(kernel).all() and np.isfinite(bias).all() and 0 <= doubt < np.inf
    if not set(heads) <= set(HEADS) or (kernel.shape, bias.shape) != shapes or not finite:
        raise ValueError("no weighing of seven emotions")
    return Weighing(heads, kernel, bias, doubt)
