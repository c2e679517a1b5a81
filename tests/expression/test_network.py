"""What the network is made of."""

from __future__ import annotations

import os

import numpy as np
import pytest

from affect.expression import network
from affect.expression.trunks import Trunk

TRUNKS = [
    Trunk("residual", 48, 16, (16,), (4,), (9,)),
    Trunk("separable", 64, 16, (24,), (2,), (0,)),
]


@pytest.fixture(autouse=True)
def _keras() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def test_each_trunk_looks_at_the_same_face() -> None:
    model = network.build(TRUNKS, 0.0, "float32")
    assert model.get_layer(network.FEATURES).output.shape == (None, 16 + 24)
    assert {layer.name.split("_")[0] for layer in model.layers} >= {"residual", "separable"}
    # A brighter face with more contrast is the same face.
    face = np.random.default_rng(0).random((1, 48, 48, 1), np.float32) / 2
    for head, answer in model.predict_on_batch(face).items():
        again = model.predict_on_batch(face * 1.5 + 0.1)[head]
        np.testing.assert_allclose(answer, again, atol=1e-3)
        assert answer.sum() == pytest.approx(1, abs=1e-5)
