from __future__ import annotations

from pathlib import Path

import numpy as np

from affect.datasets.fer2013 import FaceSet
from affect.training import expression, weights
from affect.training.configuration import Configuration
from affect.training.targets import probabilities


def test_half_the_space_answers_the_same(
    faces: FaceSet, separable: Configuration, tmp_path: Path
) -> None:
    model, again = (expression.begin(separable, None, "float32") for _ in range(2))
    tiny_variance = model.get_layer("separable_stem_norm")
    *_, variance = values = tiny_variance.get_weights()
    tiny_variance.set_weights([*values[:-1], np.full_like(variance, 1e-9)])
    whole, half = tmp_path / "whole.weights.h5", tmp_path / "half.weights.h5"
    model.save_weights(whole)
    weights.save(model, half)
    assert {file.name for file in tmp_path.iterdir()} == {whole.name, half.name}
    again.load_weights(half)
    assert {weight.dtype for weight in again.weights} == {"float32"}
    assert again.get_layer("separable_stem_norm").get_weights()[-1].max() == np.float32(1e-9)
    before, after = (probabilities(one, faces.images[:50])["fer2013"] for one in (model, again))
    np.testing.assert_allclose(after, before, atol=2e-3)
    kernels = sum(weight.numpy().nbytes for weight in model.weights if len(weight.shape) > 1)
    assert half.stat().st_size < whole.stat().st_size - 0.4 * kernels
