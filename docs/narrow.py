"""Write a run whose residual trunk has waists and sees as that of another run, which has none.

A convolution of 3×3 is cut into one of 3×1 and one of 1×3 with as many channels between them as
its waist: those of its singular value decomposition that count most (Jaderberg et al. 2014). Then
all halves together learn to bring about the features of the whole trunk, on faces changed a
little. No label is looked at.

    python docs/narrow.py --data fer2013.npz --run whole --config residual.toml --out narrow
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
from affect.expression.trunks import waist_name
from affect.training import configuration as configurations
from affect.training import run_folder
from affect.training.augment import augment, touch_up
from affect.training.expression import begin, split_training

LOOKS = (touch_up, augment)  # how each face is changed to learn by
EPOCHS = 2
RATE = 1e-3  # the highest


def halves(kernel: np.ndarray, waist: int) -> tuple[np.ndarray, np.ndarray]:
    """A kernel (3, 3, C, C') as (3, 1, C, waist) and (1, 3, waist, C'), as near as can be."""
    height, width, before, after = kernel.shape
    square = kernel.transpose(0, 2, 1, 3).reshape(height * before, width * after)
    left, values, right = np.linalg.svd(square, full_matrices=False)
    root = np.sqrt(values[:waist])
    first = (left[:, :waist] * root).reshape(height, 1, before, waist)
    second = (root[:, None] * right[:waist]).reshape(waist, 1, width, after)
    return first, second.transpose(1, 2, 0, 3)


def cut(old: Any, new: Any) -> None:
    """Give `new` the weights of `old`, each convolution with a waist in halves."""
    network.take(old, new)
    for layer in list(new.layers):
        if layer.name.endswith(waist_name("")):
            name = layer.name.removesuffix(waist_name(""))
            (kernel,) = old.get_layer(name).get_weights()
            for half, array in zip(
                (layer, new.get_layer(name)), halves(kernel, layer.filters), strict=True
            ):
                half.set_weights([array])


def match(old: Any, new: Any, images: np.ndarray, seed: int) -> None:
    """Let `new` learn to see what `old` sees."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    faces = np.stack([change(image, rng) for image in images for change in LOOKS])[..., None]
    whole, narrowed = (
        keras.Model(model.input, model.get_layer(network.FEATURES).output) for model in (old, new)
    )
    for layer in narrowed.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    seen = whole.predict(faces, batch_size=128, verbose=0)
    steps = EPOCHS * -(-len(faces) // 128)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps * 9 // 10, warmup_target=RATE, warmup_steps=steps // 10
    )
    narrowed.compile(keras.optimizers.Adam(schedule), "mse")
    narrowed.fit(faces, seen, batch_size=128, epochs=EPOCHS, verbose=2)


def main() -> None:
    """Parse, cut, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--data", "--run", "--config", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    chosen = configurations.read(options.config)
    whole = configurations.read(options.run / run_folder.CONFIGURATION)
    learning, held_out = split_training(fer2013.load(options.data), chosen)
    run_folder.check_held_out(options.run, held_out)

    old, new = begin(whole, None, "float32"), begin(chosen, None, "float32")
    old.load_weights(options.run / run_folder.WEIGHTS)
    cut(old, new)
    match(old, new, learning.images, chosen.seed)

    options.out.mkdir(parents=True, exist_ok=True)
    new.save_weights(options.out / run_folder.WEIGHTS)
    (options.out / run_folder.HELD_OUT).write_text(f"{held_out.digest}\n")
    configurations.write(chosen, options.out / run_folder.CONFIGURATION)
    shutil.copyfile(options.run / run_folder.LOG, options.out / run_folder.LOG)


if __name__ == "__main__":
    main()
