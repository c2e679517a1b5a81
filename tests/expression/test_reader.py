import numpy as np
import pytest
from numpy.typing import NDArray

from affect.contracts import ModelIdentity, Scores
from affect.expression import Reader
from affect.expression.reader import BATCH


class Echo:
    """Answers with each crop's first pixel, and remembers the size of every batch."""

    identity = ModelIdentity("echo", "0" * 64)

    def __init__(self) -> None:
        self.batches: list[int] = []

    def score(self, crops: NDArray[np.uint8]) -> Scores:
        self.batches.append(len(crops))
        first = crops[:, 0, 0].astype(np.float32)
        return Scores(np.repeat(first[:, None], 7, axis=1), first, first[:, None])

    def answer(self, mean: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.repeat(mean, 7, axis=1)


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH + 5])
def test_every_face_once_in_order_in_whole_batches(count: int) -> None:
    model = Echo()
    reader = Reader(model)
    for start in range(0, count, 7):
        reader.add(
            np.full((48, 48), i % 256, np.uint8) for i in range(start, min(start + 7, count))
        )
    scores = reader.finish()
    np.testing.assert_array_equal(scores.readability, np.arange(count) % 256)
    np.testing.assert_array_equal(scores.said[:, 0], scores.readability)
    assert scores.probabilities.shape == (count, 7)
    assert all(size == BATCH for size in model.batches[:-1])
