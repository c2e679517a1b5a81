"""Write a separable trunk with waists that answers nearly as one without, for `train --from`.

What a convolution answers lies mostly in a few directions: a block is narrowed to the principal
components of its answers to faces, and what is left out becomes a constant.

    python docs/narrow.py --data fer2013.npz --model FOLDER --config separable.toml --out narrow
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np

from affect.datasets import fer2013
from affect.expression import network
from affect.expression.model import FILES
from affect.expression.runtimes import KerasRuntime, architecture_of
from affect.expression.trunks import separable_convolutions, waist_name
from affect.training import configuration as configurations
from affect.training.expression import begin, split_training

EXAMPLES = 1024  # faces


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


def main() -> None:
    """Parse, narrow, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--data", "--model", "--config", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    chosen = configurations.read(options.config)
    learning, _ = split_training(fer2013.load(options.data), chosen)
    rows = np.random.default_rng(chosen.seed).permutation(len(learning))[:EXAMPLES]
    faces = learning.images[rows, ..., None].astype(np.float32) / np.float32(255)

    old = KerasRuntime(options.model / FILES["keras"]).network
    new = begin(chosen, None, "float32")
    points = separable_convolutions(len(chosen.widths))[2::2]
    waists = dict(zip(points, chosen.shape.waists, strict=True))
    network.take(old, new)
    for point in points:
        if waists[point]:
            narrow(old, new, point, waists[point], faces)

    options.out.mkdir(parents=True, exist_ok=True)
    weights = options.out / FILES["keras"]
    new.save_weights(weights)
    architecture_of(weights).write_text(new.to_json(indent=1) + "\n")
    configurations.write(chosen, options.out / configurations.published_name(chosen.trunk))


if __name__ == "__main__":
    main()
