"""Write blends of two faces and what two teachers answer to them, for `train --answers`.

Each face that a run learns from is blended with another one, both moved a little. A teacher knows
the faces it learned by heart; to a blend it has to say what it thinks ("function matching", Beyer
et al. 2022, "Knowledge distillation: A good teacher is patient and consistent"). Both heads hear
the published network, as photographs taught it; the head `fer2013` hears a second one as much.

The second is the DenseNet-121 that an npm package carries (MIT). Its makers do not say what it
learned from; see docs/training.md for what can be measured.

    npm pack faceplugin-face-recognition-js@0.0.1
    tar xzf faceplugin-face-recognition-js-0.0.1.tgz
    python docs/blends.py --data fer2013.npz --config separable.toml --model FOLDER \
        --second package/model/fr_expression.onnx --out blends.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import keras
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from affect.datasets import fer2013
from affect.expression import network
from affect.expression.model import FILES, calibrated
from affect.expression.runtimes import KerasRuntime
from affect.training import configuration as configurations
from affect.training.augment import touch_up
from affect.training.expression import split_training
from affect.training.targets import Targets, probabilities

SEED = 11
LEAST = 0.5  # of a blend is its first face
SIDE = 224  # pixels that the second teacher looks at
TEMPERATURE = 1.5  # it is surer than it should be


def blend(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As many blends as there are faces, uint8 (N, 48, 48)."""
    rng = np.random.default_rng(SEED)
    first, second = rng.permutation(len(images)), rng.permutation(len(images))
    blends = []
    for one, other, share in zip(first, second, rng.uniform(LEAST, 0.8, len(images)), strict=True):
        face = share * touch_up(images[one], rng) + (1 - share) * touch_up(images[other], rng)
        blends.append(np.rint(face * 255))
    return np.asarray(blends, np.uint8)


def of_photographs(folder: Path, images: NDArray[np.uint8]) -> Targets:
    """What a published network answers; its head `ferplus` as photographs alone taught it."""
    model = KerasRuntime(folder / FILES["keras"]).network
    if network.PHOTOGRAPHS in {layer.name for layer in model.layers}:
        logits = model.get_layer(network.PHOTOGRAPHS).output
        heads = model.output | {"ferplus": keras.layers.Softmax()(logits)}
        model = keras.Model(model.input, heads)
    return probabilities(model, images)


def of_second(file: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the second teacher answers, float32 (N, 7); it sees one face at a time, in color."""
    session = onnxruntime.InferenceSession(file)
    (name,) = (one.name for one in session.get_inputs())
    answers = []
    for image in images:
        enlarged = cv2.resize(image, (SIDE, SIDE)).astype(np.float32) / 255
        answers.append(session.run(None, {name: np.tile(enlarged, (1, 3, 1, 1))})[0][0])
    logits = np.asarray(answers, np.float32)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return calibrated(powers / powers.sum(axis=1, keepdims=True), TEMPERATURE)


def main() -> None:
    """Parse, blend, ask, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--data", "--config", "--model", "--second", "--out"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    configuration = configurations.read(options.config)
    learning, _ = split_training(fer2013.load(options.data), configuration)
    images = blend(learning.images)
    told = of_photographs(options.model, images)
    told["fer2013"] = np.float32(0.5) * (told["fer2013"] + of_second(options.second, images))
    np.savez(options.out, images=images, **told)


if __name__ == "__main__":
    main()
