"""Write a run whose separable trunk has waists and answers as that of another run, without any.

What a convolution answers lies mostly in a few directions. Each block begins narrowed to the
principal components of its answers to faces; then all narrowed ones together learn to bring about
the same features as the whole trunk, on faces changed a little. No label is looked at.

    python docs/narrow.py --data fer2013.npz --run whole --config separable.toml --out narrow
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from affect.datasets import fer2013
from affect.expression import network
from affect.expression.trunks import separable_convolutions, waist_name
from affect.training import configuration as configurations
from affect.training import run_folder
from affect.training.augment import touch_up
from affect.training.expression import begin, split_training

EXAMPLES = 1024  # faces whose answers have components
LOOKS = 2  # changed variants of each face to learn by
EPOCHS = 3
RATE = 1e-3  # the highest


def narrow(old: Any, new: Any, point: str, waist: int, faces: np.ndarray) -> None:
    """Put a convolution of `old` into `new` by way of its waist."""
    seen = keras.Model(old.input, old.get_layer(point).output)
    answers = seen.predict(faces, batch_size=64, verbose=0).reshape(-1, seen.output.shape[-1])
    mean = answers.mean(axis=0)
    _, directions = np.linalg.eigh(np.cov(answers, rowvar=False))
    directions = directions[:, -waist:]
    (kernel,) = old.get_layer(point).get_weights()
    new.get_layer(waist_name(point)).set_weights([kernel @ directions])
    new.get_layer(point).set_weights([directions.T[None, None]])
    scale, shift, usual, variance = old.get_layer(f"{point}_norm").get_weights()
    constant = mean - directions @ (directions.T @ mean)
    new.get_layer(f"{point}_norm").set_weights([scale, shift, usual - constant, variance])


def match(old: Any, new: Any, images: np.ndarray, seed: int) -> None:
    """Let `new` learn to see what `old` sees; below the first waist both see the same."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    faces = np.stack([touch_up(image, rng) for image in images for _ in range(LOOKS)])[..., None]
    whole, narrowed = (
        keras.Model(model.input, model.get_layer(network.FEATURES).output) for model in (old, new)
    )
    learns = False
    for layer in narrowed.layers:
        learns = learns or layer.name.endswith("_waist")
        layer.trainable = learns and not isinstance(layer, keras.layers.BatchNormalization)
    seen = whole.predict(faces, batch_size=128, verbose=0)
    steps = EPOCHS * -(-len(faces) // 128)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps * 9 // 10, warmup_target=RATE, warmup_steps=steps // 10
    )
    narrowed.compile(keras.optimizers.Adam(schedule), "mse")
    narrowed.fit(faces, seen, batch_size=128, epochs=EPOCHS, verbose=2)


def main() -> None:
    """Parse, narrow, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--data", "--run", "--config", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    chosen = configurations.read(options.config)
    whole = configurations.read(options.run / run_folder.CONFIGURATION)
    learning, _ = split_training(fer2013.load(options.data), chosen)
    rows = np.random.default_rng(chosen.seed).permutation(len(learning))[:EXAMPLES]
    faces = learning.images[rows, ..., None].astype(np.float32) / np.float32(255)

    old, new = begin(whole, None, "float32"), begin(chosen, None, "float32")
    old.load_weights(options.run / run_folder.WEIGHTS)
    network.take(old, new)
    points = separable_convolutions(len(chosen.widths))[2::2]
    for point, waist in zip(points, chosen.shape.waists, strict=True):
        if waist:
            narrow(old, new, point, waist, faces)
    match(old, new, learning.images, chosen.seed)

    options.out.mkdir(parents=True, exist_ok=True)
    new.save_weights(options.out / run_folder.WEIGHTS)
    configurations.write(chosen, options.out / run_folder.CONFIGURATION)
    shutil.copyfile(options.run / run_folder.LOG, options.out / run_folder.LOG)


if __name__ == "__main__":
    main()
