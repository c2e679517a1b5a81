"""Read faces in batches while they come in, and let their pixels go."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from affect.contracts import CROP_SIZE, ExpressionModel, Scores
from affect.expression.runtimes import BATCH


class Reader:
    """Collects crops, reads them whenever a batch is full, keeps only the scores."""

    def __init__(self, model: ExpressionModel) -> None:
        self._model = model
        self._waiting: list[NDArray[np.uint8]] = []
        self._scores: list[Scores] = []

    def add(self, crops: Iterable[NDArray[np.uint8]]) -> None:
        """Take crops, each uint8 (48, 48)."""
        self._waiting.extend(crops)
        while len(self._waiting) >= BATCH:
            self._read(BATCH)

    def finish(self) -> Scores:
        """The scores of all crops, in the order they were added."""
        if self._waiting or not self._scores:
            self._read(len(self._waiting))
        return Scores(
            np.concatenate([scores.probabilities for scores in self._scores]),
            np.concatenate([scores.readability for scores in self._scores]),
            np.concatenate([scores.said for scores in self._scores]),
        )

    def _read(self, count: int) -> None:
        batch = np.array(self._waiting[:count], np.uint8).reshape(-1, CROP_SIZE, CROP_SIZE)
        del self._waiting[:count]
        self._scores.append(self._model.score(batch))
